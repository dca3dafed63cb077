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


def write_bundle(run_folder: Path) -> None:
    """Leave a model that knows the words of its settings."""
    config = json.loads((run_folder / "job.json").read_text())["config"]
    threshold = {"value": 0.25, "method": "words", "good_count": 0}
    card = {
        "kind": "yolo_world",
        "task": "detection",
        "title": "YOLO-World",
        "config": config,
        "input_size_px": 640,
        "threshold": threshold | {"overkill_asked": 0.05, "overkill_bound": 1.0},
        "good_scores": [],
        "pixel_threshold": 0.25,
        "pixel_median": 0.0,
        "weights_sha256": "0" * 64,
        "dataset_sha256": "0" * 64,
        "code_version": "0.1",
        "trained_at": "2026-01-01T00:00:00+00:00",
        "epochs": 0,
        "best_epoch": 0,
        "classes": ["good", *config["words"].split(", ")],
    }
    folder = run_folder / "bundle"
    folder.mkdir()
    (folder / "card.json").write_text(json.dumps(card))


def main(how: str) -> None:
    say_hello(model_kinds=("autoencoder", "yolo_world"))
    for command in commands():
        if command["type"] == "start_training":
            write_bundle(Path(command["run_folder"]))
            say("job_ended", job_id=command["job_id"], outcome="completed")
            continue
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
