"""Which type each image of a data set is of, and who learns from which images."""

import hashlib
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from inspector_app.domain.dataset import DEFECTIVE, GOOD, natural_key
from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.files import DatasetItem

_log = logging.getLogger(__name__)

_HELD_OUT = 0.15
"""Share of each type for validation, and as much again for the test."""
_SMALLEST_SPLIT = 3
"""Types with fewer images are trained on only: nothing could be said of them anyway."""


@dataclass(frozen=True, slots=True)
class Example:
    """One image and its class."""

    image_path: str
    place: int
    """Of its class among all of them."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """How images get their roles."""

    split: Literal["stratified", "as_marked"] = "stratified"
    seed: int = 0
    folds: int = 0
    """Equal parts of a stratified split, one of which is for the test; 0 for none."""
    fold: int = 0


@dataclass(frozen=True, slots=True)
class TypedRoles:
    """Classes, good first, and which examples are used for what."""

    classes: tuple[str, ...]
    train: tuple[Example, ...]
    val: tuple[Example, ...]
    test: tuple[Example, ...]


def assign_typed_roles(
    items: Sequence[DatasetItem],
    *,
    answers: Literal["types", "ok_ng"],
    sharing: Sharing,
    source: Path,
) -> TypedRoles:
    """Name the classes, and share out the images of each.

    A stratified split gives 15 % of each class to validation and to the test, at least one
    image each if there are three, chosen by hashes of seed and path: neither their order nor
    where their folder lies matters. With folds each tests on other images, all of them once.
    As marked, validation images are held out if none are marked.

    Raises:
        BadDataError: naming `source`, if there are not two classes to learn.
    """
    named = _shuffled(_named(items, answers), sharing.seed)
    classes = ordered_classes({name for _, name in named})
    places = {name: place for place, name in enumerate(classes)}
    roles = _share_out(named, sharing)
    of_role = {
        role: tuple(
            Example(item.image_path, places[name])
            for item, name in named
            if roles[id(item)] == role
        )
        for role in ("train", "val", "test")
    }
    _check(classes, of_role, source)
    return TypedRoles(classes, of_role["train"], of_role["val"], of_role["test"])


Named = Sequence[tuple[DatasetItem, str]]
"""Images with the class they are shared out by."""
Role = Literal["train", "val", "test"]


def items_of_roles(named: Named, sharing: Sharing) -> Mapping[Role, tuple[DatasetItem, ...]]:
    """Share images out as `assign_typed_roles` does, whatever is learned from them."""
    shuffled = _shuffled(named, sharing.seed)
    roles = _share_out(shuffled, sharing)
    wanted: tuple[Role, ...] = ("train", "val", "test")
    return {role: tuple(item for item, _ in shuffled if roles[id(item)] == role) for role in wanted}


def ordered_classes(names: Iterable[str]) -> tuple[str, ...]:
    """Return good first, then the others as people count."""
    return tuple(sorted(names, key=lambda name: (name != GOOD, natural_key(name), name)))


def _named(items: Iterable[DatasetItem], answers: Literal["types", "ok_ng"]) -> Named:
    named: list[tuple[DatasetItem, str]] = []
    nameless = 0
    for item in items:
        if not item.is_defective:
            named.append((item, GOOD))
        elif answers == "ok_ng":
            named.append((item, DEFECTIVE))
        elif item.defect_type and item.defect_type != GOOD:
            named.append((item, item.defect_type))
        else:
            nameless += 1
    if nameless:
        _log.warning("%d defective images are left out: their type is not known", nameless)
    return named


def _share_out(shuffled: Named, sharing: Sharing) -> Mapping[int, Role]:
    share = _stratified if sharing.split == "stratified" else _marked
    return share(shuffled, sharing)


def _stratified(named: Named, sharing: Sharing) -> Mapping[int, Role]:
    """Return the role of each item, by its identity."""
    roles: dict[int, Role] = {}
    for items in _by_class(named).values():
        count = max(1, round(len(items) * _HELD_OUT)) if len(items) >= _SMALLEST_SPLIT else 0
        test = _fold(items, sharing) if sharing.folds else items[:count]
        tested = {id(item) for item in test}
        rest = [item for item in items if id(item) not in tested]
        # Something to learn from comes before something to choose the best epoch by.
        val_count = min(count, len(rest) - 1)
        roles |= dict.fromkeys(tested, "test")
        roles |= {id(item): "val" for item in rest[: max(0, val_count)]}
        roles |= {id(item): "train" for item in rest[max(0, val_count) :]}
    return roles


def _fold(items: list[DatasetItem], sharing: Sharing) -> list[DatasetItem]:
    # A single image of its type is learned from in every fold: no fold could test on it.
    return items[sharing.fold :: sharing.folds] if len(items) > 1 else []


def _marked(named: Named, _sharing: Sharing) -> Mapping[int, Role]:
    roles: dict[int, Role] = {id(item): item.split for item, _ in named}
    if "val" in roles.values():
        return roles
    for items in _by_class([pair for pair in named if pair[0].split == "train"]).values():
        count = max(1, round(len(items) * _HELD_OUT)) if len(items) > 1 else 0
        roles |= {id(item): "val" for item in items[:count]}
    return roles


def _by_class(named: Named) -> Mapping[str, list[DatasetItem]]:
    classes: dict[str, list[DatasetItem]] = {}
    for item, name in named:
        classes.setdefault(name, []).append(item)
    return classes


def _shuffled(named: Named, seed: int) -> Named:
    """Return them in an order that follows from the seed and from paths below the common folder."""
    if not named:
        return named
    root = os.path.commonpath([item.image_path for item, _ in named])

    def key(pair: tuple[DatasetItem, str]) -> bytes:
        below = Path(pair[0].image_path).relative_to(root).as_posix()
        return hashlib.sha256(f"{seed}:{below}".encode()).digest()

    return sorted(named, key=key)


def _check(classes: Sequence[str], of_role: Mapping[str, Sequence[Example]], source: Path) -> None:
    if len(classes) < 2:
        found = f"only {classes[0]!r}" if classes else "none"
        raise BadDataError(
            f"{source}: a classifier tells at least two types apart, and there is {found}",
            "mark good and defective parts, or give drawn defects their classes",
        )
    learned = {example.place for example in of_role["train"]}
    if missing := [name for place, name in enumerate(classes) if place not in learned]:
        raise BadDataError(
            f"{source}: no image to learn {', '.join(missing)} from",
            "choose the stratified split, or mark some of these images for training",
        )
    if not of_role["val"]:
        raise BadDataError(
            f"{source}: no image is left to see when training is at its best",
            "add images: three of a type are enough for one to be held out",
        )
