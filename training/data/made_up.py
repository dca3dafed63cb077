"""Good pictures that get made-up defects: some of them in training, all of them to be judged."""

from dataclasses import dataclass

import numpy as np
import torch

from inspector_app.domain.picture import RgbImage
from training.data.synthetic import with_defect
from training.data.tiles import DrawnPictures, Labelled, WholeImages


class GoodAndMadeUp(WholeImages):
    """Every good picture twice: as it is, and with a made-up defect of class 1."""

    def __init__(self, drawn: DrawnPictures, *, seed: int) -> None:
        self._drawn = drawn
        self._good = drawn.good()
        self._seed = seed

    def __len__(self) -> int:
        return 2 * len(self._good)

    def __getitem__(self, number: int) -> Labelled:
        picture, labels = self._drawn[self._good[number // 2]]
        if number % 2 == 0:
            return picture, labels
        changed, mask = with_defect(picture, (self._seed, number))
        return changed, mask.astype(np.uint8)


@dataclass(frozen=True, slots=True)
class SomeMadeUp:
    """Makes some good examples defective ones."""

    share: float
    """Of the good examples."""
    good: int
    defective: int
    """Places of both classes."""

    def __call__(self, example: tuple[RgbImage, int]) -> tuple[RgbImage, int]:
        """Return the example or what it was made; draws from torch's global generator."""
        picture, place = example
        chosen = float(torch.rand(())) < self.share
        seed = int(torch.randint(2**31, ()))
        if place != self.good or not chosen:
            return example
        return with_defect(picture, (seed,))[0], self.defective
