"""Runs, inspections and results in the database."""

import math
import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.jobs import InspectionRecord, JobState, ResultRecord, RunRecord
from inspector_app.domain.proposals import Proposal
from inspector_app.store import inspection_results, jobs
from inspector_app.store.project import Project
from tests.strategies import proposals


@pytest.fixture
def run(project: Project) -> RunRecord:
    return jobs.add_run(project, model_kind="autoencoder", config={"epochs": 3, "size": [128]})


@pytest.fixture
def inspection(project: Project, run: RunRecord) -> InspectionRecord:
    return jobs.add_inspection(project, run_id=run.id, source="test", threshold=0.5)


def result(path: str, score: float = 0.5, *, is_defective: bool | None = None) -> ResultRecord:
    return ResultRecord(path, is_defective, "dent", score, "heatmaps/0.png", 1.5, 0.25, "")


# ---- runs


def test_that_a_run_is_queued_and_comes_back_as_it_was(project: Project, run: RunRecord) -> None:
    assert run.state is JobState.QUEUED
    assert re.fullmatch(r"autoencoder-\d{8}-\d{6}-[0-9a-f]{4}", run.id)
    assert jobs.run(project, run.id) == run
    assert jobs.run_folder(project, run) == project.folder / "runs" / run.id


def test_that_runs_are_listed_newest_first(project: Project) -> None:
    made = [jobs.add_run(project, model_kind="autoencoder", config={}) for _ in range(3)]
    assert jobs.runs(project) == made[::-1]


def test_that_a_run_keeps_the_operators_note_and_tags(project: Project, run: RunRecord) -> None:
    assert (run.note, run.tags) == ("", ())
    jobs.describe_run(project, run.id, note="größere Bilder", tags=("best", "line 2"))
    described = jobs.run(project, run.id)
    assert (described.note, described.tags) == ("größere Bilder", ("best", "line 2"))


@pytest.fixture
def ended_run(project: Project, run: RunRecord) -> RunRecord:
    """A failed run with a checkpoint in its folder."""
    jobs.update_run(project, run.id, state=JobState.FAILED)
    folder = jobs.run_folder(project, run)
    folder.mkdir(parents=True)
    (folder / "last.ckpt").write_bytes(b"weights")
    return jobs.run(project, run.id)


def test_that_a_deleted_run_leaves_nothing(project: Project, ended_run: RunRecord) -> None:
    jobs.delete_run(project, ended_run.id)
    assert jobs.runs(project) == []
    assert list((project.folder / "runs").iterdir()) == []


def test_that_a_run_that_never_started_can_be_deleted(project: Project, run: RunRecord) -> None:
    jobs.update_run(project, run.id, state=JobState.CANCELLED)
    jobs.delete_run(project, run.id)
    assert jobs.runs(project) == []


def test_that_a_run_that_has_not_ended_stays(project: Project, run: RunRecord) -> None:
    with pytest.raises(BadDataError, match="not ended"):
        jobs.delete_run(project, run.id)
    assert jobs.runs(project) == [run]


def test_that_a_run_that_an_inspection_was_made_with_stays(
    project: Project, ended_run: RunRecord
) -> None:
    other = jobs.add_run(project, model_kind="autoencoder", config={})
    jobs.add_inspection(project, run_id=other.id, source="test", threshold=0.5)
    inspection = jobs.add_inspection(project, run_id=ended_run.id, source="test", threshold=0.5)
    with pytest.raises(BadDataError, match=inspection.id):
        jobs.delete_run(project, ended_run.id)
    assert (jobs.run_folder(project, ended_run) / "last.ckpt").is_file()


def test_that_a_run_whose_folder_cannot_be_moved_stays(
    project: Project, ended_run: RunRecord
) -> None:
    # A folder of the new name that is not empty refuses the move, whoever asks.
    blocker = project.folder / f"{ended_run.folder}.deleted"
    blocker.mkdir()
    (blocker / "in use").touch()
    with pytest.raises(BadDataError, match="cannot be deleted"):
        jobs.delete_run(project, ended_run.id)
    assert jobs.run(project, ended_run.id) == ended_run


def test_that_an_unknown_run_is_refused(project: Project, run: RunRecord) -> None:
    with pytest.raises(KeyError):
        jobs.run(project, run.id + "x")


def test_that_a_run_keeps_its_figures_until_it_gets_others(
    project: Project, run: RunRecord
) -> None:
    jobs.update_run(project, run.id, state=JobState.RUNNING, metrics={"val_loss": 0.5})
    jobs.update_run(project, run.id, state=JobState.FAILED, message="out of memory")
    failed = jobs.run(project, run.id)
    assert (failed.state, failed.message) == (JobState.FAILED, "out of memory")
    assert failed.metrics == {"val_loss": 0.5}
    jobs.update_run(project, run.id, state=JobState.COMPLETED, metrics={})
    assert jobs.run(project, run.id).metrics == {}


def test_that_updating_one_run_leaves_the_others(project: Project, run: RunRecord) -> None:
    other = jobs.add_run(project, model_kind="autoencoder", config={})
    jobs.update_run(project, run.id, state=JobState.RUNNING)
    assert jobs.run(project, other.id) == other


# ---- inspections


def test_that_an_inspection_is_queued_and_comes_back_as_it_was(
    project: Project, run: RunRecord, inspection: InspectionRecord
) -> None:
    assert inspection.state is JobState.QUEUED
    assert (inspection.run_id, inspection.source) == (run.id, "test")
    assert (inspection.threshold, inspection.calibrated_threshold) == (0.5, 0.5)
    assert jobs.inspections(project) == [inspection]
    folder = project.folder / "inspections" / inspection.id
    assert jobs.run_folder(project, inspection) == folder


def test_that_the_operators_threshold_leaves_the_calibrated_one(
    project: Project, inspection: InspectionRecord
) -> None:
    jobs.set_threshold(project, inspection.id, 0.75)
    [moved] = jobs.inspections(project)
    assert (moved.threshold, moved.calibrated_threshold) == (0.75, 0.5)


def test_that_an_inspection_is_updated(project: Project, inspection: InspectionRecord) -> None:
    jobs.update_inspection(
        project, inspection.id, state=JobState.COMPLETED, message="done", metrics={"auroc": 0.875}
    )
    [ended] = jobs.inspections(project)
    assert (ended.state, ended.message) == (JobState.COMPLETED, "done")
    assert ended.metrics == {"auroc": 0.875}


# ---- results


def test_that_results_are_sorted_and_unjudged_images_lead(
    project: Project, inspection: InspectionRecord
) -> None:
    unread = ResultRecord("/u.png", True, "dent", math.nan, "", 0.0, 0.0, "u.png: empty")
    low, high, tied = result("/l.png", -1.0), result("/h.png", math.inf), result("/a.png", -1.0)
    inspection_results.add_results(project, inspection.id, [low, high])
    inspection_results.add_results(project, inspection.id, [unread, tied])
    paths = [each.image_path for each in inspection_results.results(project, inspection.id)]
    assert paths == ["/u.png", "/h.png", "/a.png", "/l.png"]


def test_that_an_image_without_a_score_comes_back_without_one(
    project: Project, inspection: InspectionRecord
) -> None:
    inspection_results.add_results(
        project, inspection.id, [result("/u.png", math.nan, is_defective=True)]
    )
    [unread] = inspection_results.results(project, inspection.id)
    assert math.isnan(unread.score)
    assert not unread.is_judged


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    given_result=st.builds(
        ResultRecord,
        image_path=st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])),
        is_defective=st.none() | st.booleans(),
        defect_type=st.text(max_size=5, alphabet=st.characters(exclude_categories=["Cs"])),
        score=st.floats(allow_nan=False),
        heatmap_file=st.sampled_from(["", "heatmaps/0.png"]),
        heatmap_scale=st.floats(0, 1e6),
        seconds=st.floats(0, 1e6),
        error=st.sampled_from(["", "empty"]),
        called=st.sampled_from(["", "good", "dent"]),
        share_01=st.none() | st.floats(0, 1),
        proposals=st.lists(proposals(), max_size=3).map(tuple),
    )
)
def test_that_a_result_comes_back_as_it_was(
    project: Project, inspection: InspectionRecord, given_result: ResultRecord
) -> None:
    with project.transaction() as connection:
        connection.execute("DELETE FROM results")
    inspection_results.add_results(project, inspection.id, [given_result])
    assert inspection_results.results(project, inspection.id) == [given_result]


def test_that_an_image_scored_again_replaces_its_result(
    project: Project, inspection: InspectionRecord
) -> None:
    inspection_results.add_results(project, inspection.id, [result("/a.png", 0.25)])
    inspection_results.add_results(project, inspection.id, [result("/a.png", 0.75)])
    assert inspection_results.results(project, inspection.id) == [result("/a.png", 0.75)]


def test_that_what_a_model_sees_goes_with_its_result(
    project: Project, inspection: InspectionRecord
) -> None:
    seen = Proposal("dent", 0.75, Box(1, 2, 5, 6))
    with_proposals = replace(result("/a.png"), proposals=(seen, seen))
    inspection_results.add_results(project, inspection.id, [with_proposals, result("/b.png")])
    inspection_results.add_results(project, inspection.id, [result("/a.png")])
    assert inspection_results.result(project, inspection.id, "/a.png") == result("/a.png")


def test_that_one_result_comes_with_what_is_seen_in_its_image(
    project: Project, inspection: InspectionRecord
) -> None:
    seen = replace(result("/a.png"), proposals=(Proposal("dent", 0.75, Box(1, 2, 5, 6)),))
    inspection_results.add_results(project, inspection.id, [seen, result("/b.png")])
    assert inspection_results.result(project, inspection.id, "/a.png") == seen


def test_that_results_belong_to_their_inspection(
    project: Project, run: RunRecord, inspection: InspectionRecord
) -> None:
    other = jobs.add_inspection(project, run_id=run.id, source="train", threshold=0.5)
    inspection_results.add_results(project, inspection.id, [result("/a.png")])
    assert inspection_results.results(project, other.id) == []


# ---- after a crash


@pytest.mark.parametrize("state", JobState)
def test_that_jobs_nobody_can_be_running_are_interrupted(
    project: Project, run: RunRecord, inspection: InspectionRecord, state: JobState
) -> None:
    jobs.update_run(project, run.id, state=state, message="as it was")
    jobs.update_inspection(project, inspection.id, state=state, message="as it was")
    count = jobs.interrupt_stale_jobs(project)
    [stored_run], [stored_inspection] = jobs.runs(project), jobs.inspections(project)
    if state is JobState.QUEUED:
        assert (count, stored_run.state) == (1, state)
    elif state.is_active:
        assert count == 2
        assert stored_run.state is stored_inspection.state is JobState.INTERRUPTED
        assert "ended while" in stored_run.message
    else:
        assert count == 0
        assert (stored_run.state, stored_run.message) == (state, "as it was")
