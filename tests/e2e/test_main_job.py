"""The main job through the real window, with real workers: open, click, export, train, inspect."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pycocotools.coco import COCO
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector_app import paths
from inspector_app.app import Program
from inspector_app.domain.jobs import JobState, RunRecord
from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.services.diagnostics import Diagnostics
from inspector_app.services.settings import Settings
from inspector_app.ui.context import ProjectServices
from inspector_app.ui.pages.annotate import AnnotatePage
from inspector_app.ui.pages.inspect import InspectPage
from inspector_app.ui.shell.rail import Page
from inspector_app.ui.theme import Theme

SIDE = 96
SPOT_XY, SPOT_RADIUS = (60, 40), 9
_WORKER_MS = 120_000
"""A worker loads torch first, on a machine that may be busy."""
_QUICK = {"image_size_px": 64, "batch_size": 4}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """MVTec's layout: discs on a noisy ground, some with a dark spot and its mask."""
    folder = tmp_path / "washer"
    for number in range(12):
        _write(folder / f"train/good/{number:03}.png", _photo(number))
    for number in range(3):
        _write(folder / f"test/good/{number:03}.png", _photo(100 + number))
        spotted, mask = _photo(200 + number), np.zeros((SIDE, SIDE), np.uint8)
        cv2.circle(spotted, SPOT_XY, SPOT_RADIUS, (30, 30, 40), -1, cv2.LINE_AA)
        cv2.circle(mask, SPOT_XY, SPOT_RADIUS, 255, -1)
        _write(folder / f"test/spot/{number:03}.png", spotted)
        _write(folder / f"ground_truth/spot/{number:03}_mask.png", mask)
    return folder


@pytest.fixture
def program(qapp: QApplication, inspector_home: Path, qtbot: QtBot) -> Iterator[Program]:
    paths.config_folder().mkdir(parents=True, exist_ok=True)
    settings = Settings(paths.config_folder() / "settings.ini")
    theme = Theme(qapp, "light")
    program = Program(qapp, settings, theme, Diagnostics(paths.log_folder(), qapp))
    yield program
    program.window.closing.emit()
    program.window.hide()


@pytest.mark.slow
def test_that_an_operator_gets_from_photos_to_verdicts(
    program: Program, photos: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    project = _open(program, photos, qtbot)
    _click_accept_undo_redo(program, project, qtbot)
    _export_and_compare(project, tmp_path / "coco", qtbot)
    run = _train(project, qtbot)
    _cancel_another(project, qtbot)
    _inspect_and_move_the_threshold(program, project, run, qtbot)


def _open(program: Program, photos: Path, qtbot: QtBot) -> ProjectServices:
    program.start(photos)
    qtbot.waitUntil(lambda: program.window.project is not None, timeout=20_000)
    project = program.window.project
    assert project is not None
    masks_are_in = lambda: sum(r.region_count for r in project.session.images()) == 3  # noqa: E731
    qtbot.waitUntil(masks_are_in, timeout=20_000)
    assert [c.name for c in project.session.classes()] == ["spot"]
    return project


def _click_accept_undo_redo(program: Program, project: ProjectServices, qtbot: QtBot) -> None:
    session = project.session
    spotted = next(r for r in session.images() if r.relative_path == "test/spot/001.png")
    truth = session.load_document_of(spotted.id).regions[0].mask
    program.window.show_page(Page.ANNOTATE)
    page = program.window.pages.built(Page.ANNOTATE)
    assert isinstance(page, AnnotatePage)
    session.set_current_image(spotted.id)
    qtbot.waitUntil(lambda: not page.editing.image_size.isEmpty(), timeout=20_000)
    page.set_tool("click-segment")
    canvas, tool = page.canvas, page.tool("click-segment")
    at = canvas.viewport.to_widget(*SPOT_XY).toPoint()
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: bool(getattr(tool, "has_preview", False)), timeout=_WORKER_MS)
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.image(spotted.id).region_count == 2)
    drawn = session.load_document_of(spotted.id).regions[-1].mask
    assert drawn is not None
    assert truth is not None
    assert drawn.iou(truth) > 0.6
    page.actions_.undo.trigger()
    assert session.image(spotted.id).region_count == 1
    page.actions_.redo.trigger()
    assert session.image(spotted.id).region_count == 2


def _export_and_compare(project: ProjectServices, out: Path, qtbot: QtBot) -> None:
    project.exchange_jobs.export("coco", out)
    qtbot.waitUntil(lambda: not project.exchange_jobs.is_busy, timeout=20_000)
    coco = COCO(str(next(out.rglob("*.json"))))
    exported = sorted(
        (Mask.from_rle(a["segmentation"]).counts, tuple(int(v) for v in a["bbox"]))
        for a in coco.anns.values()
    )
    session = project.session
    regions = [r for i in session.images() for r in session.load_document_of(i.id).regions]
    held = sorted(
        (r.mask.counts, (r.box.left, r.box.top, r.box.width, r.box.height))
        for r in regions
        if r.mask is not None
    )
    assert exported == held
    assert len(held) == 4


def _train(project: ProjectServices, qtbot: QtBot) -> RunRecord:
    run = project.training_jobs.start("autoencoder", {"epochs": 2, **_QUICK})
    assert run is not None
    ended = _ended(project, run, qtbot)
    assert ended.state is JobState.COMPLETED, ended.message
    assert [epoch.epoch for epoch in project.training_jobs.history(run.id)] == [1, 2]
    assert project.training_jobs.has_bundle(run.id)
    return ended


def _cancel_another(project: ProjectServices, qtbot: QtBot) -> None:
    training = project.training_jobs
    run = training.start("autoencoder", {"epochs": 900, "patience": 900, **_QUICK})
    assert run is not None
    qtbot.waitUntil(lambda: len(training.history(run.id)) >= 1, timeout=_WORKER_MS)
    training.cancel(run.id)
    assert _ended(project, run, qtbot).state is JobState.CANCELLED
    assert (project.session.folder / run.folder / "last.ckpt").is_file()


def _ended(project: ProjectServices, run: RunRecord, qtbot: QtBot) -> RunRecord:
    def now() -> RunRecord:
        return next(r for r in project.training_jobs.runs() if r.id == run.id)

    qtbot.waitUntil(lambda: not now().state.is_active, timeout=_WORKER_MS)
    return now()


def _inspect_and_move_the_threshold(
    program: Program, project: ProjectServices, run: RunRecord, qtbot: QtBot
) -> None:
    program.window.show_page(Page.INSPECT)
    page = program.window.pages.built(Page.INSPECT)
    assert isinstance(page, InspectPage)
    jobs = project.inspection_jobs
    inspection = jobs.start(run.id, None)
    assert inspection is not None

    def is_over() -> bool:
        return not next(
            i for i in jobs.archive.inspections() if i.id == inspection.id
        ).state.is_active

    qtbot.waitUntil(is_over, timeout=_WORKER_MS)
    results = jobs.archive.results(inspection.id)
    assert len(results) == 6
    assert all(result.is_judged for result in results)
    page.show_inspection(inspection.id)
    assert page.table.model().rowCount() == 6
    lowest = min(result.score for result in results)
    page.threshold_panel.spin.setValue(page.threshold_panel.spin.minimum())
    page.threshold_panel.threshold_settled.emit(lowest)
    stored = next(i for i in jobs.archive.inspections() if i.id == inspection.id)
    assert stored.threshold == pytest.approx(lowest)
    assert stored.calibrated_threshold == inspection.calibrated_threshold


def _photo(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    photo = np.full((SIDE, SIDE, 3), (96, 100, 104), np.uint8)
    centre = tuple(int(v) for v in SIDE // 2 + rng.integers(-2, 3, 2))
    cv2.circle(photo, centre, 36, (190, 185, 180), -1, cv2.LINE_AA)
    cv2.circle(photo, centre, 10, (96, 100, 104), -1, cv2.LINE_AA)
    noisy = photo + rng.normal(0, 4, photo.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def _write(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), pixels)
