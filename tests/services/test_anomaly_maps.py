"""Which map an image that is being annotated has, and how it comes by one."""

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from inspector_app.domain.jobs import JobState, ResultRecord
from inspector_app.domain.opencv import cv2
from inspector_app.services.anomaly_maps import AnomalyMap, AnomalyMaps, Inspector
from inspector_app.services.heatmaps import HeatmapScale
from inspector_app.services.inspection_jobs import InspectionJobs
from inspector_app.services.session import ProjectSession
from inspector_app.services.training_jobs import TrainingJobs
from inspector_app.store import inspection_results, jobs
from inspector_app.store.project import Project

LONG_MS = 20_000


@pytest.fixture
def maps(
    session: ProjectSession, inspecting: InspectionJobs, training: TrainingJobs
) -> AnomalyMaps:
    return AnomalyMaps(session, inspecting, training)


@pytest.fixture
def image_path(session: ProjectSession) -> Path:
    return session.image_path(session.images()[0].id)


def inspected(project: Project, run_id: str, image_path: Path) -> tuple[str, Path]:
    """Enter an inspection that left a heatmap; return its id and the file."""
    record = jobs.add_inspection(project, run_id=run_id, source="none", threshold=0.25)
    result = ResultRecord(str(image_path), None, "", 0.4, "heatmaps/0.png", 1.5, 0.1, "")
    inspection_results.add_results(project, record.id, [result])
    path = jobs.run_folder(project, record) / "heatmaps" / "0.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(cv2.imencode(".png", np.zeros((4, 4), np.uint16))[1].tobytes())
    return record.id, path


def test_that_an_image_that_nothing_judged_has_no_map(maps: AnomalyMaps, image_path: Path) -> None:
    assert maps.of_image(image_path) is None


def test_that_the_newest_map_is_given_with_its_models_scale(
    maps: AnomalyMaps, project: Project, run_id: str, image_path: Path
) -> None:
    inspected(project, run_id, image_path)
    _, path = inspected(project, run_id, image_path)
    scale = HeatmapScale(median=0.1, threshold=0.3)
    assert maps.of_image(image_path) == AnomalyMap(path, 1.5, scale, run_id, "Autoencoder")


def test_that_the_scale_follows_a_moved_threshold(
    maps: AnomalyMaps,
    inspecting: InspectionJobs,
    project: Project,
    run_id: str,
    image_path: Path,
    qtbot: QtBot,
) -> None:
    inspection_id, _ = inspected(project, run_id, image_path)
    with qtbot.waitSignal(maps.changed):
        inspecting.set_threshold(inspection_id, 0.5)
    found = maps.of_image(image_path)
    assert found is not None
    assert found.scale.threshold == pytest.approx(0.6)


def test_that_an_older_map_serves_where_the_newest_file_is_gone(
    maps: AnomalyMaps, project: Project, run_id: str, image_path: Path
) -> None:
    _, older = inspected(project, run_id, image_path)
    _, newer = inspected(project, run_id, image_path)
    newer.unlink()
    found = maps.of_image(image_path)
    assert found is not None
    assert found.path == older


def test_that_a_map_whose_model_is_gone_is_passed_over(
    maps: AnomalyMaps, project: Project, image_path: Path
) -> None:
    inspected(project, "no such run", image_path)
    assert maps.of_image(image_path) is None


def test_that_the_newest_completed_run_with_a_model_inspects(
    maps: AnomalyMaps, project: Project, run_id: str
) -> None:
    without_bundle = jobs.add_run(project, model_kind="autoencoder", config={})
    jobs.update_run(project, without_bundle.id, state=JobState.COMPLETED)
    jobs.add_run(project, model_kind="autoencoder", config={})
    assert maps.inspector() == Inspector(run_id, "Autoencoder")


def test_that_without_a_trained_model_nothing_is_inspected(
    maps: AnomalyMaps, inspecting: InspectionJobs, project: Project, run_id: str, image_path: Path
) -> None:
    jobs.update_run(project, run_id, state=JobState.FAILED)
    assert maps.inspector() is None
    maps.inspect_from(image_path)
    assert inspecting.archive.inspections() == []


def test_that_all_images_are_judged_beginning_with_the_one_at_hand(
    maps: AnomalyMaps, inspecting: InspectionJobs, session: ProjectSession, qtbot: QtBot
) -> None:
    paths = [str(session.image_path(image.id)) for image in session.images()]
    progress: list[tuple[int, int]] = []
    maps.progressed.connect(lambda done, total: progress.append((done, total)))
    with qtbot.waitSignal(inspecting.finished, timeout=LONG_MS):
        maps.inspect_from(Path(paths[3]))
        assert maps.is_inspecting
        maps.inspect_from(Path(paths[3]))
    (record,) = inspecting.archive.inspections()
    by_score = sorted(inspecting.archive.results(record.id), key=lambda result: result.score)
    assert [result.image_path for result in by_score] == paths[3:] + paths[:3]
    assert progress[-1] == (len(paths), len(paths))
    assert not maps.is_inspecting
