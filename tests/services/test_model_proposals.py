"""What models propose for a project's images, and how they are asked."""

import uuid

import pytest
from pytestqt.qtbot import QtBot

from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.edits import AddRegion
from inspector_app.domain.geometry import Box
from inspector_app.domain.jobs import JobState
from inspector_app.domain.proposals import Proposal, Scope, Standing
from inspector_app.services.inspection_jobs import InspectionJobs
from inspector_app.services.model_proposals import ModelProposals
from inspector_app.services.session import ProjectSession
from inspector_app.services.training_jobs import TrainingJobs
from inspector_app.store import jobs
from inspector_app.store.project import Project
from tests.services.conftest import enter_run

LONG_MS = 20_000
CORNER = Proposal("dent", 0.75, Box(0, 0, 4, 4))


@pytest.fixture
def naming_run(project: Project, run_id: str) -> str:
    """A run whose model sees a dent in every image; newer than one that names nothing."""
    return enter_run(project, classes=("good", "dent"))


@pytest.fixture
def proposals(
    session: ProjectSession, inspecting: InspectionJobs, training: TrainingJobs, naming_run: str
) -> ModelProposals:
    return ModelProposals(session, inspecting, training)


def ask(proposals: ModelProposals, run_id: str, scope: Scope, qtbot: QtBot) -> None:
    proposals.propose(run_id, scope)
    qtbot.waitUntil(lambda: not proposals.is_running, timeout=LONG_MS)


def first(session: ProjectSession) -> int:
    return session.images()[0].id


def mark(session: ProjectSession, box: Box, class_id: int) -> None:
    region = Region(uuid.uuid4().hex, class_id, box, None, Author.HAND)
    assert session.perform("Add", AddRegion(region, 0))


def test_that_only_models_that_name_defects_are_offered(
    proposals: ModelProposals, naming_run: str
) -> None:
    assert [model.run_id for model in proposals.models()] == [naming_run]


def test_that_a_run_that_failed_is_not_offered(
    proposals: ModelProposals, project: Project, naming_run: str
) -> None:
    jobs.update_run(project, naming_run, state=JobState.FAILED)
    assert proposals.models() == []


def test_that_one_image_can_be_asked_about(
    proposals: ModelProposals, session: ProjectSession, naming_run: str, qtbot: QtBot
) -> None:
    ask(proposals, naming_run, Scope.CURRENT, qtbot)
    found = proposals.of_image(first(session))
    assert found is not None
    assert (found.result.called, found.result.proposals) == ("dent", (CORNER,))
    assert found.author_detail == f"Autoencoder, {naming_run}"
    assert proposals.of_image(session.images()[1].id) is None


def test_that_images_with_regions_are_left_out_if_wanted(
    proposals: ModelProposals, session: ProjectSession, naming_run: str, qtbot: QtBot
) -> None:
    mark(session, Box(5, 5, 9, 9), session.classes()[0].id)
    assert (proposals.count(Scope.UNMARKED), proposals.count(Scope.ALL)) == (9, 10)
    ask(proposals, naming_run, Scope.UNMARKED, qtbot)
    assert proposals.of_image(first(session)) is None
    assert proposals.of_image(session.images()[9].id) is not None


def test_that_asking_draws_nothing(
    proposals: ModelProposals, session: ProjectSession, naming_run: str, qtbot: QtBot
) -> None:
    ask(proposals, naming_run, Scope.ALL, qtbot)
    assert all(image.region_count == 0 for image in session.images())


def test_that_progress_is_told_and_only_one_question_is_asked_at_a_time(
    proposals: ModelProposals, inspecting: InspectionJobs, naming_run: str, qtbot: QtBot
) -> None:
    steps: list[tuple[int, int]] = []
    proposals.progressed.connect(lambda done, total: steps.append((done, total)))
    proposals.propose(naming_run, Scope.ALL)
    ask(proposals, naming_run, Scope.ALL, qtbot)
    assert steps[-1] == (10, 10)
    assert len(inspecting.archive.inspections()) == 1


def test_that_an_inspection_of_others_is_not_told_as_progress(
    proposals: ModelProposals, inspecting: InspectionJobs, naming_run: str, qtbot: QtBot
) -> None:
    steps: list[tuple[int, int]] = []
    proposals.progressed.connect(lambda done, total: steps.append((done, total)))
    with qtbot.waitSignal(inspecting.finished, timeout=LONG_MS):
        inspecting.start(naming_run, None)
    assert steps == []


def test_that_a_model_that_names_nothing_hides_no_proposals(
    proposals: ModelProposals,
    session: ProjectSession,
    naming_run: str,
    run_id: str,
    qtbot: QtBot,
) -> None:
    ask(proposals, naming_run, Scope.CURRENT, qtbot)
    ask(proposals, run_id, Scope.CURRENT, qtbot)
    found = proposals.of_image(first(session))
    assert found is not None and found.run_id == naming_run


def test_that_what_is_drawn_is_settled(
    proposals: ModelProposals, session: ProjectSession, naming_run: str, qtbot: QtBot
) -> None:
    ask(proposals, naming_run, Scope.CURRENT, qtbot)
    found, document = proposals.of_image(first(session)), session.document
    assert found is not None and document is not None
    assert proposals.still_open(found, document) == [Standing(CORNER)]
    mark(session, Box(0, 0, 4, 4), next(c.id for c in session.classes() if c.name == "dent"))
    assert session.document is not None
    assert proposals.still_open(found, session.document) == []


def test_that_a_model_that_is_gone_starts_nothing(
    proposals: ModelProposals, session: ProjectSession
) -> None:
    proposals.propose("no such run", Scope.CURRENT)
    assert not proposals.is_running
    proposals.cancel()
