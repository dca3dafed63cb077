"""What a training and an inspection leave behind: run, result, and the map as a file."""

from collections.abc import Sequence

import numpy as np
from hand import HEIGHT, WIDTH

from inspector_app.domain.geometry import Box
from inspector_app.domain.jobs import JobState, ResultRecord
from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.domain.proposals import Proposal
from inspector_app.protocol.files import (
    BUNDLE_CARD_FILE,
    BUNDLE_FOLDER,
    BUNDLE_WEIGHTS_FILE,
    HEATMAP_FOLDER,
    BundleCard,
    ThresholdCard,
)
from inspector_app.store import inspection_results, jobs
from inspector_app.store.project import Project

PIXEL_THRESHOLD = 2.0
FILE_SCALE = 8.0
STRONG, WEAK, FAINT, SPECK = (
    Box(10, 10, 30, 30),
    Box(60, 40, 76, 56),
    Box(90, 10, 110, 30),
    Box(50, 10, 53, 13),
)
"""Where the map is 6, 3, 1.2 and 6."""


def train(project: Project, *, classes: tuple[str, ...] = ()) -> str:
    """Enter a finished training with its bundle; its threshold is 1 for images, 2 for pixels.

    With classes it is a U-Net's, else an autoencoder's.
    """
    kind = "unet" if classes else "autoencoder"
    record = jobs.add_run(project, model_kind=kind, config={})
    jobs.update_run(project, record.id, state=JobState.COMPLETED)
    bundle = jobs.run_folder(project, record) / BUNDLE_FOLDER
    bundle.mkdir(parents=True)
    (bundle / BUNDLE_CARD_FILE).write_text(_card(classes).model_dump_json())
    (bundle / BUNDLE_WEIGHTS_FILE).write_bytes(b"")
    return record.id


def inspect(project: Project, run_id: str, image_name: str, *, is_damaged: bool = False) -> str:
    """Enter an inspection of one image with its map."""
    record = jobs.add_inspection(project, run_id=run_id, source="none", threshold=1.0)
    file = f"{HEATMAP_FOLDER}/000000.png"
    path = str(project.image_folder / image_name)
    inspection_results.add_results(
        project, record.id, [ResultRecord(path, None, "", 3.0, file, FILE_SCALE, 0.1, "")]
    )
    target = jobs.run_folder(project, record) / file
    target.parent.mkdir(parents=True)
    target.write_bytes(b"no map" if is_damaged else _encoded_map())
    return record.id


def propose(
    project: Project, run_id: str, image_name: str, proposals: Sequence[Proposal], called: str
) -> None:
    """Enter what a U-Net sees in an image, in an inspection of its own."""
    record = jobs.add_inspection(project, run_id=run_id, source="none", threshold=1.0)
    path = str(project.image_folder / image_name)
    said = ResultRecord(
        path, None, "", 3.0, "", 0.0, 0.1, "", called, 0.9, proposals=tuple(proposals)
    )
    inspection_results.add_results(project, record.id, [said])


def _encoded_map() -> bytes:
    values = np.zeros((HEIGHT, WIDTH), np.float32)
    for box, value in ((STRONG, 6.0), (WEAK, 3.0), (FAINT, 1.2), (SPECK, 6.0)):
        values[Mask.from_box(box, height=HEIGHT, width=WIDTH).to_array()] = value
    sixteen_bit = np.rint(values / FILE_SCALE * 65535).astype(np.uint16)
    return cv2.imencode(".png", sixteen_bit)[1].tobytes()


def _card(classes: tuple[str, ...]) -> BundleCard:
    return BundleCard(
        kind="unet" if classes else "autoencoder",
        task="segmentation" if classes else "anomaly",
        title="U-Net" if classes else "Autoencoder",
        classes=classes,
        config={},
        input_size_px=64,
        threshold=ThresholdCard(
            value=1.0, method="quantile", good_count=9, overkill_asked=0.1, overkill_bound=0.1
        ),
        good_scores=(0.1, 0.2),
        pixel_threshold=PIXEL_THRESHOLD,
        pixel_median=0.1,
        weights_sha256="0" * 64,
        dataset_sha256="0" * 64,
        code_version="0.1",
        trained_at="2026-01-01T00:00:00+00:00",
        epochs=2,
        best_epoch=2,
    )
