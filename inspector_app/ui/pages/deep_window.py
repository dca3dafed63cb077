"""Brings a deep image's window from its panel to the canvas."""

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from inspector_app.domain.deep import DeepFacts, Window
from inspector_app.domain.geometry import Box
from inspector_app.domain.huge import HugeImage
from inspector_app.services.background import Background, Task
from inspector_app.services.deep_view import DeepView
from inspector_app.services.images import is_deep
from inspector_app.ui.canvas.huge_on_canvas import HugeOnCanvas
from inspector_app.ui.canvas.view import Canvas
from inspector_app.ui.panels.window import WindowPanel


class DeepWindow(QObject):
    """Follows the image at hand; one of eight bits has no window."""

    def __init__(
        self,
        background: Background,
        canvas: Canvas,
        huge: HugeOnCanvas,
        panel: WindowPanel,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._background = background
        self._huge = huge
        self._is_huge = False
        self._looking: Task | None = None
        self._view = DeepView(background, self)
        self._canvas = canvas
        self._panel = panel
        self._view.opened.connect(panel.set_facts)
        self._view.seen.connect(self._show)
        panel.window_changed.connect(self._on_window_changed)

    def set_image(self, path: Path | None, image: QImage | None) -> None:
        """Take the image in hand that the canvas shows now."""
        is_wanted = image is not None and is_deep(image)
        if not is_wanted:
            self._panel.set_facts(None)
        self._view.set_path(path if is_wanted else None)
        self._forget_huge()

    def set_huge(self, image: HugeImage) -> None:
        """Take an image in hand that is read in parts."""
        self.set_image(None, None)
        self._is_huge = True
        self._looking = self._background.run(lambda: image.facts, self._show_facts, _ignore)

    def text_at(self, x: int, y: int) -> str:
        """Return the values of a pixel: in the image's own units, else as red, green, blue."""
        if deep := self._huge.deep_values_at(x, y):
            return "  ".join(f"{value:g}" for value in deep)
        if self._view.image is not None:
            return "  ".join(f"{value:g}" for value in self._view.image.values_at(x, y))
        pixel = self._canvas.pixels(Box(x, y, x + 1, y + 1))
        if pixel is None:
            return ""
        values = pixel.reshape(3).tolist()
        return str(values[0]) if len(set(values)) == 1 else "  ".join(map(str, values))

    def _on_window_changed(self, window: Window | None) -> None:
        if self._is_huge:
            self._huge.see_through(window)
        elif window is None:
            self._canvas.set_windowed(None)
        else:
            self._view.see_through(window)

    def _forget_huge(self) -> None:
        self._is_huge = False
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def _show_facts(self, facts: DeepFacts | None) -> None:
        self._looking = None
        self._panel.set_facts(facts)

    def _show(self, image: QImage) -> None:
        # A view that was under way when “Auto” was chosen comes too late.
        if self._panel.window_ is not None and image.size() == self._canvas.image_size:
            self._canvas.set_windowed(image)


def _ignore(_error: Exception) -> None:
    """The overview tells what cannot be read."""
