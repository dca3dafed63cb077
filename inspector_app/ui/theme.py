"""Light and dark: palettes, the style sheet, and following the system."""

from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLabel

from inspector_app import paths
from inspector_app.domain.decision import Verdict

ThemeChoice = Literal["system", "light", "dark"]

SPACING_PX = 8
MARGIN_PX = 12
PANEL_WIDTH_PX = 288


@dataclass(frozen=True, slots=True)
class Colours:
    """Every colour of the window, as #RRGGBB; text on its ground has a contrast of 4.5 or more."""

    window: str
    base: str
    raised: str
    hover: str
    border: str
    strong_border: str
    text: str
    muted: str
    disabled: str
    accent: str
    accent_hover: str
    on_accent: str
    soft_accent: str
    selection: str
    on_selection: str
    ok: str
    ng: str
    review: str
    on_verdict: str
    soft_ok: str
    soft_ng: str
    soft_review: str

    def of_verdict(self, verdict: Verdict) -> QColor:
        names = {Verdict.OK: self.ok, Verdict.NG: self.ng, Verdict.REVIEW: self.review}
        return QColor(names[verdict])


LIGHT = Colours(
    window="#f2f4f6",
    base="#ffffff",
    raised="#fafbfc",
    hover="#e6eaee",
    border="#d6dbe1",
    strong_border="#b3bbc5",
    text="#1c2127",
    muted="#59636f",
    disabled="#98a1ab",
    accent="#0b6e7f",
    accent_hover="#095b69",
    on_accent="#ffffff",
    soft_accent="#d9edf0",
    selection="#cfe7eb",
    on_selection="#12323a",
    ok="#0a6e50",
    ng="#b23410",
    review="#7a5b00",
    on_verdict="#ffffff",
    soft_ok="#d8f0e6",
    soft_ng="#fbe2d8",
    soft_review="#fbefc8",
)

DARK = Colours(
    window="#1b1e22",
    base="#23272c",
    raised="#282d33",
    hover="#31373e",
    border="#393f47",
    strong_border="#545d68",
    text="#e5e8eb",
    muted="#a3adb8",
    disabled="#69727d",
    accent="#4bbccb",
    accent_hover="#6bcbd8",
    on_accent="#06262b",
    soft_accent="#1f3d43",
    selection="#1f4750",
    on_selection="#eefafc",
    ok="#4fd1a1",
    ng="#ff9166",
    review="#e7c54a",
    on_verdict="#15181b",
    soft_ok="#1d3a30",
    soft_ng="#47291d",
    soft_review="#40381a",
)


def colours(palette: QPalette | None = None) -> Colours:
    """Return the colours that go with a palette (the application's by default)."""
    window = (palette or QGuiApplication.palette()).color(QPalette.ColorRole.Window)
    return DARK if window.lightness() < 128 else LIGHT


class Theme(QObject):
    """Applies the chosen theme and, where the choice is “system”, follows the desktop."""

    changed = Signal()

    def __init__(self, app: QApplication, choice: ThemeChoice) -> None:
        super().__init__(app)
        self._app = app
        self._choice: ThemeChoice = choice
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._apply)
        self.set_choice(choice)

    @property
    def choice(self) -> ThemeChoice:
        return self._choice

    def set_choice(self, choice: ThemeChoice) -> None:
        self._choice = choice
        schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
        # Also colours what the desktop draws for us, such as the title bar.
        self._app.styleHints().setColorScheme(schemes.get(choice, Qt.ColorScheme.Unknown))
        self._apply()

    def _apply(self) -> None:
        is_dark = self._is_dark()
        shades = DARK if is_dark else LIGHT
        self._app.setPalette(make_palette(shades))
        self._app.setStyleSheet(style_sheet(shades, "dark" if is_dark else "light"))
        self.changed.emit()

    def _is_dark(self) -> bool:
        if self._choice == "system":
            return self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return self._choice == "dark"


def make_palette(shades: Colours) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette(QColor(shades.raised), QColor(shades.window))
    named = {
        role.Window: shades.window,
        role.WindowText: shades.text,
        role.Base: shades.base,
        role.AlternateBase: shades.raised,
        role.Text: shades.text,
        role.Button: shades.raised,
        role.ButtonText: shades.text,
        # Text on the accent: Qt has no role for it, and this one is used for nothing else.
        role.BrightText: shades.on_accent,
        role.PlaceholderText: shades.muted,
        role.Highlight: shades.selection,
        role.HighlightedText: shades.on_selection,
        role.Accent: shades.accent,
        role.Link: shades.accent,
        role.LinkVisited: shades.accent,
        role.ToolTipBase: shades.base,
        role.ToolTipText: shades.text,
        role.Mid: shades.border,
        role.Midlight: shades.hover,
        role.Dark: shades.strong_border,
        role.Shadow: shades.strong_border,
        role.Light: shades.base,
    }
    for one_role, name in named.items():
        palette.setColor(one_role, QColor(name))
    for one_role in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, one_role, QColor(shades.disabled))
    return palette


def style_sheet(shades: Colours, theme_name: str) -> str:
    folder: Path = paths.resources_folder() / "themes"
    template = Template((folder / "inspector.qss").read_text(encoding="utf-8"))
    # Qt wants forward slashes in url() on Windows too.
    return template.substitute(asdict(shades), images=(folder / theme_name).as_posix())


def make_title(text: str, *, scale: float = 1.35) -> QLabel:
    """Return a heading in the system's font, larger."""
    label = QLabel(text)
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * scale)
    font.setWeight(QFont.Weight.DemiBold)
    label.setFont(font)
    return label


def make_muted(text: str = "") -> QLabel:
    """Return a label for what is good to know but not to be looked at first."""
    label = QLabel(text)
    label.setProperty("role", "muted")
    label.setWordWrap(True)
    return label


def inset_text(spin_box: QAbstractSpinBox) -> None:
    """Keep the text off the border; style sheets cannot, for it is drawn by an inner widget."""
    spin_box.lineEdit().setTextMargins(5, 0, 0, 0)
