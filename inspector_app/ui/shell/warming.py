"""What a project's first pages need is loaded before one is opened: code, and kinds of widgets.

The first combo box or scroll area of a process takes many times as long as the next, and modules
are slow to load while threads decode images.
"""

from functools import partial
from importlib import import_module

from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from inspector_app.ui.shell.ahead import Piece

_UI = "inspector_app.ui"
_OF_ANNOTATE = ("canvas.view", "panels.annotation_side", "pages.model_layers", "pages.annotate")
"""Modules that are each loaded in less than 50 ms, once those before them are."""


class Warming:
    """What is still to be loaded."""

    def __init__(self) -> None:
        modules = (partial(import_module, f"{_UI}.{name}") for name in _OF_ANNOTATE)
        self._dataset: list[Piece] = [
            partial(import_module, f"{_UI}.pages.dataset"),
            _paint_dataset_parts,
        ]
        self._annotate: list[Piece] = [*modules, _paint_lists, _paint_settings, _paint_canvas]

    def take_dataset(self) -> list[Piece]:
        """Return the work for the dataset page, once."""
        pieces, self._dataset = self._dataset, []
        return pieces

    def take_annotate(self) -> list[Piece]:
        """Return the work for Annotate, once."""
        pieces, self._annotate = self._annotate, []
        return pieces


def _paint_dataset_parts() -> None:
    from inspector_app.ui.models.image_card import CardGrid  # noqa: PLC0415  (when it is wanted)
    from inspector_app.ui.panels.image_filters import ImageFilters  # noqa: PLC0415
    from inspector_app.ui.panels.type_chart import TypeChart  # noqa: PLC0415

    scroll = QScrollArea()
    scroll.setWidget(TypeChart())
    _paint(ImageFilters(), CardGrid(), scroll)


def _paint_lists() -> None:
    from inspector_app.ui.panels.classes import ClassesPanel  # noqa: PLC0415
    from inspector_app.ui.panels.regions import RegionsPanel  # noqa: PLC0415
    from inspector_app.ui.panels.verdict import VerdictPanel  # noqa: PLC0415

    _paint(RegionsPanel(), ClassesPanel(), VerdictPanel())


def _paint_settings() -> None:
    from inspector_app.ui.panels.adjust import AdjustPanel  # noqa: PLC0415
    from inspector_app.ui.panels.proposal_bar import ProposalBar  # noqa: PLC0415
    from inspector_app.ui.panels.review import ReviewPanel  # noqa: PLC0415

    _paint(AdjustPanel(), ProposalBar(), ReviewPanel())


def _paint_canvas() -> None:
    from inspector_app.ui.canvas.view import Canvas  # noqa: PLC0415
    from inspector_app.ui.panels.tool_options import ToolOptions  # noqa: PLC0415

    _paint(ToolOptions([]), Canvas())


def _paint(*widgets: QWidget) -> None:
    page = QWidget()
    layout = QVBoxLayout(page)
    for widget in widgets:
        layout.addWidget(widget)
    page.grab()
