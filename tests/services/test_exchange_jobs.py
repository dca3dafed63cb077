"""Import and export run in a thread, one at a time, and can be stopped."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.edits import AddRegion
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.formats.base import ImagePlacement
from inspector_app.services.background import Background
from inspector_app.services.exchange_jobs import ExchangeJobs
from inspector_app.services.session import ProjectSession

TIMEOUT_MS = 20_000


@pytest.fixture
def exchange(session: ProjectSession) -> ExchangeJobs:
    return ExchangeJobs(session, Background(max_threads=1))


@pytest.fixture
def labelled(session: ProjectSession) -> ProjectSession:
    """A session whose first image has one region."""
    box = Box(4, 4, 8, 8)
    mask = Mask.from_box(box, height=32, width=48)
    region = Region("r1", session.classes()[0].id, box, mask, Author.HAND)
    session.perform("Add region", AddRegion(region, 0))
    return session


def test_that_an_export_is_reported(
    exchange: ExchangeJobs, labelled: ProjectSession, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(exchange.exported, timeout=TIMEOUT_MS) as exported:
        exchange.export("coco", tmp_path / "out")
    assert (exported.args[0].image_count, exported.args[0].region_count) == (10, 1)
    assert not exchange.is_busy


def test_that_an_export_places_its_images_as_asked(
    exchange: ExchangeJobs, labelled: ProjectSession, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(exchange.exported, timeout=TIMEOUT_MS):
        exchange.export("coco", tmp_path / "out", ImagePlacement.COPY)
    assert any((tmp_path / "out" / "images").iterdir())


def test_that_labels_that_went_out_come_in_again(
    exchange: ExchangeJobs, labelled: ProjectSession, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(exchange.exported, timeout=TIMEOUT_MS):
        exchange.export("coco", tmp_path / "out")
    labelled.undo()
    (file,) = (tmp_path / "out").rglob("*.json")
    with qtbot.waitSignal(exchange.previewed, timeout=TIMEOUT_MS) as previewed:
        exchange.preview_import("coco", file)
    plan, preview = previewed.args
    assert preview.region_count == 1
    assert sum(record.region_count for record in labelled.images()) == 0
    with qtbot.waitSignal(exchange.imported, timeout=TIMEOUT_MS):
        exchange.import_plan(plan)
    assert sum(record.region_count for record in labelled.images()) == 1


def test_that_a_refused_export_says_why(
    exchange: ExchangeJobs, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("")
    with qtbot.waitSignal(exchange.failed, timeout=TIMEOUT_MS) as failed:
        exchange.export("coco", tmp_path / "out")
    assert str(tmp_path / "out") in failed.args[0]


def test_that_a_stopped_export_leaves_nothing(
    exchange: ExchangeJobs, labelled: ProjectSession, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(exchange.stopped, timeout=TIMEOUT_MS):
        exchange.export("yolo-segment", tmp_path / "out")
        exchange.stop()
    assert not (tmp_path / "out").exists()


def test_that_a_second_job_waits_for_no_one(
    exchange: ExchangeJobs, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(exchange.exported, timeout=TIMEOUT_MS):
        exchange.export("coco", tmp_path / "first")
        exchange.export("coco", tmp_path / "second")
    assert not (tmp_path / "second").exists()


def test_that_the_data_set_is_described_in_the_project(
    exchange: ExchangeJobs, labelled: ProjectSession, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(exchange.described, timeout=TIMEOUT_MS) as described:
        exchange.describe_dataset()
    (page,) = described.args
    assert page.is_relative_to(labelled.folder)
    assert "10" in page.read_text(encoding="utf-8")
