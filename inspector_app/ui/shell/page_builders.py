"""How each page is made, in a module of its own: pages are imported when first shown.

The plots and the canvas would otherwise be loaded before the window is painted.
"""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from inspector_app.ui.context import ProgramServices, ProjectServices
from inspector_app.ui.shell.rail import Page


def page_builders(
    program: ProgramServices, project: ProjectServices
) -> dict[Page, Callable[[], QWidget]]:
    return {
        Page.DATASET: lambda: _dataset(program, project),
        Page.ANNOTATE: lambda: _annotate(program, project),
        Page.TRAIN: lambda: _train(program, project),
        Page.INSPECT: lambda: _inspect(program, project),
    }


def _dataset(program: ProgramServices, project: ProjectServices) -> QWidget:
    from inspector_app.ui.pages.dataset import DatasetPage  # noqa: PLC0415  (see above)
    from inspector_app.ui.pages.next_to_open import NextToOpen  # noqa: PLC0415  (see above)

    page = DatasetPage(project.session, program.thumbnails, project.judgements, program.background)
    NextToOpen(page, project.session, program.images)
    return page


def _annotate(program: ProgramServices, project: ProjectServices) -> QWidget:
    from inspector_app.ui.pages.annotate import AnnotatePage  # noqa: PLC0415  (see above)

    page = AnnotatePage(program, project.session, project.opinions)
    program.weights.refresh()
    return page


def _train(program: ProgramServices, project: ProjectServices) -> QWidget:
    from inspector_app.ui.pages.train import TrainPage  # noqa: PLC0415  (see above)

    page = TrainPage(program, project)
    program.weights.listed.connect(page.show_weights)
    program.weights.refresh()
    return page


def _inspect(program: ProgramServices, project: ProjectServices) -> QWidget:
    from inspector_app.ui.pages.inspect import InspectPage  # noqa: PLC0415  (see above)

    return InspectPage(program, project)
