import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from inspector_app.domain.errors import KnownError
from inspector_app.domain.jobs import InspectionRecord
from inspector_app.services.inspection_jobs import InspectionJobs
from inspector_app.store import jobs
from inspector_app.store.project import Project

Inspect = Callable[..., InspectionRecord]


@pytest.fixture
def inspect(
    inspecting: InspectionJobs, run_id: str, make_folder: Callable[..., Path], qtbot: QtBot
) -> Inspect:
    """Inspect a folder of images with these names, to the end."""

    def run(*names: str) -> InspectionRecord:
        with qtbot.waitSignal(inspecting.finished, timeout=20_000) as finished:
            inspecting.start(run_id, make_folder(*names))
        record = finished.args[0]
        assert isinstance(record, InspectionRecord)
        return record

    return run


def test_that_a_moved_threshold_is_stored(
    inspecting: InspectionJobs, inspect: Inspect, qtbot: QtBot
) -> None:
    record = inspect("a")
    with qtbot.waitSignal(inspecting.inspections_changed):
        inspecting.set_threshold(record.id, 0.05)
    stored = inspecting.archive.inspections()[0]
    assert (stored.threshold, stored.calibrated_threshold) == (0.05, 0.25)


def test_that_the_models_card_is_given(inspecting: InspectionJobs, inspect: Inspect) -> None:
    record = inspect("a")
    card = inspecting.archive.card(record.id)
    assert card is not None
    assert card.pixel_threshold == 0.3
    assert inspecting.archive.card("unknown") is None


def test_that_a_heatmaps_path_is_given_while_it_is_there(
    inspecting: InspectionJobs, inspect: Inspect, project: Project
) -> None:
    record = inspect("a", "bad")
    unread, scored = inspecting.archive.results(record.id)
    assert inspecting.archive.heatmap_path(record.id, unread) is None
    assert inspecting.archive.heatmap_path(record.id, scored) is None
    path = jobs.run_folder(project, record) / "heatmaps" / "0.png"
    path.parent.mkdir(exist_ok=True)
    path.touch()
    assert inspecting.archive.heatmap_path(record.id, scored) == path


def test_that_the_table_is_exported_with_the_verdicts_shown(
    inspecting: InspectionJobs, inspect: Inspect, tmp_path: Path
) -> None:
    record = inspect("a", "b", "bad")
    inspecting.set_threshold(record.id, 0.1)
    target = tmp_path / "results.csv"
    inspecting.archive.export_csv(record.id, target)
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(Path(row["file"]).name, row["verdict"], row["score"]) for row in rows] == [
        ("bad.png", "ng", ""),
        ("b.png", "ng", "0.1"),
        ("a.png", "ok", "0.0"),
    ]


def test_that_an_export_that_cannot_be_written_is_told(
    inspecting: InspectionJobs, inspect: Inspect, tmp_path: Path
) -> None:
    record = inspect("a")
    (tmp_path / "file").touch()
    with pytest.raises(KnownError):
        inspecting.archive.export_csv(record.id, tmp_path / "file" / "results.csv")


def test_that_an_export_from_a_damaged_database_is_told(
    inspecting: InspectionJobs, inspect: Inspect, project: Project, tmp_path: Path
) -> None:
    record = inspect("a")
    project.connection.execute("ALTER TABLE results RENAME TO gone")
    with pytest.raises(KnownError, match="could not be read"):
        inspecting.archive.export_csv(record.id, tmp_path / "results.csv")
    assert not (tmp_path / "results.csv").exists()
