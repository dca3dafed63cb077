"""A worker that judges images by their names, or fails in the way its first argument names."""

import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "services" / "workers"))

from speaking import commands, log, say, say_hello


def images(command: dict[str, Any]) -> list[str]:
    manifest = Path(command["inspection_folder"]) / "manifest.jsonl"
    return [json.loads(line)["image_path"] for line in manifest.read_text().splitlines()]


def score(command: dict[str, Any], path: str) -> None:
    """Defects get 0.9, good parts 0.1; a file called broken cannot be read.

    In the first image of each folder a hole is seen.
    """
    fields: dict[str, Any] = {"score": 0.9 if "dent" in path else 0.1, "seconds": 0.01}
    if path.endswith("000.png"):
        hole = {"class_name": "hole", "score_01": 0.75, "box": [4, 4, 12, 12]}
        fields |= {"called": "hole", "share_01": 0.75, "regions": [hole]}
    if "broken" in path:
        fields = {"error": f"{path}: the PNG ends too early"}
    say("image_scored", job_id=command["job_id"], image_path=path, **fields)


def main(how: str) -> None:
    say_hello()
    for command in commands():
        paths = images(command)
        for path in paths if how == "judges" else paths[:2]:
            score(command, path)
        match how:
            case "judges":
                say("job_ended", job_id=command["job_id"], outcome="completed")
            case "is_cancelled":
                say("job_ended", job_id=command["job_id"], outcome="cancelled")
            case "dies":
                log("Segmentation fault")
                os._exit(139)
            case _:
                say(
                    "job_ended",
                    job_id=command["job_id"],
                    outcome="failed",
                    error_kind=how,
                    error="the drive is full of holes",
                    hint="mend them",
                )


if __name__ == "__main__":
    main(sys.argv[1])
