"""Loaders whose order follows from seed and pass alone, and which can be gone on with."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, distributed
from torch.utils.data import BatchSampler, DataLoader, Dataset, Sampler


class PassSampler(Sampler[int]):
    """Indices of one pass after the other, each always the same.

    A pass that was interrupted is gone on with by `set_epoch` and `start_at`, whatever torch's
    generators have been used for meanwhile.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._pass = 0
        self._start = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the next pass, counted from 0; Lightning calls it. By default the one after."""
        self._pass = epoch

    def start_at(self, position: int) -> None:
        """Leave out the first indices of the next pass: they were seen before an interruption.

        The caller counts them, not the sampler: loaders take indices before they are used.
        """
        self._start = position

    def order(self, number: int) -> Sequence[int]:
        """Return the indices of a pass, by default all in order."""
        return range(self._count)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        order = self.order(self._pass)[self._start :]
        self._pass += 1
        self._start = 0
        return iter(order)


class ShuffledPasses(PassSampler):
    """Every index once a pass, in another order each time."""

    def __init__(self, count: int, *, seed: int) -> None:
        super().__init__(count)
        self._seed = seed

    def generator(self, number: int) -> torch.Generator:
        """Return the one that a pass draws from."""
        # The golden ratio's bits keep neighbouring seeds and passes from sharing orders.
        mixed = (self._seed * 0x9E3779B97F4A7C15 + number) % 2**63
        return torch.Generator().manual_seed(mixed)

    def order(self, number: int) -> Sequence[int]:
        order: list[int] = torch.randperm(len(self), generator=self.generator(number)).tolist()
        return order


class SharedBatches(BatchSampler):
    """Batches of which every process that learns along gets its share."""

    def __iter__(self) -> Iterator[list[int]]:
        is_shared = distributed.is_available() and distributed.is_initialized()
        rank, count = (
            (distributed.get_rank(), distributed.get_world_size()) if is_shared else (0, 1)
        )
        for batch in super().__iter__():
            yield batch[rank::count]


def loader_of(
    dataset: Dataset[Any],
    batch_size: int,
    collate: Callable[[Any], Tensor | tuple[Tensor, ...] | dict[str, Tensor]],
    *,
    sampler: PassSampler | None = None,
) -> DataLoader[Any]:
    """Return batches in order; with a sampler, in its order and without the incomplete last one.

    A batch of one or two would spoil the batch statistics; over the passes every image gets
    its turn. What is all of one batch is never left out.
    """
    if sampler is None:
        batches: BatchSampler = BatchSampler(range(len(dataset)), batch_size, drop_last=False)  # type: ignore[arg-type]
    else:
        batches = SharedBatches(sampler, batch_size, drop_last=len(sampler) > batch_size)
    return DataLoader(
        dataset,
        batch_sampler=batches,
        collate_fn=collate,
        # No processes: decoding runs in threads, and processes outlive a killed worker.
        num_workers=0,
        # Its own: beginning a pass must not take numbers that variations draw.
        generator=torch.Generator(),
    )
