"""Held-out images as a model redraws them, from its run folder."""

from pathlib import Path

import numpy as np
import pytest

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.opencv import cv2
from inspector_app.protocol.files import REDRAWN_FILE, REDRAWN_FOLDER, RedrawnImage
from inspector_app.services.redrawn import load_redrawn


def write_redrawn(folder: Path, *kinds: str) -> None:
    (folder / REDRAWN_FOLDER).mkdir(parents=True)
    lines = []
    for number, kind in enumerate(kinds):
        line = RedrawnImage(
            number=number,
            image_path=f"/photos/{number}.png",
            is_defective=bool(kind),
            defect_type=kind,
            brightness_loss=0.01,
            structure_loss=0.2,
        )
        lines.append(line.model_dump_json())
        for level, what in enumerate(("given", "redrawn", "error")):
            pixels = np.full((8, 8, 3), 50 * level, np.uint8)
            cv2.imwrite(str(folder / REDRAWN_FOLDER / f"{number:02d}-{what}.png"), pixels)
    (folder / REDRAWN_FILE).write_text("\n".join(lines) + "\n")


def test_that_pictures_and_mean_losses_are_read(tmp_path: Path) -> None:
    write_redrawn(tmp_path, "", "dent")
    redrawn = load_redrawn(tmp_path, {"redrawn_loss/good": 0.1, "redrawn_loss/defective": 0.2})
    assert redrawn is not None
    assert (redrawn.good_loss, redrawn.defective_loss) == (0.1, 0.2)
    assert [each.line.defect_type for each in redrawn.images] == ["", "dent"]
    levels = [int(p[0, 0, 0]) for p in (redrawn.images[1].redrawn, redrawn.images[1].error)]
    assert levels == [50, 100]


def test_that_a_run_of_another_model_has_none(tmp_path: Path) -> None:
    assert load_redrawn(tmp_path, {}) is None


def test_that_a_missing_picture_is_named(tmp_path: Path) -> None:
    write_redrawn(tmp_path, "")
    (tmp_path / REDRAWN_FOLDER / "00-error.png").unlink()
    with pytest.raises(BadDataError, match=r"00-error\.png"):
        load_redrawn(tmp_path, {})


def test_that_a_damaged_line_is_named(tmp_path: Path) -> None:
    (tmp_path / REDRAWN_FILE).write_text('{"number": -1}\n')
    with pytest.raises(BadDataError, match="line 1"):
        load_redrawn(tmp_path, {})
