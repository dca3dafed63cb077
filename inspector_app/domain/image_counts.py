"""How many images of which kind a data set has."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from inspector_app.domain.dataset import GOOD, ImageRecord, Split

_KIND = attrgetter("defect_type", "split")


@dataclass(frozen=True, slots=True)
class TypeCount:
    """How many images of one defect type there are in each split."""

    defect_type: str
    by_split: dict[Split, int]

    @property
    def total(self) -> int:
        return sum(self.by_split.values())


@dataclass(frozen=True, slots=True)
class ImageCounts:
    """What a data set holds, counted in one pass."""

    total: int
    by_split: dict[Split, int]
    types: list[TypeCount]
    """The most frequent first, so that a long tail shows as one."""
    defective: int
    defective_types: int
    """Types of defect among them, those without a name not counted."""


def count_images(records: Iterable[ImageRecord]) -> ImageCounts:
    records = list(records)
    kinds: Counter[tuple[str, Split]] = Counter(map(_KIND, records))
    by_split: Counter[Split] = Counter()
    by_type: dict[str, dict[Split, int]] = {}
    for (defect_type, split), count in kinds.items():
        by_split[split] += count
        by_type.setdefault(defect_type, {})[split] = count
    types = [TypeCount(name, counts) for name, counts in by_type.items()]
    defective = [record.defect_type for record in records if record.is_defective]
    return ImageCounts(
        len(records),
        dict(by_split),
        sorted(types, key=lambda count: (-count.total, count.defect_type)),
        len(defective),
        len(set(defective) - {"", GOOD}),
    )
