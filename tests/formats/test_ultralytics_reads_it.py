"""Ultralytics' own checks on exported YOLO folders, in a process of its own.

Elsewhere ultralytics would keep the settings folder of whoever imported it first.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from labelled_images import CLASSES, RING, WIDTH, drawn, labelled, region

from inspector_app.domain.annotation import ImageVerdict, Region
from inspector_app.domain.dataset import Split
from inspector_app.domain.geometry import Box
from inspector_app.domain.region_operations import without_holes
from inspector_app.formats.base import LabelledImage
from inspector_app.formats.yolo import export_yolo_detect, export_yolo_segment

SCRIPT = """
import json, sys
from pathlib import Path
from ultralytics.data.utils import check_det_dataset, img2label_paths, verify_image_label

report = {}
for folder in sys.argv[1:]:
    data = check_det_dataset(Path(folder) / "data.yaml", autodownload=False)
    images = sorted(str(path) for path in (Path(folder) / "images").rglob("*.*"))
    rows = {}
    for image, label in zip(images, img2label_paths(images)):
        found = verify_image_label((image, label, "", False, data["nc"], 0, 0, False))
        _, labels, shape, segments, _, missing, _, empty, corrupt, message = found
        rows[Path(image).name] = {
            "labels": labels.tolist(), "shape": shape, "missing": missing, "empty": empty,
            "corrupt": corrupt, "message": message,
            "segments": [segment.tolist() for segment in segments or []],
        }
    names = {int(number): name for number, name in data["names"].items()}
    report[Path(folder).name] = {"names": names, "train": data["train"], "val": data["val"],
                                 "images": rows}
print("REPORT" + json.dumps(report))
"""

HEIGHT = 18
"""Ultralytics takes no image of less than ten pixels."""

REGIONS = (
    region(drawn(*RING, height=HEIGHT)),
    region(Box(0, 0, WIDTH, HEIGHT), class_id=2),
    region(drawn("", "", "", "", "", "", "", "", "...........#", height=HEIGHT), class_id=2),
)


def images_in(folder: Path) -> list[LabelledImage]:
    return [
        labelled(folder, "images/ä b/labels/0.png", *REGIONS, split=Split.TRAIN, height=HEIGHT),
        labelled(folder, "labels/0.jpg", REGIONS[0], split=Split.TEST, height=HEIGHT),
        labelled(folder, "good.png", verdict=ImageVerdict.OK, height=HEIGHT),
    ]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("yolo")
    images = images_in(folder / "in")
    export_yolo_detect(images, CLASSES, folder / "detect")
    export_yolo_segment(images, CLASSES, folder / "segment")
    settings = {
        "YOLO_OFFLINE": "true",
        "YOLO_AUTOINSTALL": "false",
        "YOLO_CONFIG_DIR": str(folder),
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder / "detect"), str(folder / "segment")],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.rpartition("REPORT")[2])
    return found


def expected_box(some: Region) -> list[float]:
    return [some.class_id - 1, *some.box.to_yolo(WIDTH, HEIGHT)]


@pytest.mark.parametrize("kind", ["detect", "segment"])
def test_that_no_label_is_corrupt_or_empty_or_dropped(report: dict[str, Any], kind: str) -> None:
    rows = report[kind]["images"].values()
    assert [(row["corrupt"], row["empty"], row["message"]) for row in rows] == [(0, 0, "")] * 3


@pytest.mark.parametrize("kind", ["detect", "segment"])
def test_that_only_the_image_without_a_region_has_no_label(
    report: dict[str, Any], kind: str
) -> None:
    missing = {name for name, row in report[kind]["images"].items() if row["missing"]}
    assert missing == {"good.png"}


@pytest.mark.parametrize("kind", ["detect", "segment"])
def test_that_the_boxes_are_those_of_the_regions(report: dict[str, Any], kind: str) -> None:
    found = report[kind]["images"]["images__ä b__labels__0.png"]["labels"]
    assert found == [pytest.approx(expected_box(some), abs=1e-6) for some in REGIONS]


def test_that_the_outline_covers_the_area_of_the_region(report: dict[str, Any]) -> None:
    outline = report["segment"]["images"]["labels__0.jpg"]["segments"][0]
    twice = sum(
        x0 * y1 - x1 * y0
        for (x0, y0), (x1, y1) in zip(outline, outline[1:] + outline[:1], strict=True)
    )
    area_px = abs(twice) / 2 * WIDTH * HEIGHT
    assert area_px == pytest.approx(without_holes(drawn(*RING, height=HEIGHT)).area, abs=1e-3)


@pytest.mark.parametrize("kind", ["detect", "segment"])
def test_that_the_names_are_the_classes(report: dict[str, Any], kind: str) -> None:
    names = {str(number): some.name for number, some in enumerate(CLASSES)}
    assert report[kind]["names"] == names


@pytest.mark.parametrize("kind", ["detect", "segment"])
def test_that_train_and_val_are_folders(report: dict[str, Any], kind: str) -> None:
    assert all(Path(report[kind][split]).is_dir() for split in ("train", "val"))
