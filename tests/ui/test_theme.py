"""Colours that can be read, icons that follow them."""

from dataclasses import asdict
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from inspector_app import paths
from inspector_app.ui.icons import app_icon, icon
from inspector_app.ui.theme import DARK, LIGHT, Colours, Theme, colours, make_palette, style_sheet

TEXT_ON_GROUND = [
    ("text", "window"),
    ("text", "base"),
    ("text", "raised"),
    ("text", "hover"),
    ("text", "soft_accent"),
    ("muted", "window"),
    ("muted", "base"),
    ("muted", "raised"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("on_selection", "selection"),
    ("ok", "base"),
    ("ng", "base"),
    ("review", "base"),
    ("ok", "soft_ok"),
    ("ng", "soft_ng"),
    ("ng", "selection"),
    ("ok", "selection"),
    ("text", "soft_ng"),
    ("text", "soft_review"),
]


def luminance(name: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""

    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    colour = QColor(name)
    red, green, blue = (linear(v) for v in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("shades", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_that_text_has_the_contrast_of_wcag_aa(shades: Colours, text: str, ground: str) -> None:
    values = asdict(shades)
    lighter, darker = sorted((luminance(values[text]), luminance(values[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


@pytest.mark.parametrize(("shades", "name"), [(LIGHT, "light"), (DARK, "dark")])
def test_that_every_picture_of_the_style_sheet_exists(shades: Colours, name: str) -> None:
    sheet = style_sheet(shades, name)
    files = [part.split(")")[0] for part in sheet.split("url(")[1:]]
    assert files and all(Path(file).is_file() for file in files)


def test_that_the_palette_tells_which_colours_go_with_it(qapp: QApplication) -> None:
    assert colours(make_palette(DARK)) is DARK
    assert colours(make_palette(LIGHT)) is LIGHT


def test_that_choosing_dark_darkens_the_window(theme: Theme, qapp: QApplication) -> None:
    theme.set_choice("dark")
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(DARK.window)


def test_that_an_icon_is_painted_in_the_colours_of_the_moment(theme: Theme) -> None:
    stop = icon("stop")
    light = average_colour(stop)
    theme.set_choice("dark")
    assert light.lightness() < 128 < average_colour(stop).lightness()


def test_that_a_disabled_icon_is_paler(theme: Theme) -> None:
    stop = icon("stop")
    disabled = average_colour(stop, QIcon.Mode.Disabled)
    assert disabled.lightness() > average_colour(stop).lightness()


def average_colour(tinted: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal) -> QColor:
    """The colour of the icon's most opaque pixel."""
    image = tinted.pixmap(QSize(48, 48), 1.0, mode).toImage()
    pixels = [image.pixelColor(x, y) for x in range(48) for y in range(48)]
    return max(pixels, key=QColor.alpha)


def test_that_an_icon_has_the_pixels_of_a_fine_screen(qapp: QApplication) -> None:
    pixmap = icon("undo").pixmap(QSize(24, 24), 2.0)
    assert pixmap.size() == QSize(48, 48)


def test_that_every_icon_file_draws_something(qapp: QApplication) -> None:
    names = [file.stem for file in (paths.resources_folder() / "icons").glob("*.svg")]
    blank = [name for name in names if average_colour(icon(name)).alpha() == 0]
    assert len(names) > 30
    assert blank == []


def test_that_the_program_s_icon_has_every_common_size(qapp: QApplication) -> None:
    assert {size.width() for size in app_icon().availableSizes()} >= {16, 32, 48, 256}
