"""What the tests of the window share: a small project, its services."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from inspector_app import paths
from inspector_app.domain.dataset import list_folder
from inspector_app.domain.jobs import InspectionRecord, JobState, ResultRecord, RunRecord
from inspector_app.domain.opencv import cv2
from inspector_app.protocol.files import (
    BUNDLE_CARD_FILE,
    BUNDLE_FOLDER,
    BUNDLE_WEIGHTS_FILE,
    HEATMAP_FOLDER,
    BundleCard,
    ModelCard,
    ThresholdCard,
)
from inspector_app.services.anomaly_maps import AnomalyMaps
from inspector_app.services.background import Background
from inspector_app.services.click_adapting import ClickAdapting
from inspector_app.services.encoding_ahead import EncodingAhead
from inspector_app.services.exchange_jobs import ExchangeJobs
from inspector_app.services.images import Images
from inspector_app.services.inspection_jobs import InspectionJobs
from inspector_app.services.judgements import Judgements
from inspector_app.services.model_proposals import ModelProposals
from inspector_app.services.segmentation import Segmentation
from inspector_app.services.session import ProjectSession
from inspector_app.services.settings import Settings
from inspector_app.services.study_jobs import StudyJobs
from inspector_app.services.thumbnails import Thumbnails
from inspector_app.services.training_jobs import TrainingJobs
from inspector_app.services.weights_jobs import WeightsJobs
from inspector_app.services.workers import Workers
from inspector_app.store import inspection_results, jobs
from inspector_app.store.project import Project
from inspector_app.ui.context import ProgramServices, ProjectServices
from inspector_app.ui.theme import Theme

TRAIN_GOOD_COUNT = 6
TEST_GOOD_COUNT = 3
SCRATCHED_COUNT = 2
IMAGE_COUNT = TRAIN_GOOD_COUNT + TEST_GOOD_COUNT + SCRATCHED_COUNT

CARD = ModelCard(
    kind="autoencoder",
    title="Autoencoder (baseline)",
    task="anomaly",
    summary="Learns to redraw good parts.",
    needs="Good parts only",
    is_baseline=True,
    config_schema={
        "type": "object",
        "properties": {
            "epochs": {"type": "integer", "default": 60, "minimum": 1, "title": "Epochs"},
            "learning_rate": {"type": "number", "default": 0.001, "minimum": 1e-6},
            "augment": {"type": "boolean", "default": True},
        },
    },
)
"""What a worker would announce."""


class SilentWorkers(Workers):
    """Workers that know their cards and start no process."""

    def start_inference(self) -> None:
        pass

    @property
    def model_cards(self) -> tuple[ModelCard, ...]:
        return (CARD,)


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The light theme; taken off again, because a style sheet slows every other test."""
    theme = Theme(qapp, "light")
    yield theme
    theme.deleteLater()
    qapp.setStyleSheet("")
    qapp.setPalette(QPalette())


@pytest.fixture
def write_image() -> Callable[..., Path]:
    """Write an image of one grey level, with a bright square at a place if asked for."""

    def write(path: Path, *, grey: int = 128, size_px: int = 64, square: bool = False) -> Path:
        pixels = np.full((size_px, size_px, 3), grey, np.uint8)
        if square:
            pixels[20:36, 24:44] = 240
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(cv2.imencode(path.suffix, pixels)[1].tobytes())
        return path

    return write


@pytest.fixture
def image_folder(tmp_path: Path, write_image: Callable[..., Path]) -> Path:
    """MVTec's layout: good images to train on, good and scratched ones to test, with masks."""
    folder = tmp_path / "parts"
    for number in range(TRAIN_GOOD_COUNT):
        write_image(folder / f"train/good/{number:03}.png", grey=100 + number)
    for number in range(TEST_GOOD_COUNT):
        write_image(folder / f"test/good/{number:03}.png", grey=110 + number)
    for number in range(SCRATCHED_COUNT):
        write_image(folder / f"test/scratch/{number:03}.png", grey=110 + number, square=True)
        mask = np.zeros((64, 64), np.uint8)
        mask[20:36, 24:44] = 255
        mask_path = folder / f"ground_truth/scratch/{number:03}_mask.png"
        mask_path.parent.mkdir(parents=True, exist_ok=True)
        mask_path.write_bytes(cv2.imencode(".png", mask)[1].tobytes())
    return folder


@pytest.fixture
def project(tmp_path: Path, image_folder: Path) -> Iterator[Project]:
    """An open project of `image_folder` with its images, without regions."""
    with Project.create(tmp_path / "project", image_folder=image_folder) as project:
        files = [str(p.relative_to(image_folder)) for p in image_folder.rglob("*.png")]
        project.add_images(list_folder(files).entries)
        yield project


@pytest.fixture
def session(qapp: QApplication, project: Project) -> ProjectSession:
    return ProjectSession(project)


@pytest.fixture
def program_services(qapp: QApplication, inspector_home: Path) -> Iterator[ProgramServices]:
    """Real services whose workers never start."""
    background = Background()
    workers = SilentWorkers(["false"])
    weights = WeightsJobs()
    paths.config_folder().mkdir(parents=True, exist_ok=True)
    yield ProgramServices(
        settings=Settings(paths.config_folder() / "settings.ini"),
        background=background,
        images=Images(background),
        thumbnails=Thumbnails(background, paths.cache_folder() / "thumbnails"),
        workers=workers,
        segmentation=Segmentation(workers),
        encoding_ahead=EncodingAhead(
            workers, background, paths.embeddings_folder(), max_bytes=2**20
        ),
        weights=weights,
    )
    weights.shut_down()
    background.shut_down()


@pytest.fixture
def project_services(
    session: ProjectSession, program_services: ProgramServices
) -> Iterator[ProjectServices]:
    workers = program_services.workers
    training_jobs = TrainingJobs(session, workers)
    inspection_jobs = InspectionJobs(session, workers, training_jobs)
    adapting = ClickAdapting(session, workers)
    yield ProjectServices(
        session=session,
        training_jobs=training_jobs,
        study_jobs=StudyJobs(session, training_jobs),
        inspection_jobs=inspection_jobs,
        exchange_jobs=ExchangeJobs(session, program_services.background),
        judgements=Judgements(session, inspection_jobs, program_services.background),
        anomaly_maps=AnomalyMaps(session, inspection_jobs, training_jobs),
        model_proposals=ModelProposals(session, inspection_jobs, training_jobs),
        click_adapting=adapting,
    )
    adapting.shut_down()
    inspection_jobs.shut_down()
    training_jobs.shut_down()


@pytest.fixture
def trained_run(project: Project) -> RunRecord:
    """A completed run with a bundle whose threshold is 0.5."""
    record = jobs.add_run(project, model_kind="autoencoder", config={"epochs": 2})
    metrics = {"epochs": 2.0, "val_loss": 0.0123, "image_auroc": 0.875}
    jobs.update_run(
        project, record.id, state=JobState.COMPLETED, message="It is trained.", metrics=metrics
    )
    bundle = jobs.run_folder(project, record) / BUNDLE_FOLDER
    bundle.mkdir(parents=True)
    (bundle / BUNDLE_CARD_FILE).write_text(bundle_card().model_dump_json(), encoding="utf-8")
    (bundle / BUNDLE_WEIGHTS_FILE).write_bytes(b"")
    return jobs.run(project, record.id)


def bundle_card(*, method: str = "quantile") -> BundleCard:
    return BundleCard(
        kind="autoencoder",
        task="anomaly",
        title="Autoencoder (baseline)",
        config={"epochs": 2},
        input_size_px=64,
        threshold=ThresholdCard(
            value=0.5, method=method, good_count=40, overkill_asked=0.05, overkill_bound=0.05
        ),
        good_scores=(0.1, 0.2, 0.3),
        pixel_threshold=0.5,
        pixel_median=0.1,
        weights_sha256="0" * 64,
        dataset_sha256="0" * 64,
        code_version="0.1.0",
        trained_at="2026-01-01T00:00:00+00:00",
        epochs=2,
        best_epoch=2,
    )


@pytest.fixture
def inspection(
    project: Project, session: ProjectSession, trained_run: RunRecord
) -> InspectionRecord:
    """A completed inspection of the test images: good ones at 0.1…, scratched ones at 0.4, 0.9."""
    record = jobs.add_inspection(project, run_id=trained_run.id, source="test", threshold=0.5)
    folder = jobs.run_folder(project, record) / HEATMAP_FOLDER
    folder.mkdir(parents=True)
    heat = np.zeros((16, 16), np.uint16)
    heat[5:9, 6:11] = 65535
    (folder / "0.png").write_bytes(cv2.imencode(".png", heat)[1].tobytes())
    scores = {"good": iter((0.1, 0.2, 0.3)), "scratch": iter((0.4, 0.9))}
    results = []
    for image in session.images():
        if image.split.value == "test":
            path = str(session.image_path(image.id))
            is_bad = image.defect_type == "scratch"
            results.append(
                ResultRecord(
                    image_path=path,
                    is_defective=is_bad,
                    defect_type=image.defect_type,
                    score=next(scores[image.defect_type]),
                    heatmap_file=f"{HEATMAP_FOLDER}/0.png",
                    heatmap_scale=1.0,
                    seconds=0.01,
                    error="",
                )
            )
    inspection_results.add_results(project, record.id, results)
    jobs.update_inspection(project, record.id, state=JobState.COMPLETED, message="5 inspected.")
    return next(r for r in jobs.inspections(project) if r.id == record.id)
