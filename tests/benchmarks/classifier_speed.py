"""Images per second of a classifier's training, against a bare torch loop of the same network.

Both see the same pictures from memory, the same variations, precision and optimizer; what the
ratio shows is what the training run around it costs.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from inspector_app.domain.opencv import cv2
from inspector_app.protocol.files import DATASET_FILE, JOB_FILE, DatasetItem, TrainingJob
from inspector_app.protocol.messages import EpochEnded, Event
from training.data.examples import Examples
from training.data.types import Example
from training.devices import pick_device
from training.fit.run import run_training
from training.models.classifier.card import ClassifierConfig
from training.models.classifier.depth import Depth
from training.models.classifier.model import Classifier
from training.models.classifier.variations import variations_of

EPOCHS = 4
TYPES = ("good", "dent")


class Ear:
    """A job's context that keeps how long each epoch took."""

    job_id = "speed"
    is_cancelled = False

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def emit(self, event: Event) -> None:
        if isinstance(event, EpochEnded):
            self.seconds.append(event.seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="mobilenet_v2")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--images", type=int, default=256)
    arguments = parser.parse_args()
    settings: dict[str, Any] = {
        "network": arguments.network,
        "image_size_px": arguments.size,
        "batch_size": arguments.batch,
        "epochs": EPOCHS,
        "split": "as_marked",
        "pretrained": False,
    }
    with tempfile.TemporaryDirectory(prefix="inspector-bench-") as name:
        items = write_pictures(Path(name) / "photos", arguments.images, arguments.size)
        ours = speed_of_run(Path(name) / "run", items, settings)
        bare = speed_of_loop(items, ClassifierConfig.model_validate(settings))
    device = pick_device("auto")
    print(f"{arguments.network}, {arguments.size} px, batches of {arguments.batch}, {device.type}")
    print(f"run  {ours:8.1f} images/s\nloop {bare:8.1f} images/s\nratio {ours / bare:.3f}")


def write_pictures(folder: Path, count: int, size_px: int) -> list[DatasetItem]:
    folder.mkdir()
    rng = np.random.default_rng(0)
    items: list[DatasetItem] = []
    for number in range(count + 4):
        path = folder / f"{number}.png"
        cv2.imwrite(str(path), rng.integers(0, 255, (size_px, size_px, 3), np.uint8))
        is_defective = bool(number % 2)
        items.append(
            DatasetItem(
                image_path=str(path),
                split="train" if number < count else "val",
                is_defective=is_defective,
                defect_type=TYPES[is_defective],
            )
        )
    return items


def speed_of_run(folder: Path, items: list[DatasetItem], settings: dict[str, Any]) -> float:
    """Return training images per second; the first epoch does not count."""
    folder.mkdir()
    job = TrainingJob(job_id="speed", model_kind="classifier", config=settings)
    (folder / JOB_FILE).write_text(job.model_dump_json())
    (folder / DATASET_FILE).write_text("".join(f"{item.model_dump_json()}\n" for item in items))
    ear = Ear()
    run_training(folder, ear)
    count = sum(item.split == "train" for item in items) // settings["batch_size"]
    return count * settings["batch_size"] / statistics.median(ear.seconds[1:])


def speed_of_loop(items: list[DatasetItem], config: ClassifierConfig) -> float:
    device = pick_device("auto")
    examples = Examples(
        [Example(i.image_path, int(i.is_defective)) for i in items if i.split == "train"],
        config.image_size_px,
    )
    examples.read(lambda _done: None)
    loader = examples.training_loader(config.batch_size, "as_they_are", seed=0)
    model = Classifier(config, TYPES).to(device).train()
    optimizer = torch.optim.AdamW(Depth(model).groups())
    vary = variations_of(config).apply
    seconds: list[float] = []
    for _ in range(EPOCHS):
        started = time.monotonic()
        for images, places in loader:
            half = torch.bfloat16 if device.type == "cuda" else torch.float32
            with torch.autocast(device.type, half, enabled=device.type == "cuda"):
                logits = model(vary(images.to(device)))
            loss = cross_entropy(logits.float(), places.to(device))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            # What every run looks at: a loss that is no number must end it.
            loss.item()
        seconds.append(time.monotonic() - started)
    return len(loader) * config.batch_size / statistics.median(seconds[1:])


if __name__ == "__main__":
    main()
