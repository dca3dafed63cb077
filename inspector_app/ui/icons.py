"""Line icons in the colours of the palette.

The files under ``resources/icons`` are drawn in black on nothing; their shape is
taken and filled with the palette's colour when it is painted, so a change of
theme needs no new icons.
"""

from functools import cache, lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QImage,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer

from inspector_app import paths

APP_ICON = "app"
_APP_ICON_SIZES_PX = (16, 24, 32, 48, 64, 128, 256)


def icon(name: str, role: QPalette.ColorRole = QPalette.ColorRole.WindowText) -> QIcon:
    """Return the icon, tinted with the palette of the moment it is painted.

    Raises:
        FileNotFoundError: if there is no such icon.
    """
    return QIcon(TintedEngine(name, _svg(name), role))


def primary_icon(name: str) -> QIcon:
    """Return the icon for a button that is filled with the accent."""
    return icon(name, QPalette.ColorRole.BrightText)


def coloured_icon(name: str, colour: QColor) -> QIcon:
    """Return the icon in a colour of its own, as verdicts and warnings have it."""
    return QIcon(TintedEngine(name, _svg(name), QPalette.ColorRole.WindowText, colour))


def app_icon() -> QIcon:
    """Return the program's icon, which keeps its colours."""
    result = QIcon()
    for size_px in _APP_ICON_SIZES_PX:
        result.addPixmap(QPixmap.fromImage(_render(APP_ICON, size_px, None)))
    return result


def tinted_pixmap(name: str, size_px: int, colour: QColor, ratio: float = 1.0) -> QPixmap:
    """Return the icon at a size in logical pixels for a screen of the given pixel ratio."""
    pixmap = QPixmap.fromImage(_render(name, round(size_px * ratio), colour.rgba()))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


class TintedEngine(QIconEngine):
    """Paints an SVG's shape in one colour, chosen from the palette by mode and state."""

    def __init__(
        self, name: str, svg: bytes, role: QPalette.ColorRole, colour: QColor | None = None
    ) -> None:
        super().__init__()
        self._name = name
        self._svg = svg
        self._role = role
        self._colour = colour

    def clone(self) -> QIconEngine:
        return TintedEngine(self._name, self._svg, self._role, self._colour)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side_px = min(rect.width(), rect.height())
        if side_px <= 0:
            return
        ratio = painter.device().devicePixelRatioF()
        pixmap = tinted_pixmap(self._name, side_px, self._colour_for(mode, state), ratio)
        left = rect.x() + (rect.width() - side_px) // 2
        top = rect.y() + (rect.height() - side_px) // 2
        painter.drawPixmap(QPoint(left, top), pixmap)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(  # noqa: N802  (Qt override)
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        pixmap = QPixmap(size * scale)
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap

    def _colour_for(self, mode: QIcon.Mode, state: QIcon.State) -> QColor:
        palette = QGuiApplication.palette()
        if mode is QIcon.Mode.Disabled:
            return palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText)
        if self._colour is not None:
            return self._colour
        if mode is QIcon.Mode.Selected:
            return palette.color(QPalette.ColorRole.HighlightedText)
        if state is QIcon.State.On:
            return palette.color(QPalette.ColorRole.Accent)
        return palette.color(self._role)


@cache
def _svg(name: str) -> bytes:
    return (_folder() / f"{name}.svg").read_bytes()


@cache
def _folder() -> Path:
    return paths.resources_folder() / "icons"


@lru_cache(maxsize=512)
def _render(name: str, side_px: int, rgba: int | None) -> QImage:
    """Return a square premultiplied image; `rgba` None keeps the file's own colours."""
    image = QImage(side_px, side_px, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(_svg(name))).render(painter, QRectF(0, 0, side_px, side_px))
    if rgba is not None:
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        painter.fillRect(image.rect(), QColor.fromRgba(rgba))
    painter.end()
    return image
