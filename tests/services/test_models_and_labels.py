"""Models set against labels, image by image."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from inspector_app.domain.annotation import ImageVerdict
from inspector_app.domain.disagreement import DisagreementKind
from inspector_app.domain.geometry import Box
from inspector_app.domain.jobs import ResultRecord
from inspector_app.domain.proposals import Proposal
from inspector_app.services.background import Background
from inspector_app.services.inspection_jobs import InspectionJobs
from inspector_app.services.judgements import Judgements
from inspector_app.services.session import ProjectSession
from inspector_app.store import inspection_results, jobs
from inspector_app.store.project import Project
from tests.services.conftest import enter_run


@pytest.fixture
def judgements(
    qapp: object, session: ProjectSession, inspecting: InspectionJobs
) -> Iterator[Judgements]:
    background = Background()
    yield Judgements(session, inspecting, background)
    background.shut_down()


def say(project: Project, run_id: str, called: str, *seen: Proposal) -> None:
    """Enter what a model says of the project's first image, which is a good one."""
    record = jobs.add_inspection(project, run_id=run_id, source="none", threshold=0.5)
    path = str(project.image_path(project.images()[0]))
    said = ResultRecord(path, None, "", 0.9, "", 0.0, 0.0, "", called, 0.8, seen)
    inspection_results.add_results(project, record.id, [said])


def read(judgements: Judgements, qtbot: QtBot) -> None:
    with qtbot.waitSignal(judgements.changed):
        judgements.read()


def test_that_a_classifier_and_a_good_part_disagree(
    judgements: Judgements, session: ProjectSession, project: Project, qtbot: QtBot
) -> None:
    say(project, enter_run(project, classes=("good", "dent")), "dent")
    read(judgements, qtbot)
    assert judgements.has_names
    [found] = judgements.disagreements(session.images()[0])
    assert (found.kind, found.said) == (DisagreementKind.MISSED_DEFECT, "dent")
    assert judgements.strengths == {session.images()[0].relative_path: 0.8}


def test_that_a_network_that_marks_places_is_taken_by_its_places(
    judgements: Judgements, session: ProjectSession, project: Project, qtbot: QtBot
) -> None:
    run_id = enter_run(project, classes=("good", "dent"), task="segmentation")
    say(project, run_id, "dent", Proposal("dent", 0.6, Box(0, 0, 4, 4)))
    read(judgements, qtbot)
    assert judgements.strengths == {session.images()[0].relative_path: 0.6}


def test_that_a_model_without_classes_says_nothing_of_labels(
    judgements: Judgements, project: Project, run_id: str, qtbot: QtBot
) -> None:
    say(project, run_id, "")
    read(judgements, qtbot)
    assert judgements.by_path
    assert not judgements.has_names


def test_that_a_model_that_is_gone_says_nothing_of_labels(
    judgements: Judgements, project: Project, qtbot: QtBot
) -> None:
    say(project, "no such run", "dent")
    read(judgements, qtbot)
    assert not judgements.has_names


def test_that_a_verdict_settles_a_disagreement_at_once(
    judgements: Judgements, session: ProjectSession, project: Project, qtbot: QtBot
) -> None:
    say(project, enter_run(project, classes=("good", "dent")), "dent")
    read(judgements, qtbot)
    session.set_verdict(ImageVerdict.NG)
    assert judgements.strengths == {}
    session.undo()
    assert list(judgements.strengths.values()) == [0.8]
