"""A list of many images: how long it takes to be shown, and to be narrowed."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractItemView, QApplication
from watch import answer

from inspector_app import paths
from inspector_app.domain.annotation import ReviewState
from inspector_app.domain.dataset import ImageEntry, Split
from inspector_app.domain.image_filter import ImageFilter, LabelState, WorkState
from inspector_app.services.background import Background
from inspector_app.services.inspection_jobs import InspectionJobs
from inspector_app.services.judgements import Judgements
from inspector_app.services.session import ProjectSession
from inspector_app.services.thumbnails import Thumbnails
from inspector_app.services.training_jobs import TrainingJobs
from inspector_app.services.workers import Workers
from inspector_app.store.content import read_content
from inspector_app.store.project import Project
from inspector_app.ui.pages.dataset import DatasetPage
from inspector_app.ui.pages.start import StartPage
from inspector_app.ui.shell.warming import Warming

FILTERS = {
    "split": ImageFilter(split=Split.TEST),
    "type": ImageFilter(defect_type="crack"),
    "text": ImageFilter(text="0012"),
    "defective": ImageFilter(state=LabelState.DEFECTIVE),
    "to do": ImageFilter(work=WorkState.TODO),
    "all": ImageFilter(),
}


class Paints(QObject):
    """Notes when a list has painted."""

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__()
        self.count = 0
        view.viewport().installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.count += event.type() is QEvent.Type.Paint
        return False


def main() -> None:
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    app = QApplication([])
    project = _project(folder, count)
    started = time.perf_counter()
    content = read_content(project)
    read_ms = (time.perf_counter() - started) * 1000
    background = Background()
    started = time.perf_counter()
    session = ProjectSession(project, content=content)
    session_ms = (time.perf_counter() - started) * 1000
    workers = Workers([sys.executable, "-c", ""])
    inspections = InspectionJobs(session, workers, TrainingJobs(session, workers))
    judgements = Judgements(session, inspections, background)
    thumbnails = Thumbnails(background, paths.cache_folder() / "thumbnails")
    _show_start_page(app)
    started = time.perf_counter()
    page = DatasetPage(session, thumbnails, judgements, background)
    page.resize(1200, 700)
    paints = Paints(page.grid)
    page.show()
    _wait(app, lambda: paints.count > 0)
    shown_ms = (time.perf_counter() - started) * 1000
    narrowed = {name: _narrow_ms(app, page, paints, wanted) for name, wanted in FILTERS.items()}
    answer(shown_ms=shown_ms, read_ms=read_ms, session_ms=session_ms, **narrowed)


def _show_start_page(app: QApplication) -> None:
    """Show what the program shows first, and do what it does while a project is opened."""
    page = StartPage()
    page.show()
    _settle(app)
    for piece in Warming().take_dataset():
        piece()
    page.close()


def _project(folder: Path, count: int) -> Project:
    (folder / "images").mkdir(parents=True)
    project = Project.create(folder / "project", image_folder=folder / "images")
    kinds = ("good", "good", "good", "crack", "stain")
    splits = (Split.TRAIN, Split.TEST)
    project.add_images(
        [
            ImageEntry(f"{n // 1000:03d}/{n:06d}.jpg", splits[n % 2], kinds[n % 5])
            for n in range(count)
        ]
    )
    with project.transaction() as connection:
        connection.execute(
            "UPDATE images SET review = ? WHERE id % 3 = 0", (ReviewState.DONE.value,)
        )
    return project


def _narrow_ms(
    app: QApplication, page: DatasetPage, paints: Paints, wanted: ImageFilter, repeats: int = 5
) -> float:
    """Return the median time from the choice to the painted list."""
    times = []
    for _ in range(repeats):
        page.set_filter(ImageFilter(split=Split.TRAIN))
        _settle(app)
        seen = paints.count
        started = time.perf_counter()
        page.set_filter(wanted)
        _wait(app, lambda seen=seen: paints.count > seen)  # type: ignore[misc]
        times.append((time.perf_counter() - started) * 1000)
    return sorted(times)[repeats // 2]


def _settle(app: QApplication) -> None:
    for _ in range(20):
        app.processEvents()


def _wait(app: QApplication, is_done: Callable[[], bool]) -> None:
    while not is_done():
        app.processEvents()


if __name__ == "__main__":
    main()
