"""Measure what an operator waits for first; a table with medians and ratios of this very run.

Each number comes from processes of their own. Absolute times depend on the machine; the
ratio to a reference measured between them does not much.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from inspector_app.domain.opencv import cv2

Row = tuple[str, float, str]
"""What was measured, its median in seconds, a remark."""

_WIDTH = 150
FOLDER = Path(__file__).resolve().parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--images", type=int, default=20_000)
    arguments = parser.parse_args()
    # A file or a pipe has no width, and 80 columns would cut the figures off.
    console = Console() if sys.stdout.isatty() else Console(width=_WIDTH)
    with tempfile.TemporaryDirectory(prefix="inspector-bench-") as name:
        rows = measure_start(Path(name), arguments.repeats)
        rows += measure_folder(Path(name), arguments.images, arguments.repeats)
        rows += measure_long_list(Path(name))
        rows += measure_annotating(Path(name))
        rows += measure_memory(Path(name))
        rows += measure_clicks(Path(name))
    console.print(table_of(rows), soft_wrap=True)


def measure_start(home: Path, repeats: int) -> list[Row]:
    bare, ours, memory = [], [], []
    child("start_up.py", home)  # warms the page cache and writes bytecode
    for _ in range(repeats):
        bare.append(child("bare_window.py", home)["painted_s"])
        result = child("start_up.py", home)
        ours.append(result["painted_s"])
        memory.append(result["memory_mb"])
        if result["heavy"]:
            raise SystemExit(f"the window has imported {result['heavy']}")
    note = f"{statistics.median(memory):.0f} MB, torch not imported"
    return [
        ("bare Qt window: process start → painted", statistics.median(bare), "the reference"),
        ("Inspector: process start → painted", statistics.median(ours), note),
    ]


def measure_folder(home: Path, count: int, repeats: int) -> list[Row]:
    images = home / "images"
    write_images(images, count)
    listing = [seconds_to_list(images) for _ in range(repeats)]
    first = child("open_folder.py", home, images)
    again = [child("open_folder.py", home, images) for _ in range(repeats)]
    usable = statistics.median([result["usable_s"] for result in again])
    name = f"{count:,} images"
    return [
        (f"{name}: listing the folder", statistics.median(listing), ""),
        (f"{name}: first opening → usable", first["usable_s"], "once; the project is made"),
        (f"{name}: opening again → usable", usable, f"{again[-1]['memory_mb']:.0f} MB"),
        *first_photo_rows(home, images, name, repeats),
    ]


def first_photo_rows(home: Path, images: Path, name: str, repeats: int) -> list[Row]:
    """The folder once more, to a photo on the canvas; each first opening has a home of its own."""
    runs: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for number in range(repeats):
        for how in ("looked", "enter", "annotate"):
            place = home / f"photo-{how}-{number}"
            for when in ("first opening", "opening again"):
                runs.setdefault((how, when), []).append(child("first_photo.py", place, images, how))
    rows: list[Row] = []
    for (how, when), found in runs.items():
        held = statistics.median(one["hold_ms"] for one in found)
        note = f"the window held for {held:.0f} ms at once"
        if how == "annotate":
            total = statistics.median(one["total_s"] for one in found)
            rows.append((f"{name}: {when} → first photo on the canvas", total, note))
        else:
            photo = statistics.median(one["photo_s"] for one in found)
            pressed = "after a second" if how == "looked" else "at once"
            rows.append((f"{name}: {when}, Enter {pressed} → photo", photo, note))
    return rows


def measure_long_list(home: Path, count: int = 100_000, repeats: int = 3) -> list[Row]:
    runs = [child("long_list.py", home, home / f"long{n}", count) for n in range(repeats)]
    found = {
        name: statistics.median(run[name] for run in runs) / 1000
        for name in runs[0]
        if name != "heavy"
    }
    name = f"list of {count:,} images"
    narrowed = ("split", "type", "text", "defective", "to do", "all")
    return [
        (f"{name}: dataset page made → painted", found["shown_ms"], "target 50 ms"),
        *((f"{name}: narrowed by {one} → painted", found[one], "target 20 ms") for one in narrowed),
        (f"{name}: read from the project, in a thread", found["read_ms"], ""),
    ]


def measure_annotating(home: Path, steps: int = 8, repeats: int = 3) -> list[Row]:
    """Leafing, going back and moving the mouse, at two sizes of image."""
    rows: list[Row] = []
    for side in (1024, 4096):
        images = home / f"metal{side}"
        write_metal_images(images, count=steps + 2, side=side)
        runs = [child("annotate_steps.py", home, images, steps) for _ in range(repeats)]
        found = {
            name: statistics.median(run[name] for run in runs)
            for name in runs[0]
            if name != "heavy"
        }
        name = f"{side} × {side} px"
        memory = f"{found['browsed_mb']:.0f} MB; 512 MB of images kept at most"
        rows += [
            (f"{name}: next image, decoded ahead", found["next_ms"] / 1000, memory),
            (f"{name}: next image, at once", found["next_at_once_ms"] / 1000, ""),
            (f"{name}: back to an image just seen", found["back_ms"] / 1000, ""),
            (f"{name}: mouse move over 20 × 150 points", found["moves_20_ms"] / 1000, ""),
            (f"{name}: mouse move over 300 × 60 points", found["moves_300_ms"] / 1000, ""),
            (f"{name}: dab of the brush", found["dab_ms"] / 1000, "target 2 ms at 4096²"),
        ]
    return rows


def measure_memory(home: Path, count: int = 200, side: int = 4096) -> list[Row]:
    """Leafing through many large photos; what counts is the most memory, not the time."""
    images = home / "photos"
    write_photos(images, count=count, side=side)
    found = child("leaf_memory.py", home, images)
    memory = (
        f"peak {found['peak_mb']:.0f} MB, of it {found['cached_mb']:.0f} MB images (512 MB at"
        f" most); {found['before_mb']:.0f} MB before"
    )
    name = f"{found['images']} JPEGs of {side}²: each next image"
    return [(name, found["next_s"], memory)]


def write_photos(folder: Path, *, count: int, side: int) -> None:
    """Write a few photos under many names: what matters is that each has to be decoded."""
    write_metal_images(folder, count=4, side=side, suffix=".jpg")
    originals = sorted(folder.iterdir())
    for number in range(len(originals), count):
        shutil.copyfile(originals[number % len(originals)], folder / f"{number:03d}.jpg")


def write_metal_images(folder: Path, *, count: int, side: int, suffix: str = ".png") -> None:
    """Write photos that look and compress like brushed metal."""
    folder.mkdir(parents=True)
    for number in range(count):
        random = np.random.default_rng(number)
        coarse = random.integers(60, 190, (9, 9, 3)).astype(np.uint8)
        smooth = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC).astype(np.int16)
        noise = random.normal(0, 2, (side, side, 1)).astype(np.int16)
        pixels = np.clip(smooth + noise, 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{number:03d}{suffix}"), pixels)


def measure_clicks(home: Path) -> list[Row]:
    images = home / "blotted"
    write_blotted_images(images, count=4)
    rows: list[Row] = []
    for model in ("GrabCut", "MobileSAM"):
        result = child("clicks.py", home, images, model)
        name = f"4096², {model}"
        rows += [
            (f"{name}: click, the model alone", result["model_s"], "the image is prepared"),
            (f"{name}: click → preview, beyond the model", result["previewed_s"], ""),
            (f"{name}: Enter → stored and painted", result["accepted_s"], "target 50 ms"),
            (f"{name}: click → preview, encoding ahead", result["during_ahead_s"], "all of it"),
        ]
    return rows


def write_blotted_images(folder: Path, *, count: int, side: int = 4096) -> None:
    folder.mkdir(parents=True)
    for number in range(count):
        pixels = np.random.default_rng(number).integers(140, 160, (side, side, 3)).astype(np.uint8)
        for column in range(1, 12):
            for row in (700, round(0.4 * side), side // 2):
                centre = (round(side * (0.2 + 0.06 * column)), row)
                cv2.ellipse(pixels, centre, (60, 40), 20, 0, 360, (70, 70, 70), -1)
        (folder / f"{number}.png").write_bytes(cv2.imencode(".png", pixels)[1].tobytes())


def child(script: str, home: Path, *words: object) -> dict[str, Any]:
    environment = {
        **os.environ,
        "INSPECTOR_HOME": str(home / "home"),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(FOLDER.parent.parent),
        "BENCH_STARTED": repr(time.time()),
    }
    # An installed program has its bytecode; compiling it anew would be measured instead.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, str(FOLDER / script), *(str(word) for word in words)]
    answer = subprocess.run(command, env=environment, check=True, capture_output=True, timeout=300)
    result: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return result


def write_images(folder: Path, count: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    data = cv2.imencode(".jpg", pixels)[1].tobytes()
    for index in range(count):
        target = folder / f"{index // 1000:03d}" / f"{index:06d}.jpg"
        if index % 1000 == 0:
            target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def seconds_to_list(folder: Path) -> float:
    started = time.perf_counter()
    sum(len(files) for _, _, files in os.walk(folder))
    return time.perf_counter() - started


def table_of(rows: Sequence[Row]) -> Table:
    """Ratios are to the first row, which depends on the machine alone."""
    table = Table("what", "median", "ratio", "", show_edge=False)
    table.columns[0].no_wrap = table.columns[3].no_wrap = True
    table.columns[1].justify = table.columns[2].justify = "right"
    _, reference, _ = rows[0]
    for what, seconds, note in rows:
        shown_ms = 1000 * seconds
        decimals = 0 if shown_ms >= 10 else 1
        table.add_row(what, f"{shown_ms:.{decimals}f} ms", f"{seconds / reference:.2f}", note)
    return table


if __name__ == "__main__":
    main()
