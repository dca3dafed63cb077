"""The installation check: the window's own services, driven once through the main job.

``Inspector --self-test FOLDER`` makes a sample in the folder, opens it, drafts a mask by a
click, trains one epoch, inspects and quits. A windowed program has no stdout on Windows, so
what it finds goes into a file.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PySide6.QtCore import QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication

from inspector_app import __version__, paths
from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.edits import AddRegion
from inspector_app.domain.errors import BugError
from inspector_app.domain.geometry import PromptPoint
from inspector_app.domain.jobs import JobState
from inspector_app.domain.mask import Mask
from inspector_app.protocol.files import InspectionItem
from inspector_app.sample import PRODUCTS, create_sample
from inspector_app.services.job_files import inspection_items_of_folder
from inspector_app.services.opening import create_project
from inspector_app.services.segmentation import Candidates
from inspector_app.store.project import utc_now
from inspector_app.ui.context import ProgramServices, ProjectServices
from inspector_app.ui.main_window import MainWindow

RESULT_FILE = "self-test.jsonl"
_POLL_MS = 20
_LONGEST_STEP_S = 300.0
_TRAINING = {"epochs": 1, "image_size_px": 64}


class SelfTest(QObject):
    """Runs all steps, writes a line for each, and ends the program with 0 or 1."""

    def __init__(
        self,
        window: MainWindow,
        services: ProgramServices,
        open_path: Callable[[Path], None],
        folder: Path,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._open_path = open_path
        self._folder = folder
        self._lines: list[dict[str, Any]] = []

    def start(self) -> None:
        """Begin as soon as the window is painted."""
        self._folder.mkdir(parents=True, exist_ok=True)
        QTimer.singleShot(0, self._run)

    def _run(self) -> None:
        seconds = time.time() - psutil.Process().create_time()
        self._note("window", seconds, version=__version__, frozen=paths.is_frozen())
        try:
            self._do_everything()
        except Exception as error:  # reported, whatever it is: that is what a check is for
            self._note("failed", 0.0, error=f"{type(error).__name__}: {error}")
            # Not close(): that asks whether a running job may be ended, and nobody answers.
            self._window.closing.emit()
            QApplication.exit(1)
            return
        self._note("passed", 0.0)
        self._window.close()
        QApplication.exit(0)

    def _do_everything(self) -> None:
        with self._step("sample"):
            images = create_sample(self._folder / "sample", product=PRODUCTS[0].name)
        with self._step("open"):
            project = self._open(images)
        with self._step("hello") as found:
            self._wait(lambda: self._services.workers.state == "ready")
            found["device"] = self._services.workers.device
        with self._step("draft") as found:
            found["click_model"] = self._draft(project, images)
        with self._step("train") as found:
            found["run"] = run_id = self._train(project)
        with self._step("inspect") as found:
            found.update(self._inspect(project, run_id))

    # ---------------------------------------------------------------- steps

    def _open(self, images: Path) -> ProjectServices:
        folder = self._folder / "project"
        create_project(folder, images).close()
        self._open_path(folder)
        self._wait(lambda: self._window.project is not None)
        project = self._window.project
        if project is None:
            raise BugError("the project was closed again")
        return project

    def _draft(self, project: ProjectServices, images: Path) -> str:
        """Click into the first defect and accept the best candidate."""
        session = project.session
        record = next(r for r in session.images() if r.is_defective)
        session.set_current_image(record.id)
        path = session.image_path(record.id)
        answers: list[Candidates] = []
        failures: list[str] = []
        self._services.segmentation.ready.connect(answers.append)
        self._services.segmentation.failed.connect(lambda text, hint: failures.append(text + hint))
        self._services.segmentation.request(path, [_point_in_defect(path, images)])
        self._wait(lambda: bool(answers or failures))
        if failures or not answers[0].masks:
            raise BugError(f"no mask: {failures}")
        region = _region(session.add_class(record.defect_type).id, answers[0])
        if not session.perform("Add region", AddRegion(region, 0)):
            raise BugError("the region was refused")
        return answers[0].click_model

    def _train(self, project: ProjectServices) -> str:
        run = project.training_jobs.start("autoencoder", _TRAINING)
        if run is None:
            raise BugError("the training was refused")
        self._wait(lambda: not _by_id(project.training_jobs.runs(), run.id).state.is_active)
        ended = _by_id(project.training_jobs.runs(), run.id)
        if ended.state is not JobState.COMPLETED:
            raise BugError(f"the training is {ended.state}: {ended.message}")
        return run.id

    def _inspect(self, project: ProjectServices, run_id: str) -> dict[str, Any]:
        jobs = project.inspection_jobs
        inspection = jobs.start(run_id, None)
        if inspection is None:
            raise BugError("the inspection was refused")
        self._wait(lambda: not _by_id(jobs.archive.inspections(), inspection.id).state.is_active)
        ended = _by_id(jobs.archive.inspections(), inspection.id)
        if ended.state is not JobState.COMPLETED:
            raise BugError(f"the inspection is {ended.state}: {ended.message}")
        return {"inspection": ended.id, "images": len(jobs.archive.results(ended.id))}

    # ---------------------------------------------------------------- machinery

    @contextmanager
    def _step(self, name: str) -> Iterator[dict[str, Any]]:
        found: dict[str, Any] = {}
        started = time.monotonic()
        yield found
        self._note(name, time.monotonic() - started, **found)

    def _note(self, step: str, seconds: float, **found: Any) -> None:
        self._lines.append({"step": step, "seconds": round(seconds, 2), **found})
        text = "".join(f"{json.dumps(line)}\n" for line in self._lines)
        (self._folder / RESULT_FILE).write_text(text, encoding="utf-8")

    def _wait(self, condition: Callable[[], bool]) -> None:
        """Let the program live until the condition holds.

        Raises:
            TimeoutError: if it does not in time.
        """
        loop = QEventLoop()
        deadline = time.monotonic() + _LONGEST_STEP_S
        timer = QTimer()
        timer.setInterval(_POLL_MS)
        timer.timeout.connect(
            lambda: loop.quit() if condition() or time.monotonic() > deadline else None
        )
        timer.start()
        loop.exec()
        if not condition():
            raise TimeoutError(f"nothing happened for {_LONGEST_STEP_S:.0f} s")


def _by_id(records: list[Any], record_id: str) -> Any:
    return next(record for record in records if record.id == record_id)


def _point_in_defect(image: Path, images: Path) -> PromptPoint:
    """Return the middle one of the defect's pixels."""
    item = _item(inspection_items_of_folder(images), image)
    if item.mask_size is None:
        raise BugError(f"{image}: no mask")
    pixels = np.argwhere(Mask(*item.mask_size, item.mask_counts).to_array())
    y, x = pixels[len(pixels) // 2]
    return PromptPoint(float(x), float(y), 1)


def _item(items: list[InspectionItem], image: Path) -> InspectionItem:
    return next(item for item in items if Path(item.image_path) == image)


def _region(class_id: int, candidates: Candidates) -> Region:
    mask = candidates.masks[0]
    if mask.box is None:
        raise BugError("the click model proposed an empty mask")
    return Region(
        id=uuid.uuid4().hex,
        class_id=class_id,
        box=mask.box,
        mask=mask,
        author=Author.CLICK_MODEL,
        author_detail=candidates.click_model,
        created_at=utc_now(),
    )
