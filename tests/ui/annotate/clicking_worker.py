"""An inference worker that answers clicks with discs, so that a test knows what to expect.

Around the last point that belongs (or in the box) it proposes three discs of 4, 7 and 10 px
radius, the one that is refined first, without what lies within 3 px of a point that does not.
A rough mask is snapped to a disc of 10 px. While a file of the image's
name plus ``.hold`` exists it keeps the answer back.
"""

import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "services" / "workers"))
import numpy as np
from speaking import Commands, say, say_hello

from inspector_app.domain.mask import Mask

IMAGE_SIZE = (120, 80)
RADII_PX = (4, 7, 10)
_WITHOUT_RADIUS_PX = 3
SNAPPED_AT = (60, 40)
"""Where every rough mask is snapped to."""


def disc(x: float, y: float, radius_px: float) -> np.ndarray:
    """Return (H, W) bool."""
    width, height = IMAGE_SIZE
    columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return (columns - x) ** 2 + (rows - y) ** 2 <= radius_px**2


def candidates(command: dict[str, Any]) -> list[Mask]:
    """Return the masks for some prompts, best first."""
    points, box = command["points"], command["box"]
    if command["rough"] is not None:
        return [Mask.from_array(disc(*SNAPPED_AT, RADII_PX[2]))]
    without = np.zeros(IMAGE_SIZE[::-1], bool)
    for point in points:
        if not point["label"]:
            without |= disc(point["x"], point["y"], _WITHOUT_RADIUS_PX)
    if box is not None:
        inside = np.zeros_like(without)
        inside[box[1] : box[3], box[0] : box[2]] = True
        for point in points:
            if point["label"] and not command["stays_in_box"]:
                inside |= disc(point["x"], point["y"], RADII_PX[0])
        return [Mask.from_array(inside & ~without)]
    last = [point for point in points if point["label"]][-1]
    refined = command["refines"]
    radii = RADII_PX[refined:] + RADII_PX[:refined]
    return [Mask.from_array(disc(last["x"], last["y"], r) & ~without) for r in radii]


def prepared(command: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept: nothing, but said to be kept while a folder of that name exists."""
    is_kept = Path(command["image_path"]).with_name("keep").exists()
    return {"encoder": "discs" if is_kept else "", "is_kept": is_kept}


def main() -> None:
    say_hello()
    for command in Commands():
        common = {"request_id": command.get("request_id"), "click_model": "Discs", "seconds": 0.0}
        if command["type"] in ("prepare_image", "prepare_ahead"):
            say("image_prepared", **common, **prepared(command))
        elif command["type"] == "hover":
            mask = Mask.from_array(disc(command["x"], command["y"], RADII_PX[0]))
            rle = {"size": mask.rle["size"], "counts": mask.counts}
            say("hovered", request_id=command["request_id"], mask=rle)
        elif command["type"] == "segment":
            path = Path(command["image_path"])
            while path.with_name(path.name + ".hold").exists():
                time.sleep(0.005)
            if path.name.startswith("bad"):
                error = {"error_kind": "bad_data", "error": "the model stumbled", "hint": "again"}
                say("request_failed", request_id=command["request_id"], **error)
                continue
            masks = candidates(command)
            proposed = [
                {"mask": {"size": mask.rle["size"], "counts": mask.counts}, "quality_01": 0.9}
                for mask in masks
            ]
            say("segmented", candidates=proposed, **common)


if __name__ == "__main__":
    main()
