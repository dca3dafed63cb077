"""How much of the image and its regions is seen, and how large."""

from functools import partial

from PySide6.QtCore import QObject

from inspector_app.services.settings import Settings
from inspector_app.ui.canvas.shapes import RegionDisplay
from inspector_app.ui.canvas.view import Canvas
from inspector_app.ui.pages.annotate_actions import AnnotateActions
from inspector_app.ui.panels.annotation_side import AnnotationSide


class ViewChoice(QObject):
    """Does what the View menu asks of the canvas and the panels beside it."""

    def __init__(
        self,
        actions: AnnotateActions,
        canvas: Canvas,
        side: AnnotationSide,
        settings: Settings,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._actions = actions
        self._canvas = canvas
        self._side = side
        self._settings = settings
        side.adjust.adjustment_changed.connect(canvas.set_adjustment)
        actions.fit.triggered.connect(canvas.fit)
        actions.zoom_100.triggered.connect(partial(canvas.zoom_to, 100))
        actions.zoom_in.triggered.connect(canvas.zoom_in)
        actions.zoom_out.triggered.connect(canvas.zoom_out)
        actions.hide_regions.toggled.connect(self._show_display)
        actions.outline_only.toggled.connect(self._show_display)
        actions.next_channel.triggered.connect(side.adjust.choose_next_channel)
        actions.reset_adjustment.triggered.connect(side.adjust.reset)
        actions.side_panels.toggled.connect(self._show_side)
        actions.side_panels.setChecked(settings.annotate_side_panels)

    def show_regions(self) -> None:
        """Have regions seen again: something was just drawn."""
        self._actions.hide_regions.setChecked(False)

    def _show_display(self) -> None:
        if self._actions.hide_regions.isChecked():
            self._canvas.set_display(RegionDisplay.HIDDEN)
        elif self._actions.outline_only.isChecked():
            self._canvas.set_display(RegionDisplay.OUTLINE)
        else:
            self._canvas.set_display(RegionDisplay.FULL)

    def _show_side(self, is_shown: bool) -> None:
        self._side.setVisible(is_shown)
        self._settings.annotate_side_panels = is_shown
