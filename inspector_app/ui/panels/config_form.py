"""A model's settings as a form, generated from the JSON schema of its card."""

import logging
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from inspector_app.ui.icons import icon
from inspector_app.ui.panels.config_fields import Field, make_field

_LABEL_WIDTH_PX = 130
_FIELD_WIDTH_PX = 182

_log = logging.getLogger(__name__)


class ConfigForm(QWidget):
    """Shows the settings of one schema and tells which differ from their defaults."""

    changed = Signal()
    """A value is another one, or is being typed."""

    def __init__(self, schema: Mapping[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._defaults: dict[str, Any] = {}
        self._fields: dict[str, Field] = {}
        self._create_widgets()
        self._lay_out()
        self._fill(schema)

    def values(self) -> dict[str, Any]:
        """Return the settings that differ from their defaults."""
        values = {name: field.value() for name, field in self._fields.items()}
        return {name: value for name, value in values.items() if value != self._defaults[name]}

    def field(self, name: str) -> Field:
        return self._fields[name]

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show these settings, and the defaults of all others."""
        for name, field in self._fields.items():
            field.set_value(values.get(name, self._defaults[name]))

    def _create_widgets(self) -> None:
        self._main = _make_form()
        self._advanced = QWidget()
        self._advanced_form = _make_form()
        self._advanced.setLayout(self._advanced_form)
        self._advanced.hide()
        self._disclosure = QToolButton()
        self._disclosure.setProperty("role", "disclosure")
        self._disclosure.setText(self.tr("Advanced"))
        self._disclosure.setIcon(icon("chevron-right"))
        self._disclosure.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._disclosure.setCheckable(True)
        self._disclosure.toggled.connect(lambda is_on: self.set_advanced_shown(is_shown=is_on))

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._main)
        layout.addWidget(self._disclosure)
        layout.addWidget(self._advanced)

    def _fill(self, schema: Mapping[str, Any]) -> None:
        for name, written in schema.get("properties", {}).items():
            prop = _resolve(written, schema)
            if prop.get("x-hidden"):
                continue
            field = make_field(prop)
            if field is None:
                _log.warning("no input for the setting %s: %s", name, prop)
                continue
            self._add(name, prop, field)
        self._disclosure.setVisible(self._advanced_form.rowCount() > 0)

    def _add(self, name: str, prop: Mapping[str, Any], field: Field) -> None:
        field.set_value(prop.get("default"))
        # Read back: what the input makes of it is what “unchanged” means.
        self._defaults[name] = field.value()
        self._fields[name] = field
        tooltip = str(prop.get("description", ""))
        label = QLabel(str(prop.get("title", name)))
        label.setWordWrap(True)
        # Fixed, so that the fields of every model begin and end in the same places.
        label.setFixedWidth(_LABEL_WIDTH_PX)
        label.setBuddy(field.widget)
        label.setToolTip(tooltip)
        field.widget.setToolTip(tooltip)
        field.widget.setFixedWidth(_FIELD_WIDTH_PX)
        field.widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        field.on_change(self.changed.emit)
        form = self._advanced_form if _is_advanced(prop) else self._main
        form.addRow(label, field.widget)

    def set_advanced_shown(self, *, is_shown: bool) -> None:
        self._disclosure.setChecked(is_shown)
        self._advanced.setVisible(is_shown)
        self._disclosure.setIcon(icon("chevron-down" if is_shown else "chevron-right"))


def _make_form() -> QFormLayout:
    form = QFormLayout()
    form.setContentsMargins(0, 0, 0, 0)
    form.setVerticalSpacing(7)
    form.setHorizontalSpacing(10)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
    form.setFormAlignment(Qt.AlignmentFlag.AlignTop)
    return form


def _is_advanced(prop: Mapping[str, Any]) -> bool:
    return bool(prop.get("x-advanced") or prop.get("advanced"))


def _resolve(prop: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a property with what it refers to; its own title and default win."""
    reference = prop.get("$ref")
    if reference is None and len(prop.get("allOf", ())) == 1:
        reference = prop["allOf"][0].get("$ref")
    if reference is None:
        return dict(prop)
    target = schema.get("$defs", {}).get(str(reference).rsplit("/", 1)[-1], {})
    own = {key: value for key, value in prop.items() if key not in ("$ref", "allOf")}
    return {**target, **own}
