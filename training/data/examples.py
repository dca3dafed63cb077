"""Pictures with their classes, in batches."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from inspector_app.domain.picture import RgbImage
from training.data.loading import loader_of
from training.data.pictures import Pictures, to_batch
from training.data.types import Example
from training.imbalance.samplers import ResumableSampler, SamplingRule

Batch: TypeAlias = tuple[Tensor, Tensor]
"""Images (B, 3, H, W) float32 in [0, 1] and the places of their classes (B,)."""

Change: TypeAlias = Callable[[tuple[RgbImage, int]], tuple[RgbImage, int]]
"""Of a picture (H, W, 3) and the place of its class."""


class Examples(Dataset[tuple[RgbImage, int]]):
    """The readable ones of a list of examples, reduced to one size."""

    def __init__(self, examples: Sequence[Example], size_px: int) -> None:
        self._place_of: Mapping[str, int] = {e.image_path: e.place for e in examples}
        self.pictures = Pictures([example.image_path for example in examples], size_px)

    def read(self, on_read: Callable[[int], None]) -> None:
        """Decode every file once; see `Pictures.read`."""
        self.pictures.read(on_read)

    @property
    def paths(self) -> list[str]:
        return self.pictures.paths

    @property
    def skipped(self) -> list[str]:
        """What could not be read."""
        return self.pictures.skipped

    @property
    def places(self) -> list[int]:
        return [self._place_of[path] for path in self.pictures.paths]

    def counts(self, class_count: int) -> Tensor:
        """Return how many examples of each class there are, (C,)."""
        return torch.tensor(self.places, dtype=torch.int64).bincount(minlength=class_count)

    def loader(self, batch_size: int) -> DataLoader[Batch]:
        """Return all examples in order."""
        return loader_of(self, batch_size, _collate)

    def training_loader(
        self, batch_size: int, rule: SamplingRule, *, seed: int, change: Change | None = None
    ) -> DataLoader[Batch]:
        """Return batches drawn by the rule; see `loader_of`.

        Args:
            change: done to every example each time it is drawn.
        """
        sampler = ResumableSampler(self.places, rule, seed=seed)
        return loader_of(self, batch_size, partial(_collate, change=change), sampler=sampler)

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> tuple[RgbImage, int]:
        return self.pictures[index], self._place_of[self.paths[index]]

    def __getitems__(self, indices: list[int]) -> list[tuple[RgbImage, int]]:
        pictures = self.pictures.__getitems__(indices)
        return [(p, self._place_of[self.paths[i]]) for p, i in zip(pictures, indices, strict=True)]


def _collate(examples: Sequence[tuple[RgbImage, int]], change: Change | None = None) -> Batch:
    examples = examples if change is None else [change(example) for example in examples]
    pictures = to_batch([picture for picture, _ in examples])
    return pictures, torch.tensor([place for _, place in examples], dtype=torch.int64)
