"""Dividing images into training, validation and test, by defect type and in whole groups."""

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from inspector_app.domain.dataset import GOOD, ImageRecord, Split, classify_mvtec
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.lots import FindLots, find_lots

_DEFECTIVE = "defective"
_UNKNOWN = "not known"


class Among(StrEnum):
    """Which images are divided; the others stay where they are."""

    ALL = "all"
    WITHOUT_SPLIT = "without"
    NOT_TEST = "not_test"
    """Training, validation and undecided ones: a test set others know is left alone."""


@dataclass(frozen=True, slots=True)
class SplitRecipe:
    """How a data set is divided; the same recipe gives the same division."""

    fractions: Mapping[Split, float] = field(
        default_factory=lambda: {Split.TRAIN: 0.7, Split.VALIDATION: 0.15, Split.TEST: 0.15}
    )
    """Shares of train, val and test; any scale, they are set in proportion."""
    group_pattern: str = ""
    """Regular expression found in an image's relative path; what its groups (or all of it, where
    it has none) match names the lot that stays together. Empty: every image by itself."""
    among: Among = Among.ALL
    seed: int = 0


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """Where each image goes, before anything is stored."""

    assigned: Mapping[int, Split]
    """By image id; only images that are divided."""
    counts: Mapping[str, Mapping[Split, int]]
    """How many images of each type (see `stratum`) come into each split, the others included."""
    group_count: int
    """Lots of two images or more."""
    straddling_count: int = 0
    """Lots in several splits all the same: their images that are left alone were so before."""
    ungrouped: tuple[str, ...] = ()
    """Paths the pattern was not found in; each is a group by itself."""
    moved_count: int = 0
    """How many images change their split."""


def stratum(record: ImageRecord) -> str:
    """Return what an image counts as when types are shared out: its type, else what is known."""
    if record.defect_type:
        return record.defect_type
    if record.is_defective is None:
        return _UNKNOWN
    return _DEFECTIVE if record.is_defective else GOOD


def plan_splits(
    records: Sequence[ImageRecord], recipe: SplitRecipe, lots_of: FindLots = find_lots
) -> SplitPlan:
    """Divide images so that each type has its share in each split and no group straddles two.

    Groups are dealt out largest first, each to the split that lacks its types most. Where
    every image is its own group, no split has more of a type than its share rounded up.
    A group some of whose images are left where they are follows them.

    Raises:
        BadDataError: if the fractions or the pattern make no sense, or nothing is to be divided.
    """
    shares = _shares(recipe.fractions)
    if not any(_is_among(record, recipe.among) for record in records):
        raise BadDataError(
            "no image to divide", "choose all images: each of them has a split already"
        )
    groups, ungrouped = group_images(records, recipe.group_pattern, lots_of)
    assigned: dict[int, Split] = {}
    free: list[list[ImageRecord]] = []
    for group in groups.values():
        moving = [record for record in group if _is_among(record, recipe.among)]
        fixed = Counter(r.split for r in group if not _is_among(r, recipe.among))
        if fixed:
            followed = fixed.most_common(1)[0][0]
            assigned.update((record.id, followed) for record in moving)
        else:
            free.append(moving)
    assigned |= _deal(free, shares, recipe.seed)
    return _plan(records, assigned, groups.values(), ungrouped)


def plan_from_folders(records: Sequence[ImageRecord]) -> SplitPlan:
    """Give every image the split that MVTec's folders say, none where they say nothing."""
    assigned = {record.id: _split_of_folder(record.relative_path) for record in records}
    return _plan(records, assigned, (), ())


def group_images(
    records: Sequence[ImageRecord], pattern: str, lots_of: FindLots = find_lots
) -> tuple[dict[str, list[ImageRecord]], tuple[str, ...]]:
    """Return images by group, and the paths that the pattern is not found in.

    Raises:
        BadDataError: if the pattern is no regular expression.
    """
    if not pattern:
        return {record.relative_path: [record] for record in records}, ()
    paths = [record.relative_path for record in records]
    groups: dict[str, list[ImageRecord]] = defaultdict(list)
    alone: list[str] = []
    for record, lot in zip(records, lots_of(pattern, paths), strict=True):
        if lot is None:
            alone.append(record.relative_path)
        # The mark keeps a path from meeting a lot of the same name.
        groups[f"path {record.relative_path}" if lot is None else f"lot {lot}"].append(record)
    return dict(groups), tuple(alone)


def _shares(fractions: Mapping[Split, float]) -> dict[Split, float]:
    if any(not 0 <= share < float("inf") for share in fractions.values()):
        raise BadDataError("a share is below zero or no number", "give shares of 0 to 100 %")
    total = sum(fractions.values())
    if Split.NONE in fractions or not total:
        raise BadDataError("no shares to divide by", "give train, val and test a share each")
    return {split: share / total for split, share in fractions.items() if share}


def _is_among(record: ImageRecord, among: Among) -> bool:
    if among is Among.WITHOUT_SPLIT:
        return record.split is Split.NONE
    return among is Among.ALL or record.split is not Split.TEST


def _deal(
    groups: list[list[ImageRecord]], shares: Mapping[Split, float], seed: int
) -> dict[int, Split]:
    totals = Counter(stratum(record) for group in groups for record in group)
    have: dict[Split, Counter[str]] = {split: Counter() for split in shares}
    # Sorted first, so that the order in which the images came into the project does not matter.
    groups.sort(key=lambda group: group[0].relative_path)
    random.Random(seed).shuffle(groups)
    groups.sort(key=len, reverse=True)
    assigned: dict[int, Split] = {}
    for group in groups:
        types = Counter(stratum(record) for record in group)
        split = min(shares, key=lambda s: _excess(have[s], types, totals, shares[s]))
        have[split].update(types)
        assigned.update((record.id, split) for record in group)
    return assigned


def _excess(
    have: Counter[str], types: Counter[str], totals: Counter[str], share: float
) -> tuple[float, float]:
    """Return by how much the squared error of a split's types would grow, rare types weighing more.

    Then, for types that are nowhere wanted any more, how full the split is.
    """
    growth = 0.0
    for name, count in types.items():
        missing = share * totals[name] - have[name]
        growth += count * (count - 2 * missing) / totals[name]
    return growth, sum(have.values()) / share


def _split_of_folder(relative_path: str) -> Split:
    found = classify_mvtec(relative_path)
    return found[0] if found else Split.NONE


def _plan(
    records: Sequence[ImageRecord],
    assigned: Mapping[int, Split],
    groups: Collection[Sequence[ImageRecord]],
    ungrouped: tuple[str, ...],
) -> SplitPlan:
    after = {record.id: assigned.get(record.id, record.split) for record in records}
    counts: dict[str, Counter[Split]] = defaultdict(Counter)
    for record in records:
        counts[stratum(record)][after[record.id]] += 1
    return SplitPlan(
        assigned,
        dict(counts),
        group_count=sum(len(group) > 1 for group in groups),
        straddling_count=sum(len({after[record.id] for record in group}) > 1 for group in groups),
        ungrouped=ungrouped,
        moved_count=sum(after[record.id] is not record.split for record in records),
    )
