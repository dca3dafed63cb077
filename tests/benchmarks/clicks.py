"""Clicks on the Annotate page: what is waited for beyond the click model's own time.

Takes a folder of images and the name of a click model; the answers are the medians of
several regions.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QSize, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from watch import answer

from inspector_app import paths
from inspector_app.domain.dataset import ImageEntry, Split
from inspector_app.protocol.messages import PrepareAhead, Segmented
from inspector_app.services.anomaly_maps import AnomalyMaps
from inspector_app.services.background import Background
from inspector_app.services.encoding_ahead import EncodingAhead
from inspector_app.services.images import Images
from inspector_app.services.inspection_jobs import InspectionJobs
from inspector_app.services.judgements import Judgements
from inspector_app.services.model_proposals import ModelProposals
from inspector_app.services.segmentation import Segmentation
from inspector_app.services.session import ProjectSession
from inspector_app.services.settings import Settings
from inspector_app.services.thumbnails import Thumbnails
from inspector_app.services.training_jobs import TrainingJobs
from inspector_app.services.weights_jobs import WeightsJobs
from inspector_app.services.workers import Workers
from inspector_app.store.project import Project
from inspector_app.ui.canvas.tools.click_segment import ClickSegmentTool
from inspector_app.ui.context import ModelOpinions, ProgramServices
from inspector_app.ui.pages.annotate import AnnotatePage

REGIONS = 9
_UNTIL_ENCODING_MS = 1500
"""The worker waits for a quiet moment, then decodes, then encodes."""
_PATIENCE_MS = 120_000


def wait_until(condition: Callable[[], bool]) -> None:
    loop, ticks = QEventLoop(), QTimer()
    ticks.timeout.connect(lambda: condition() and loop.quit())
    ticks.start(1)
    QTimer.singleShot(_PATIENCE_MS, loop.quit)
    if not condition():
        loop.exec()
    if not condition():
        raise SystemExit("a click was not answered")


class Bench:
    def __init__(self, images: Path, model: str) -> None:
        script = Path(__file__).with_name("random_mobile_sam.py")
        self.workers = Workers([sys.executable, str(script)])
        self.workers.choose_click_model(model)
        self.workers.event_received.connect(self._on_event)
        self.segmented: Segmented | None = None
        background = Background()
        paths.config_folder().mkdir(parents=True, exist_ok=True)
        program = ProgramServices(
            settings=Settings(paths.config_folder() / "settings.ini"),
            background=background,
            images=Images(background),
            thumbnails=Thumbnails(background, paths.cache_folder() / "thumbnails"),
            workers=self.workers,
            segmentation=Segmentation(self.workers),
            encoding_ahead=EncodingAhead(
                # Nothing of its own accord: what is measured asks for it.
                self.workers,
                background,
                paths.embeddings_folder(),
                max_bytes=0,
            ),
            weights=WeightsJobs(),
        )
        project = Project.create(paths.cache_folder() / f"clicks-{model}", image_folder=images)
        names = sorted(path.name for path in images.iterdir())
        project.add_images([ImageEntry(name, Split.NONE, "") for name in names])
        self.session = ProjectSession(project)
        training = TrainingJobs(self.session, self.workers)
        inspections = InspectionJobs(self.session, self.workers, training)
        opinions = ModelOpinions(
            AnomalyMaps(self.session, inspections, training),
            ModelProposals(self.session, inspections, training),
            Judgements(self.session, inspections, background),
        )
        self.page = AnnotatePage(program, self.session, opinions)
        self.page.resize(1366, 768)
        self.page.show()
        tool = self.page.tool("click-segment")
        assert isinstance(tool, ClickSegmentTool)
        self.tool = tool
        tool.click_options.previews.set_value(False)
        wait_until(lambda: self.page.canvas.has_image)

    def _on_event(self, event: object) -> None:
        if isinstance(event, Segmented):
            self.segmented = event

    def region(self, x: float, y: float) -> tuple[float, float, float]:
        """Click and accept; return the model's seconds, the rest up to the preview, to the end."""
        canvas, self.segmented = self.page.canvas, None
        place = canvas.viewport.to_widget(x, y).toPoint()
        started = time.perf_counter()
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
        wait_until(lambda: self.tool.has_preview)
        canvas.repaint()
        assert self.segmented is not None
        previewed_s = time.perf_counter() - started
        started = time.perf_counter()
        QTest.keyClick(canvas, Qt.Key.Key_Return)
        canvas.repaint()
        accepted_s = time.perf_counter() - started
        return self.segmented.seconds, previewed_s - self.segmented.seconds, accepted_s

    def region_during_encoding(self, number: int, size: QSize) -> float:
        """Click while the worker is in the middle of encoding another image."""
        path = self.session.image_folder / f"{number}.png"
        self.workers.send(PrepareAhead(request_id=10**9 + number, image_path=str(path)))
        QTest.qWait(_UNTIL_ENCODING_MS)
        model_s, previewed_s, _ = self.region(size.width() * (0.2 + 0.06 * number), 700)
        return model_s + previewed_s


def main() -> None:
    QApplication(sys.argv[:1])
    bench = Bench(Path(sys.argv[1]), sys.argv[2])
    size = bench.page.editing.image_size
    bench.region(size.width() / 2, size.height() / 2)
    steps = range(1, REGIONS + 1)
    found = [
        bench.region(size.width() * (0.2 + 0.06 * step), size.height() * 0.4) for step in steps
    ]
    model, previewed, accepted = (statistics.median(column) for column in zip(*found, strict=True))
    ahead = [bench.region_during_encoding(number, size) for number in (1, 2, 3)]
    answer(
        model_s=model,
        previewed_s=previewed,
        accepted_s=accepted,
        during_ahead_s=statistics.median(ahead),
    )


main()
