"""A hand that draws on the Annotate page, and what the tests ask of documents."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.document import Document
from inspector_app.domain.edits import AddRegion
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.services.anomaly_maps import AnomalyMaps
from inspector_app.services.inspection_jobs import InspectionJobs
from inspector_app.services.judgements import Judgements
from inspector_app.services.model_proposals import ModelProposals
from inspector_app.services.session import ProjectSession
from inspector_app.services.training_jobs import TrainingJobs
from inspector_app.store import annotations
from inspector_app.ui.context import ModelOpinions, ProgramServices
from inspector_app.ui.pages.annotate import AnnotatePage

WIDTH, HEIGHT = 120, 80
NO_MODIFIER = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


def open_page(
    program: ProgramServices,
    session: ProjectSession,
    qtbot: QtBot,
    *,
    maps: AnomalyMaps | None = None,
    proposals: ModelProposals | None = None,
    judgements: Judgements | None = None,
) -> AnnotatePage:
    opinions = ModelOpinions(
        maps or make_maps(program, session),
        proposals or make_proposals(program, session),
        judgements or make_judgements(program, session),
    )
    page = AnnotatePage(program, session, opinions)
    qtbot.addWidget(page)
    page.resize(1000, 640)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    qtbot.waitUntil(lambda: page.canvas.has_image)
    page.set_tool("select")
    return page


def make_maps(program: ProgramServices, session: ProjectSession) -> AnomalyMaps:
    return AnomalyMaps(session, *_jobs(program, session), session)


def make_proposals(program: ProgramServices, session: ProjectSession) -> ModelProposals:
    return ModelProposals(session, *_jobs(program, session), session)


def make_judgements(program: ProgramServices, session: ProjectSession) -> Judgements:
    inspections, _ = _jobs(program, session)
    return Judgements(session, inspections, program.background, session)


def _jobs(program: ProgramServices, session: ProjectSession) -> tuple[InspectionJobs, TrainingJobs]:
    training = TrainingJobs(session, program.workers, session)
    return InspectionJobs(session, program.workers, training, session), training


class Hand:
    """Mouse and keys, in image pixels."""

    def __init__(self, page: AnnotatePage, qtbot: QtBot) -> None:
        self.page = page
        self._qtbot = qtbot

    @property
    def canvas(self) -> QWidget:
        return self.page.canvas

    def at(self, x: float, y: float) -> QPoint:
        """Return where an image position is on the canvas."""
        return self.page.canvas.viewport.to_widget(x, y).toPoint()

    def take(self, tool_name: str) -> None:
        """Take a tool through its key."""
        self.key(Qt.Key(ord(self.page.tool(tool_name).shortcut)))
        assert self.page.canvas.tool is self.page.tool(tool_name)

    def key(
        self, key: Qt.Key, modifier: Qt.KeyboardModifier = NO_MODIFIER, on: QWidget | None = None
    ) -> None:
        self._qtbot.keyClick(on or self.canvas, key, modifier)

    def click(
        self,
        x: float,
        y: float,
        button: Qt.MouseButton = LEFT,
        modifier: Qt.KeyboardModifier = NO_MODIFIER,
    ) -> None:
        self._qtbot.mouseClick(self.canvas, button, modifier, self.at(x, y))

    def drag(
        self,
        points: Sequence[tuple[float, float]],
        button: Qt.MouseButton = LEFT,
        modifier: Qt.KeyboardModifier = NO_MODIFIER,
    ) -> None:
        # Where the points are now: panning moves them.
        places = [self.at(*point) for point in points]
        self._qtbot.mousePress(self.canvas, button, modifier, places[0])
        for place in places[1:]:
            self._qtbot.mouseMove(self.canvas, place)
        self._qtbot.mouseRelease(self.canvas, button, modifier, places[-1])

    def press(self, x: float, y: float, button: Qt.MouseButton = LEFT) -> None:
        self._qtbot.mousePress(self.canvas, button, NO_MODIFIER, self.at(x, y))

    def move(self, x: float, y: float) -> None:
        self._qtbot.mouseMove(self.canvas, self.at(x, y))

    def release(self, x: float, y: float, button: Qt.MouseButton = LEFT) -> None:
        self._qtbot.mouseRelease(self.canvas, button, NO_MODIFIER, self.at(x, y))

    def hold_space(self) -> None:
        self._qtbot.keyPress(self.canvas, Qt.Key.Key_Space)

    def let_go_of_space(self) -> None:
        self._qtbot.keyRelease(self.canvas, Qt.Key.Key_Space)

    def go_to(self, name: str) -> None:
        """Show an image of the project, as soon as it is there."""
        session = self.page._session
        record = next(r for r in session.images() if r.name == name)
        session.set_current_image(record.id)
        self.wait_for_image()

    def wait_for_image(self) -> None:
        self._qtbot.waitUntil(lambda: not self.page.editing.image_size.isEmpty())


def mask_of(box: Box) -> Mask:
    return Mask.from_box(box, height=HEIGHT, width=WIDTH)


def add_region(
    session: ProjectSession, name: str, mask: Mask, *, class_id: int | None = None
) -> Region:
    """Store a region in the current image, of the class *scratch* if no other is named."""
    assert mask.box is not None
    assert session.document is not None
    region = Region(name, class_id or session.classes()[0].id, mask.box, mask, Author.HAND)
    assert session.perform("Add", AddRegion(region, len(session.document.regions)))
    return region


def stored(session: ProjectSession) -> Document:
    """Return the current image's document as another connection reads it from the disk."""
    assert session.document is not None
    other = session.project.second_connection()
    try:
        return annotations.load_document(other, session.document.image_id)
    finally:
        other.close()
