"""The form that is made of a model's settings."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector_app.ui.panels.config_fields import ChoiceField, make_field
from inspector_app.ui.panels.config_form import ConfigForm

NUMBERS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "count": {"type": "integer", "default": 4, "minimum": 1, "maximum": 9},
        "size": {"type": "integer", "default": 64, "minimum": 32, "maximum": 96, "multipleOf": 32},
        "rate": {"type": "number", "default": 0.001, "minimum": 1e-6, "maximum": 0.1},
        "share": {"type": "number", "default": 0.5, "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "limit": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}], "default": None},
        "mode": {"$ref": "#/$defs/Mode", "default": "slow"},
        "name": {"type": "string", "default": "part", "advanced": True},
        "shape": {"type": "array", "default": []},
    },
    "$defs": {"Mode": {"enum": ["quick", "slow"], "type": "string"}},
}


@pytest.fixture
def form(qtbot: QtBot) -> ConfigForm:
    form = ConfigForm(NUMBERS)
    qtbot.addWidget(form)
    return form


def test_that_an_untouched_form_changes_nothing(form: ConfigForm) -> None:
    assert form.values() == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [("count", 7), ("rate", 2.5e-6), ("limit", 3), ("mode", "quick"), ("name", "lid")],
)
def test_that_a_value_comes_back_as_it_was_set(form: ConfigForm, name: str, value: Any) -> None:
    form.set_values({name: value})
    assert form.values() == {name: value}


@pytest.mark.parametrize(
    ("name", "value", "nearest"), [("count", 99, 9), ("rate", 5, 0.1), ("size", 70, 64)]
)
def test_that_a_value_out_of_range_becomes_the_nearest(
    form: ConfigForm, name: str, value: float, nearest: float
) -> None:
    form.field(name).set_value(value)
    assert form.field(name).value() == nearest


@given(st.floats(-1, 2))
def test_that_an_excluded_bound_is_never_reached(qapp: QApplication, value: float) -> None:
    field = make_field(NUMBERS["properties"]["share"])
    assert field is not None
    field.set_value(value)
    assert 0 < field.value() < 1


def test_that_advanced_settings_are_folded_away(form: ConfigForm, qtbot: QtBot) -> None:
    form.show()
    name = form.field("name").widget
    assert not name.isVisible()
    form.set_advanced_shown(is_shown=True)
    assert name.isVisible()


def test_that_choices_have_names(qtbot: QtBot) -> None:
    field = make_field({"enum": ["vit_b_16", "own"], "x-choices": {"vit_b_16": "ViT-B/16"}})
    assert isinstance(field, ChoiceField)
    qtbot.addWidget(field.widget)
    assert [field.widget.itemText(row) for row in (0, 1)] == ["ViT-B/16", "own"]
    field.set_value("own")
    assert field.value() == "own"
