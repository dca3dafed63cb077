"""Images per second of our trainings, against a bare torch loop with the same step.

Both see the same pictures from memory, the same variations, network, loss, optimizer, schedule,
batch and precision, by turns in one process; what the ratio shows is what the training run
around the step costs. The first epoch of each turn does not count: it warms up and compiles.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.protocol.files import DATASET_FILE, JOB_FILE, DatasetItem, TrainingJob
from tests.benchmarks.training_loops import CLOCKS, Pace, bare_loop, our_run
from training.devices import pick_device
from training.fit.learner import can_compile

KINDS = ("unet", "classifier")
_GOAL = 0.9


@dataclass(frozen=True, slots=True)
class Condition:
    """How both compute."""

    name: str
    settings: dict[str, Any]
    has_plain_weights: bool = False
    """Weights as torch makes them, not channels-last as the program lays them out."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Medians over the turns."""

    kind: str
    condition: str
    ours: float
    """Images per second, from the end of an epoch's first step to that of its last one."""
    bare: float
    whole: float
    """Images per second of ours with validation and checkpoints."""
    ratio: float
    """Of ours and the bare loop right after it, the median."""
    ratios: list[float]
    gpu_share: float | None
    gpu_mb: float | None


def main() -> None:
    arguments = _arguments()
    device = pick_device(arguments.device)
    console = Console() if sys.stdout.isatty() else Console(width=120)
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="inspector-bench-") as name:
        items = write_pictures(Path(name) / "photos", arguments.images, arguments.size)
        for kind in arguments.kinds:
            for condition in conditions(device, console):
                if arguments.only not in condition.name:
                    continue
                settings = _settings(arguments) | condition.settings
                run = write_run(Path(name) / kind, kind, items, settings, device)
                outcomes.append(measure(run, kind, condition, arguments))
                console.print(f"{kind}, {condition.name}: {outcomes[-1].ratio:.3f}")
    console.print(
        table_of(outcomes, f"{arguments.size} px, batches of {arguments.batch}, {device}")
    )
    if arguments.json is not None:
        document = {
            "device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
            "torch": torch.__version__,
            "clock": arguments.clock,
            "threads": torch.get_num_threads(),
            "outcomes": [asdict(outcome) for outcome in outcomes],
        }
        arguments.json.write_text(json.dumps(document, indent=2))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--network", default="resnet18")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--images", type=int, default=256, help="that are learned from")
    parser.add_argument("--epochs", type=int, default=3, help="of each turn, the first for warming")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--only", default="", help="what the names of the conditions must have")
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    parser.add_argument("--json", type=Path, help="write all figures here, too")
    return parser.parse_args()


def _settings(arguments: argparse.Namespace) -> dict[str, Any]:
    return {
        "network": arguments.network,
        "image_size_px": arguments.size,
        "batch_size": arguments.batch,
        "epochs": arguments.epochs,
        "split": "as_marked",
        "pretrained": False,
    }


def conditions(device: torch.device, console: Console) -> Iterator[Condition]:
    """Yield each way to compute, the weights laid out for images that are channels-last or not."""
    yield Condition("32 bits", {"precision": "full"})
    yield Condition("16 bits", {"precision": "bf16"})
    yield Condition("32 bits, plain weights", {"precision": "full"}, True)
    yield Condition("16 bits, plain weights", {"precision": "bf16"}, True)
    if not can_compile(device):
        console.print("left out: compiled networks, which need a GPU and triton")
        return
    yield Condition("32 bits, compiled", {"precision": "full", "compiling": "auto"})
    yield Condition("16 bits, compiled", {"precision": "bf16", "compiling": "auto"})
    everything = {"precision": "bf16", "compiling": "auto"}
    yield Condition("16 bits, compiled, plain weights", everything, True)


def measure(
    run_folder: Path, kind: str, condition: Condition, arguments: argparse.Namespace
) -> Outcome:
    """Let ours and the bare loop train by turns."""
    clock = CLOCKS[arguments.clock]
    ours: list[Pace] = []
    bare: list[Pace] = []
    for _ in range(arguments.turns):
        ours.append(our_run(run_folder, clock, is_plain=condition.has_plain_weights))
        bare.append(bare_loop(run_folder, clock, is_plain=condition.has_plain_weights))
    ratios = [a.images_per_s / b.images_per_s for a, b in zip(ours, bare, strict=True)]
    return Outcome(
        kind=kind,
        condition=condition.name,
        ours=statistics.median(pace.images_per_s for pace in ours),
        bare=statistics.median(pace.images_per_s for pace in bare),
        whole=statistics.median(pace.whole_images_per_s for pace in ours),
        ratio=statistics.median(ratios),
        ratios=[round(ratio, 3) for ratio in ratios],
        gpu_share=_mean([pace.gpu_share for pace in ours]),
        gpu_mb=_mean([pace.gpu_mb for pace in ours]),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.mean(known) if known else None


def write_pictures(folder: Path, count: int, size_px: int) -> list[DatasetItem]:
    """Write noise; every other one has a drawn spot. Four more are held out."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    mask = np.zeros((size_px, size_px), np.uint8)
    cv2.circle(mask, (size_px // 2, size_px // 2), size_px // 8, 1, -1)
    spot = Mask.from_array(mask)
    drawn = {
        "defect_type": "dent",
        "mask_size": (spot.height, spot.width),
        "mask_counts": spot.counts,
    }
    items: list[DatasetItem] = []
    for number in range(count + 4):
        path = folder / f"{number}.png"
        cv2.imwrite(str(path), rng.integers(0, 255, (size_px, size_px, 3), np.uint8))
        split = "train" if number < count else "val"
        is_defective = bool(number % 2)
        details = drawn if is_defective else {"defect_type": "good"}
        items.append(
            DatasetItem(image_path=str(path), split=split, is_defective=is_defective, **details)
        )
    return items


def write_run(
    folder: Path,
    kind: str,
    items: list[DatasetItem],
    settings: dict[str, Any],
    device: torch.device,
) -> Path:
    folder.mkdir(exist_ok=True)
    tiles = {"tile_size_px": settings["image_size_px"], "tiles_per_image": 1}
    config = settings | (tiles if kind == "unet" else {})
    job = TrainingJob(job_id="speed", model_kind=kind, config=config, device=str(device))
    (folder / JOB_FILE).write_text(job.model_dump_json())
    (folder / DATASET_FILE).write_text("".join(f"{item.model_dump_json()}\n" for item in items))
    return folder


def table_of(outcomes: Sequence[Outcome], title: str) -> Table:
    table = Table(title=title)
    for column in ("kind", "computing with", "ours /s", "bare /s", "ratio", "of each turn"):
        table.add_column(column)
    table.add_column("with validation /s")
    table.add_column("GPU busy, memory")
    for each in outcomes:
        gpu = "no GPU" if each.gpu_mb is None else f"{each.gpu_mb:.0f} MB"
        if each.gpu_share is not None:
            gpu = f"{each.gpu_share:.0f} %, {gpu}"
        table.add_row(
            each.kind,
            each.condition,
            f"{each.ours:.1f}",
            f"{each.bare:.1f}",
            f"{each.ratio:.3f}" + ("" if each.ratio >= _GOAL else " (slow)"),
            " ".join(f"{ratio:.2f}" for ratio in each.ratios),
            f"{each.whole:.1f}",
            gpu,
        )
    return table


if __name__ == "__main__":
    main()
