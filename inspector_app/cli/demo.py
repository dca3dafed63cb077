"""The main job from end to end: photos, clicks, export, training, inspection, report."""

import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from inspector_app import paths
from inspector_app.cli.console import Console
from inspector_app.cli.demo_table import show_demo
from inspector_app.cli.drafting import draft_regions
from inspector_app.cli.exit_codes import DONE, INTERRUPTED
from inspector_app.cli.inspecting import inspect_in_project, model_of_project
from inspector_app.cli.reporting import report
from inspector_app.cli.stopwatch import Stopwatch
from inspector_app.cli.training import TrainingOutcome, train
from inspector_app.cli.worker_client import WorkerClient
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.files import known_write_errors
from inspector_app.protocol.files import InspectionItem
from inspector_app.sample import create_sample
from inspector_app.services.exchange import export_project
from inspector_app.services.job_files import inspection_items_of_folder
from inspector_app.services.opening import create_project, import_ground_truth
from inspector_app.services.report.write import refuse_filled_folder
from inspector_app.store.project import Project

DRAFTED_IMAGES = 8
MODEL_KIND = "autoencoder"
_EXPORTS = ("coco", "yolo-detect", "yolo-segment")
_MARK = ".inspector-demo"
"""Only a folder that carries it is ever replaced."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the demo works on and where it leaves its results."""

    data: Path | None
    """A category folder in MVTec's layout, None for the sample."""
    out: Path
    product: str
    """Of the sample."""
    draft_count: int
    settings: tuple[str, ...]
    """``key=value`` words for the model."""
    opens_window: bool


def run_demo(options: DemoOptions, console: Console) -> int:
    """Run every step, tell figures, times and places, and open the window where there is a screen.

    Raises:
        KnownError: if the data do not fit or a step fails for a reason to put right.
    """
    demo = _Demo(options, console)
    demo.make_place()
    images = demo.find_images()
    with WorkerClient() as worker, demo.make_project(images) as project:
        demo.draft(project, worker)
        demo.export(project)
        # The whole GPU is the training's, as in the window.
        worker.release_models()
        trained = demo.train(project)
        if not trained.is_cancelled:
            demo.inspect(project, worker)
    if "inspection" not in demo.document:
        return INTERRUPTED
    document = {**demo.document, "seconds": demo.watch.seconds}
    show_demo(document, console)
    console.result(document)
    if options.opens_window and has_screen():
        subprocess.Popen(_window_command(demo.project_folder))
    return DONE


class _Demo:
    """The steps in their order; each adds its findings to the document."""

    def __init__(self, options: DemoOptions, console: Console) -> None:
        self.document: dict[str, Any] = {}
        self.watch = Stopwatch(console)
        self._options = options
        self._console = console
        self._out = options.out.resolve()
        self._items: list[InspectionItem] = []

    @property
    def project_folder(self) -> Path:
        return self._out / "project"

    def make_place(self) -> None:
        """Make the output folder, in place of an earlier demo's but of nothing else."""
        if not (self._out / _MARK).is_file():
            refuse_filled_folder(self._out)
        with known_write_errors(self._out):
            for name in ("project", "export", "report"):
                shutil.rmtree(self._out / name, ignore_errors=True)
            self._out.mkdir(parents=True, exist_ok=True)
            (self._out / _MARK).touch()

    def find_images(self) -> Path:
        """Return the folder of photos; the test images' truth is read here for the figures."""
        if self._options.data is None:
            with self.watch.step("sample"), self._console.progress("sample") as progress:
                images = create_sample(
                    self._out / "sample", product=self._options.product, progress=progress
                )
        else:
            images = self._options.data.resolve()
        self._items = _test_items(images)
        self.document["images"] = str(images)
        return images

    def make_project(self, images: Path) -> Project:
        with self.watch.step("project"):
            project = create_project(self.project_folder, images)
        self.document["project"] = str(self.project_folder)
        return project

    def draft(self, project: Project, worker: WorkerClient) -> None:
        """Draft some masks by clicks, then take over the given ones of all other images."""
        chosen = spread_over_types(self._items, self._options.draft_count)
        with self.watch.step("clicks"):
            drafted = draft_regions(project, chosen, worker, self._console)
        with self.watch.step("other masks"), self._console.progress("masks") as progress:
            self._console.remark(import_ground_truth(project, progress=progress))
        self.document["device"] = worker.hello.device
        self.document["clicks"] = asdict(drafted)

    def export(self, project: Project) -> None:
        exports = {}
        with self.watch.step("export"):
            for format_name in _EXPORTS:
                folder = self._out / "export" / format_name
                done = export_project(project, format_name, folder)
                exports[format_name] = {
                    "folder": str(folder),
                    "images": done.image_count,
                    "regions": done.region_count,
                }
        self.document["exports"] = exports

    def train(self, project: Project) -> TrainingOutcome:
        with self.watch.step("training"), WorkerClient() as worker:
            trained = train(project, worker, MODEL_KIND, self._options.settings, self._console)
        self.document["training"] = {
            "run": trained.run_id,
            "run_folder": str(trained.run_folder),
            "metrics": dict(trained.metrics),
        }
        return trained

    def inspect(self, project: Project, worker: WorkerClient) -> None:
        model = model_of_project(project)
        with self.watch.step("inspection"):
            inspected = inspect_in_project(
                project, model, self._items, source="test", worker=worker, console=self._console
            )
        if inspected.is_cancelled:
            return
        with self.watch.step("report"):
            self.document["inspection"] = report(
                inspected,
                model,
                source=f"{project.name}, test images",
                out=self._out / "report",
                device=worker.hello.device,
                console=self._console,
            )


def _test_items(images: Path) -> list[InspectionItem]:
    """Return the test images with their truth.

    Raises:
        BadDataError: if there is no defect with a mask: nothing to click, nothing to measure.
    """
    items = inspection_items_of_folder(images / "test" if (images / "test").is_dir() else images)
    if not any(item.mask_counts for item in items):
        raise BadDataError(
            f"{images}: no defects with masks",
            "name an MVTec category folder (with train/good, test/<type>, ground_truth/<type>)",
        )
    return items


def spread_over_types(items: Sequence[InspectionItem], count: int) -> list[InspectionItem]:
    """Return up to `count` defects with masks, in turn from every type."""
    by_type: defaultdict[str, list[InspectionItem]] = defaultdict(list)
    for item in items:
        if item.mask_counts:
            by_type[item.defect_type].append(item)
    in_turn = chain.from_iterable(zip_longest(*by_type.values()))
    return [item for item in in_turn if item is not None][:count]


def has_screen() -> bool:
    """Tell whether a window could be seen by somebody."""
    if os.environ.get("CI"):
        return False
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _window_command(project_folder: Path) -> list[str]:
    program = [sys.executable] if paths.is_frozen() else [sys.executable, "-m", "inspector_app"]
    return [*program, str(project_folder)]
