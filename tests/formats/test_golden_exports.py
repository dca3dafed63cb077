"""Every export format against files that were looked at once.

``python tests/formats/test_golden_exports.py`` writes them anew after a wanted change.
"""

import base64
import io
import json
import re
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from labelled_images import CLASSES, RING, drawn, labelled, region
from PIL import Image

from inspector_app.domain.annotation import ImageVerdict
from inspector_app.domain.dataset import Split
from inspector_app.domain.geometry import Box
from inspector_app.formats.base import LabelledImage
from inspector_app.formats.registry import EXPORTERS

GOLDEN = Path(__file__).parent / "golden"


def sample(folder: Path) -> list[LabelledImage]:
    """A good part, a ring with an island, overlapping regions with a bare box, an unjudged part."""
    return [
        labelled(folder, "train/good/000.png", split=Split.TRAIN, defect_type="good"),
        labelled(
            folder,
            "test/Kratzer ä/000.png",
            region(drawn(*RING)),
            split=Split.TEST,
            defect_type="Kratzer ä",
        ),
        labelled(
            folder,
            "val/000.png",
            region(drawn("###", "###")),
            region(drawn(".", ".###"), class_id=2),
            region(Box(4, 4, 12, 9), class_id=2),
            split=Split.VALIDATION,
        ),
        labelled(folder, "loose.png"),
        labelled(folder, "checked.png", verdict=ImageVerdict.OK),
    ]


def export(name: str, target: Path) -> None:
    """Write an export and, beside it, its report's remarks."""
    with tempfile.TemporaryDirectory() as folder:
        report = EXPORTERS[name](sample(Path(folder)), CLASSES, target)
    text = json.dumps(report.remarks, indent=1, ensure_ascii=False)
    (target / "remarks.json").write_text(f"{text}\n", encoding="utf-8")


def comparable(path: Path) -> object:
    """Return a text's characters or an image's pixels: compression differs between libraries."""
    if path.suffix == ".png":
        return _pixels(path.read_bytes())
    text = path.read_text(encoding="utf-8")
    # labelme's masks are pictures inside the text.
    masks = re.findall(r'"mask": "(iVBOR[^"]+)"', text)
    for mask in masks:
        text = text.replace(mask, "…")
    return text, [_pixels(base64.b64decode(mask)) for mask in masks]


def _pixels(data: bytes) -> object:
    with Image.open(io.BytesIO(data)) as image:
        return image.mode, image.getpalette(), np.asarray(image).tolist()


def everything_in(folder: Path) -> dict[str, object]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): comparable(path) for path in files}


@pytest.mark.parametrize("name", EXPORTERS)
def test_that_an_export_is_what_it_has_always_been(tmp_path: Path, name: str) -> None:
    export(name, tmp_path / "out")
    assert everything_in(tmp_path / "out") == everything_in(GOLDEN / name)


if __name__ == "__main__":
    shutil.rmtree(GOLDEN, ignore_errors=True)
    for format_name in EXPORTERS:
        export(format_name, GOLDEN / format_name)
