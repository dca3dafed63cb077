"""Studies are kept beside their trainings, whole or not at all."""

import json
from pathlib import Path

import pytest

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.jobs import JobState, RunRecord
from inspector_app.domain.study import StudyPlan, Variant
from inspector_app.services.studies import (
    STUDIES_FOLDER,
    Study,
    add_study,
    delete_study,
    save_study,
    studies,
    study,
    study_outcome,
)

PLAN = StudyPlan(
    "Rare types",
    "Which method helps?",
    (Variant("plain", "classifier", {}), Variant("focal", "classifier", {"imbalance": "focal"})),
    ({"folds": 2, "fold": 0}, {"folds": 2, "fold": 1}),
)


@pytest.fixture
def kept(tmp_path: Path) -> Study:
    return add_study(tmp_path, PLAN)


def run(run_id: str, state: JobState, **metrics: float) -> RunRecord:
    return RunRecord(run_id, "classifier", {}, state, f"runs/{run_id}", "", metrics=metrics)


def test_that_a_study_is_read_as_it_was_written(tmp_path: Path, kept: Study) -> None:
    begun = kept.with_run(1, "classifier-1")
    save_study(tmp_path, begun)
    assert studies(tmp_path) == ([begun], [])
    assert study(tmp_path, kept.id).runs == (None, "classifier-1", None, None)


def test_that_two_studies_of_one_moment_have_two_names(tmp_path: Path, kept: Study) -> None:
    other = add_study(tmp_path, PLAN)
    assert other.id != kept.id
    assert len(studies(tmp_path)[0]) == 2


def test_that_a_study_without_a_training_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match="without a training"):
        add_study(tmp_path, StudyPlan("Empty", "?", ()))
    assert not (tmp_path / STUDIES_FOLDER).exists()


def test_that_a_damaged_study_is_named_and_the_others_stay(tmp_path: Path, kept: Study) -> None:
    bad = tmp_path / STUDIES_FOLDER / "99-bad.json"
    bad.write_text("{}")
    found, faults = studies(tmp_path)
    assert [each.id for each in found] == [kept.id]
    assert "99-bad.json" in faults[0]


def test_that_a_study_with_a_training_too_few_is_refused(tmp_path: Path, kept: Study) -> None:
    path = tmp_path / STUDIES_FOLDER / f"{kept.id}.json"
    written = json.loads(path.read_text())
    path.write_text(json.dumps(written | {"runs": [None]}))
    assert "1 trainings of a study of 4" in studies(tmp_path)[1][0]


def test_that_an_unknown_study_is_answered_with_the_known_ones(tmp_path: Path, kept: Study) -> None:
    with pytest.raises(BadDataError) as refused:
        study(tmp_path, "nonsense")
    assert kept.id in refused.value.hint


def test_that_an_ambiguous_name_is_refused(tmp_path: Path, kept: Study) -> None:
    add_study(tmp_path, PLAN)
    with pytest.raises(BadDataError, match="several studies"):
        study(tmp_path, kept.id[:8])


def test_that_a_deleted_study_is_gone(tmp_path: Path, kept: Study) -> None:
    delete_study(tmp_path, kept.id)
    assert studies(tmp_path) == ([], [])


def test_that_what_did_not_end_waits_to_be_trained(kept: Study) -> None:
    begun = kept.with_run(0, "a").with_run(1, "b").with_run(2, "c")
    records = [run("a", JobState.COMPLETED), run("b", JobState.INTERRUPTED)]
    records.append(run("c", JobState.RUNNING))
    assert begun.waiting(records) == [1, 3]


def test_that_a_deleted_training_waits_to_be_trained(kept: Study) -> None:
    assert kept.with_run(0, "a").waiting([]) == [0, 1, 2, 3]


def test_that_only_finished_trainings_are_counted(tmp_path: Path, kept: Study) -> None:
    begun = kept.with_run(0, "a").with_run(1, "b")
    records = [
        run("a", JobState.COMPLETED, image_auroc=0.9),
        run("b", JobState.CANCELLED, image_auroc=0.5),
    ]
    outcome = study_outcome(tmp_path, begun, records)
    assert outcome.outcomes[0].figures["image_auroc"].value == 0.9
    assert outcome.outcomes[1].figures == {}


def test_that_only_what_was_interrupted_is_gone_on_with(kept: Study) -> None:
    begun = kept.with_run(0, "a").with_run(1, "b")
    records = [run("a", JobState.INTERRUPTED), run("b", JobState.FAILED)]
    assert [begun.broken_off(records, trial) for trial in (0, 1, 2)] == ["a", None, None]
