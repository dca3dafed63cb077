"""What takes long to paint and changes rarely, kept as pixels."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QImage, QPainter

Item = TypeVar("Item")

_AT_ONCE_S = 0.010


class Layer(Generic[Item]):
    """Items painted anew only when something about them changes, some at each repaint."""

    def __init__(self, paint_item: Callable[[QPainter, Item, Any], None]) -> None:
        """Take what paints an item with regard to a key."""
        self._paint_item = paint_item
        self._pixels = QImage()
        self._key: Any = None
        self._waiting: list[Item] = []

    def paint(self, painter: QPainter, size: QSize, items: Sequence[Item], key: object) -> bool:
        """Show the layer over a widget of a size; tell whether all of it is there.

        While it is not, the widget is to be painted again: a hundred outlines at once would
        hold the window up.

        Args:
            key: everything that painting the items depends on; compared with the last one.
        """
        whole_key = (key, tuple(items), size, painter.device().devicePixelRatioF())
        if self._key != whole_key:
            self._key = whole_key
            self._begin(size, painter.device().devicePixelRatioF())
            self._waiting = list(items)[::-1]
        if self._waiting:
            self._paint_some(key, size)
        painter.drawImage(0, 0, self._pixels)
        return not self._waiting

    def _begin(self, size: QSize, ratio: float) -> None:
        device_size = (QSize(size) * ratio).expandedTo(QSize(1, 1))
        self._pixels = QImage(device_size, QImage.Format.Format_ARGB32_Premultiplied)
        self._pixels.setDevicePixelRatio(ratio)
        self._pixels.fill(0)

    def _paint_some(self, key: object, size: QSize) -> None:
        painter = QPainter(self._pixels)
        painter.setClipRect(QRect(0, 0, size.width(), size.height()))
        # Time of this thread: what others take must not make the outlines come one by one.
        end = time.thread_time() + _AT_ONCE_S
        while self._waiting and time.thread_time() < end:
            self._paint_item(painter, self._waiting.pop(), key)
        painter.end()
