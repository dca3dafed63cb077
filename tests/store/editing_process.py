"""Edits an image of a project for ever and prints the number of each step once it is stored.

Run as: editing_process.py PROJECT SEED. Ends only when it is killed.
"""

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from inspector_app.domain.annotation import Author, ImageVerdict, Region
from inspector_app.domain.document import Document
from inspector_app.domain.edits import (
    AddRegion,
    Edit,
    RemoveRegion,
    ReplaceRegion,
    SetVerdict,
    UndoStep,
)
from inspector_app.domain.mask import Mask
from inspector_app.store.annotations import load_document, perform
from inspector_app.store.project import Project

IMAGE_ID = 1


def random_steps(document: Document, seed: int) -> Iterator[tuple[UndoStep, Document]]:
    """Yield steps and the documents after them, the same ones for the same arguments."""
    rng = random.Random(seed)
    while True:
        edits: list[Edit] = []
        for _ in range(rng.randint(1, 4)):
            edits.append(_random_edit(rng, document))
            document = document.apply(edits[-1])
        yield UndoStep(document.image_id, "Edit", tuple(edits)), document


def _random_edit(rng: random.Random, document: Document) -> Edit:
    kind = rng.choice(["add", "add", "remove", "replace", "verdict"])
    if kind == "verdict":
        return SetVerdict(document.verdict, rng.choice(list(ImageVerdict)))
    if kind == "add" or not document.regions:
        position = rng.randint(0, len(document.regions))
        return AddRegion(_random_region(rng, f"{rng.getrandbits(128):032x}"), position)
    position = rng.randrange(len(document.regions))
    before = document.regions[position]
    if kind == "remove":
        return RemoveRegion(before, position)
    return ReplaceRegion(before, _random_region(rng, before.id))


def _random_region(rng: random.Random, region_id: str) -> Region:
    # Noise compresses badly: each region takes about a page of the database.
    noise = np.random.default_rng(rng.getrandbits(32)).random((64, 64)) < 0.5
    mask = Mask.from_array(noise)
    assert mask.box is not None
    return Region(region_id, 1, mask.box, mask, Author.HAND)


def main() -> None:
    with Project.open(Path(sys.argv[1])) as project:
        start = load_document(project, IMAGE_ID)
        for number, (step, _) in enumerate(random_steps(start, int(sys.argv[2])), start=1):
            perform(project, step)
            print(number, flush=True)


if __name__ == "__main__":
    main()
