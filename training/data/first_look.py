"""Images as files and to the eye, before a training: which cannot be read, which are copies."""

import contextlib
import hashlib
import os
import random
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.perceptual_hash import find_alikes, small_picture
from inspector_app.domain.tiff_pages import file_and_page
from training.data.doubts import Finding, Roles, listed_some
from training.data.pictures import read_picture
from training.data.prefetch import prefetch

READING_S = 20.0
"""What is not decoded by then is only asked whether it is still there."""
COMPARING_S = 5.0
_SMALL_PX = 32
_TAIL_BYTES = 4096
_REMEDY = "copy them again from their source, or remove them from the folder"


@dataclass
class FirstLook:
    """What decoding the images once has shown."""

    pictures: dict[str, NDArray[np.uint8]] = field(default_factory=dict)
    """By path: 32 × 32 grey values."""
    unreadable: dict[str, str] = field(default_factory=dict)
    """By path: why."""
    undecoded: int = 0
    """For want of time."""


def look_at_images(
    paths: Collection[str],
    on_read: Callable[[int], None] = lambda _done: None,
    *,
    limit_s: float = READING_S,
) -> FirstLook:
    """Decode images until the time is over, in an order that is random and always the same.

    Args:
        on_read: called with the number of files gone through; may raise to end it.
    """
    looked = FirstLook()
    order = sorted(paths)
    random.Random(0).shuffle(order)
    end_s = time.monotonic() + limit_s
    with contextlib.closing(prefetch(_try_to_read, order, threads=os.cpu_count() or 1)) as read:
        done = 0
        while done < len(order) and time.monotonic() < end_s:
            path, seen = next(read)
            if isinstance(seen, str):
                looked.unreadable[path] = seen
            else:
                looked.pictures[path] = seen
            done += 1
            on_read(done)
    rest = order[done:]
    looked.unreadable |= {path: "not there any more" for path in rest if not _is_there(path)}
    looked.undecoded = len(rest)
    return looked


def find_image_doubts(
    looked: FirstLook, roles: Roles, *, limit_s: float = COMPARING_S
) -> list[Finding]:
    """Return what speaks against images, and how many were compared."""
    role_of = {
        path: role
        for role, paths in roles.items()
        for path in paths
        if path not in looked.unreadable
    }
    copies = _copies(role_of)
    known = {path for same in copies for path in same}
    return [
        *_unreadable(looked),
        *_shared(copies, role_of),
        *_look_alikes(looked, role_of, known, limit_s),
    ]


def _try_to_read(path: str) -> tuple[str, NDArray[np.uint8] | str]:
    try:
        return path, small_picture(read_picture(path, _SMALL_PX))
    except BadDataError as error:
        return path, error.message.removeprefix(f"{path}: ")


def _is_there(path: str) -> bool:
    return file_and_page(Path(path))[0].is_file()


def _unreadable(looked: FirstLook) -> list[Finding]:
    if not looked.unreadable:
        return []
    named = listed_some(f"{_name(path)} ({why})" for path, why in sorted(looked.unreadable.items()))
    count = len(looked.unreadable)
    what = "1 image cannot" if count == 1 else f"{count} images cannot"
    return [Finding(f"{what} be read and will be left out: {named}; {_REMEDY}", is_warning=True)]


def _name(path: str, role_of: Mapping[str, str] | None = None) -> str:
    """Return folder and file: names alone are often the same in every folder."""
    name = "/".join(Path(path).parts[-2:])
    return f"{name} ({role_of[path]})" if role_of else name


# ---------------------------------------------------------------- the same file


def _shared(copies: Sequence[Sequence[str]], role_of: Mapping[str, str]) -> list[Finding]:
    if not copies:
        return []
    named = listed_some((" = ".join(_one_of_each_role(same, role_of)) for same in copies), "; ")
    text = f"the same image is learned from and held out, so figures flatter: {named}"
    return [Finding(text, is_warning=True)]


def _one_of_each_role(paths: Sequence[str], role_of: Mapping[str, str]) -> list[str]:
    first = {role_of[path]: path for path in reversed(paths)}
    return [_name(path, role_of) for path in sorted(first.values(), key=paths.index)]


def _copies(role_of: Mapping[str, str]) -> list[list[str]]:
    """Return the images of which one role has a copy of another's."""
    same = [list(role_of)]
    # Files of different sizes are different; of the others few are alike at their end, too,
    # where compressed files and noise differ: hardly any is read as a whole.
    for key in (_size, _tail_hash, _hash):
        same = [group for groups in same for group in _grouped(groups, key, role_of)]
    return same


def _grouped(
    paths: Iterable[str], key: Callable[[str], object], role_of: Mapping[str, str]
) -> list[list[str]]:
    """Return those of several roles that have the same key."""
    by_key: defaultdict[object, list[str]] = defaultdict(list)
    for path in paths:
        with contextlib.suppress(OSError):
            by_key[key(path)].append(path)
    return [same for same in by_key.values() if len({role_of[path] for path in same}) > 1]


def _size(path: str) -> int:
    return Path(path).stat().st_size


def _tail_hash(path: str) -> bytes:
    with Path(path).open("rb") as file:
        file.seek(max(0, _size(path) - _TAIL_BYTES))
        return hashlib.sha256(file.read()).digest()


def _hash(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


# ---------------------------------------------------------------- the same to the eye


def _look_alikes(
    looked: FirstLook, role_of: Mapping[str, str], known: Collection[str], limit_s: float
) -> list[Finding]:
    """Name images that look like one of another role, byte for byte copies left out."""
    paths = [path for path in looked.pictures if path not in known]
    numbers = {role: number for number, role in enumerate(dict.fromkeys(role_of.values()))}
    roles = [numbers[role_of[path]] for path in paths]
    end_s = time.monotonic() + limit_s
    compared, pairs = 0, []
    for found in find_alikes([looked.pictures[path] for path in paths], roles):
        compared += found.compared
        pairs += [(paths[found.index], paths[other]) for other in found.others]
        if time.monotonic() > end_s:
            break
    about = f"looked for copies among {len(looked.pictures)} images, {compared} pairs"
    if looked.undecoded:
        about += f"; the time was over before {looked.undecoded} more were read"
    return [*_alike(pairs, role_of), Finding(about)]


def _alike(pairs: Sequence[tuple[str, str]], role_of: Mapping[str, str]) -> list[Finding]:
    held_out = {path for pair in pairs for path in pair if role_of[path] != "train"}
    if not held_out:
        return []
    all_held_out = sum(role != "train" for role in role_of.values())
    named = listed_some(
        (" ≈ ".join(_name(path, role_of) for path in pair) for pair in sorted(pairs)), "; "
    )
    text = (
        f"{len(held_out)} of {all_held_out} held-out images look like one of another split: "
        f"{named}. If they show the same part, figures flatter: keep its images together, by lot, "
        f"in “Divide into splits”"
    )
    return [Finding(text, is_warning=True)]
