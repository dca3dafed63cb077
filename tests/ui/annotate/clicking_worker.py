"""An inference worker that answers clicks with discs, so that a test knows what to expect.

Around the last point that belongs (or in the box) it proposes three discs of 4, 7 and 10 px
radius, without what lies within 3 px of a point that does not. While a file of the image's
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


def disc(x: float, y: float, radius_px: float) -> np.ndarray:
    """Return (H, W) bool."""
    width, height = IMAGE_SIZE
    columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return (columns - x) ** 2 + (rows - y) ** 2 <= radius_px**2


def candidates(points: list[dict[str, Any]], box: list[int] | None) -> list[Mask]:
    """Return the masks for some prompts, best first."""
    without = np.zeros(IMAGE_SIZE[::-1], bool)
    for point in points:
        if not point["label"]:
            without |= disc(point["x"], point["y"], _WITHOUT_RADIUS_PX)
    if box is not None:
        inside = np.zeros_like(without)
        inside[box[1] : box[3], box[0] : box[2]] = True
        return [Mask.from_array(inside & ~without)]
    last = [point for point in points if point["label"]][-1]
    return [Mask.from_array(disc(last["x"], last["y"], r) & ~without) for r in RADII_PX]


def main() -> None:
    say_hello()
    for command in Commands():
        common = {"request_id": command.get("request_id"), "click_model": "Discs", "seconds": 0.0}
        if command["type"] == "prepare_image":
            say("image_prepared", **common)
        elif command["type"] == "segment":
            path = Path(command["image_path"])
            while path.with_name(path.name + ".hold").exists():
                time.sleep(0.005)
            if path.name.startswith("bad"):
                error = {"error_kind": "bad_data", "error": "the model stumbled", "hint": "again"}
                say("request_failed", request_id=command["request_id"], **error)
                continue
            masks = candidates(command["points"], command["box"])
            proposed = [
                {"mask": {"size": mask.rle["size"], "counts": mask.counts}, "quality_01": 0.9}
                for mask in masks
            ]
            say("segmented", candidates=proposed, **common)


if __name__ == "__main__":
    main()
