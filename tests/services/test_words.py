"""Looking for words: settings, weights, and a model that is made once."""

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from inspector_app.domain.errors import BadDataError, MissingWeightsError
from inspector_app.domain.jobs import JobState
from inspector_app.domain.proposals import Scope
from inspector_app.protocol.shelf import Shelf, ShelfItem
from inspector_app.services.inspection_jobs import InspectionJobs
from inspector_app.services.model_proposals import ModelProposals
from inspector_app.services.session import ProjectSession
from inspector_app.services.training_jobs import TrainingJobs
from inspector_app.services.words import (
    WEIGHTS,
    WORDS_KIND,
    can_look_for_words,
    refuse_without_weights,
    run_for_words,
    words_config,
)
from inspector_app.store import jobs
from inspector_app.store.project import Project

LONG_MS = 20_000


class Asked(ModelProposals):
    """Remembers which models were asked about which images."""

    def __init__(self, *services: Any) -> None:
        super().__init__(*services)
        self.asked: list[tuple[str, Scope]] = []

    def propose(self, run_id: str, scope: Scope) -> None:
        self.asked.append((run_id, scope))


@pytest.fixture
def proposals(session: ProjectSession, inspecting: InspectionJobs, training: TrainingJobs) -> Asked:
    return Asked(session, inspecting, training)


def test_that_words_are_trimmed_and_counted_once() -> None:
    assert words_config(" scratch,, dent on metal ,scratch")["words"] == "scratch, dent on metal"


@pytest.mark.parametrize("text", ["", " , ", "dent, good"])
def test_that_there_must_be_a_defect_to_look_for(text: str) -> None:
    with pytest.raises(BadDataError, match="look for"):
        words_config(text)


def test_that_words_need_all_of_their_weights() -> None:
    entries = [e for e in Shelf.of_this_machine().manifest.weights if e.name in WEIGHTS]
    items = [ShelfItem(entry, "present") for entry in entries]
    assert can_look_for_words(items)
    assert not can_look_for_words(items[1:])
    assert not can_look_for_words([*items[1:], ShelfItem(entries[0], "corrupt")])


def test_that_missing_weights_are_named() -> None:
    with pytest.raises(MissingWeightsError, match=r"looking for words needs .*ViT-B-32\.pt"):
        refuse_without_weights()


def test_that_a_model_is_made_for_words_and_then_asked(
    proposals: Asked, project: Project, qtbot: QtBot
) -> None:
    proposals.propose_words("dent", Scope.UNMARKED)
    assert proposals.is_running
    qtbot.waitUntil(lambda: bool(proposals.asked), timeout=LONG_MS)
    made = run_for_words(jobs.runs(project), words_config("dent"))
    assert made is not None
    assert proposals.asked == [(made.id, Scope.UNMARKED)]
    assert not proposals.is_running


def test_that_the_same_words_are_looked_for_with_the_same_model(
    proposals: Asked, project: Project, qtbot: QtBot
) -> None:
    for text in ("dent, hole", "dent,hole"):
        proposals.propose_words(text, Scope.CURRENT)
        qtbot.waitUntil(lambda: not proposals.is_running, timeout=LONG_MS)
    [(first, _), (second, _)] = proposals.asked
    assert first == second


def test_that_a_run_that_did_not_end_well_is_no_model_for_words(project: Project) -> None:
    config = words_config("dent")
    record = jobs.add_run(project, model_kind=WORDS_KIND, config=config)
    jobs.update_run(project, record.id, state=JobState.FAILED)
    assert run_for_words(jobs.runs(project), config) is None


def test_that_making_a_model_can_be_cancelled(
    proposals: Asked, training: TrainingJobs, project: Project, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(training.finished, timeout=LONG_MS) as ended:
        proposals.propose_words("dent", Scope.CURRENT)
        proposals.cancel()
    assert proposals.asked == [] or ended.args[0].state is JobState.COMPLETED
    assert not proposals.is_running
