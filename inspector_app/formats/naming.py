"""Names of images: as label files spell them, as a project has them, in one flat folder."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from inspector_app.domain.dataset import GOOD

_DRIVE = re.compile(r"[A-Za-z]:")
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices."""
_DEFAULT_CLASS = "defect"
_GROUND_TRUTH = "ground_truth"
_FOLDERS_WITHOUT_MEANING = frozenset(
    {
        *("annotations", "gt", "image", "images", "img", "imgs", "label", "labels"),
        *("mask", "masks", "png", "segmentation", "test", "train", "val"),
    }
)
_LONGEST_NAME_BYTES = 180
"""File systems allow 255; the rest is for suffixes such as ``_mask.png``."""


def clean_name(spelling: str) -> str:
    """Return a path from a label file as a relative one with forward slashes.

    Drive letters, leading slashes and every step up are dropped: what remains is
    only ever compared with the names of images that are known already.
    """
    parts = [part for part in spelling.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    if parts and _DRIVE.fullmatch(parts[0]):
        del parts[0]
    return "/".join(parts)


def without_suffix(path: str) -> str:
    """Return the path without the last dot of its file name and what follows."""
    stem, _, suffix = path.rpartition(".")
    return stem if stem and "/" not in suffix else path


def flat_names(relative_paths: Iterable[str]) -> dict[str, str]:
    """Return a file name for each path, for a folder without sub-folders.

    ``train/good/000.png`` becomes ``train__good__000.png``. No two names are equal
    without their suffixes or without regard to case, because label files differ
    from their image in nothing else; where they would be, a hash of the path is added.
    """
    wanted = {path: path.replace("/", "__") for path in relative_paths}
    return _made_unique(wanted, lambda name: without_suffix(name).casefold())


def folder_names(types: Iterable[str]) -> dict[str, str]:
    """Return a folder name for each defect type that every file system takes; never ``good``."""
    return _made_unique({name: _as_folder_name(name) for name in types}, str.casefold)


def class_of_folders(above: Sequence[str], below: Sequence[str]) -> str:
    """Return the class that masks in a folder belong to.

    It is the folder after ``ground_truth``, else the nearest one that means something.

    Args:
        above: names of the folders the operator did not choose; only ``ground_truth`` counts.
        below: names of the folders on the way from the chosen one to the mask.
    """
    folders = [*above, *below]
    if _GROUND_TRUTH in folders[:-1]:
        return folders[folders.index(_GROUND_TRUTH) + 1]
    for folder in reversed(below):
        if folder.lower() not in _FOLDERS_WITHOUT_MEANING:
            return folder
    return _DEFAULT_CLASS


def _as_folder_name(name: str) -> str:
    cleaned = _FORBIDDEN.sub("_", name).strip(" .")
    if not cleaned or cleaned.casefold() == GOOD or _RESERVED.fullmatch(cleaned):
        return f"defect_{cleaned}".rstrip("_")
    return cleaned


def _made_unique(wanted: Mapping[str, str], key: Callable[[str], str]) -> dict[str, str]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for original, name in wanted.items():
        groups[key(name)].append(original)
    result: dict[str, str] = {}
    for original, name in wanted.items():
        is_unique = len(groups[key(name)]) == 1
        is_short = len(name.encode()) <= _LONGEST_NAME_BYTES
        result[original] = name if is_unique and is_short else _with_hash(original, name)
    return result


def _with_hash(original: str, name: str) -> str:
    stem = without_suffix(name)
    suffix = name.removeprefix(stem)
    short = stem.encode()[: _LONGEST_NAME_BYTES - 20].decode(errors="ignore")
    return f"{short}__{hashlib.sha256(original.encode()).hexdigest()[:8]}{suffix}"


class ImageMatcher:
    """Finds the project's image that a name in a label file means."""

    def __init__(self, relative_paths: Iterable[str]) -> None:
        self._paths = frozenset(relative_paths)
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        self._by_stem: defaultdict[str, list[str]] = defaultdict(list)
        for path in self._paths:
            name = path.rpartition("/")[2]
            self._by_name[name].append(path)
            self._by_stem[without_suffix(name)].append(path)
        folders = {part for path in self._paths for part in path.split("/")[:-1]}
        self._folders = folders - _FOLDERS_WITHOUT_MEANING
        self._by_flat_name: dict[str, str] = {}
        for path, flat in flat_names(self._paths).items():
            self._by_flat_name[flat] = self._by_flat_name[without_suffix(flat)] = path

    def match(self, name: str) -> str | None:
        """Return the relative path of the image, None if there is none or no single one.

        The whole path decides; else the file name, and of several images with it the one
        whose folders agree furthest; else the flat name that exports use. A name without
        suffix (YOLO labels, masks) is compared without suffixes.
        """
        if name in self._paths:
            return name
        last = name.rpartition("/")[2]
        spelled = {path: path for path in self._by_name.get(last, ())} or {
            path: without_suffix(path) for path in self._by_stem.get(last, ())
        }
        tails = {path: _common_tail(name, spelling) for path, spelling in spelled.items()}
        longest = max(tails.values(), default=0)
        found = [path for path, tail in tails.items() if tail == longest]
        if len(found) == 1 and (longest > 1 or not self._names_another_folder(name)):
            return found[0]
        return self._by_flat_name.get(last)

    def _names_another_folder(self, name: str) -> bool:
        """Tell whether a name whose folder did not agree means one that the project has.

        The mask ``cut/008`` does not belong to ``test/colour/008.png``, even if there is no
        other 008.
        """
        folder = name.split("/")[-2:-1]
        return bool(folder) and folder[0] in self._folders


def _common_tail(first: str, second: str) -> int:
    count = 0
    for a, b in zip(reversed(first.split("/")), reversed(second.split("/")), strict=False):
        if a != b:
            break
        count += 1
    return count
