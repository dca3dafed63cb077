"""What formats with a label file for each image share."""

from collections.abc import Callable, Iterable
from pathlib import Path

from inspector_app.domain.errors import BadDataError
from inspector_app.formats.base import ImageSizes, ImportedImage, ImportPlan
from inspector_app.formats.reading import Sentences, files_below

ReadFile = Callable[[Path, str, Sentences], ImportedImage | None]
"""Reads a file, shown under a name, and notes what it leaves out; None if nothing is in it.

It raises BadDataError if the file cannot be read at all.
"""


def import_label_files(path: Path, suffix: str, read_file: ReadFile) -> ImportPlan:
    """Read one file, or every one with the suffix below a folder.

    Raises:
        BadDataError: if the file, or every file of the folder, cannot be read.
    """
    folder, files = _locate(path, suffix)
    problems = Sentences()
    images: list[ImportedImage] = []
    unreadable: list[BadDataError] = []
    for name in files:
        try:
            image = read_file(folder / name, name, problems)
        except BadDataError as error:
            unreadable.append(error)
            problems.add(f"{name}: {error.message.removeprefix(f'{folder / name}: ')}")
            continue
        if image is not None:
            images.append(image)
    if len(unreadable) == len(files):
        raise unreadable[0]
    names = (region.class_name for image in images for region in image.regions)
    return ImportPlan(tuple(dict.fromkeys(names)), tuple(images), problems.all(), path.name)


def _locate(path: Path, suffix: str) -> tuple[Path, list[str]]:
    if not path.is_dir():
        return path.parent, [path.name]
    files = files_below(path, frozenset({suffix}))
    if not files:
        kind = suffix.removeprefix(".").upper()
        raise BadDataError(f"{path}: no {kind} files below it", "choose the folder of the labels")
    return path, files


def known_image(
    names: Iterable[str], stated_size: tuple[int, int] | None, image_sizes: ImageSizes
) -> tuple[str, tuple[int, int]]:
    """Return the first of the names that the project knows, and its image's size.

    Args:
        stated_size: (width, height) by the label file; None or zeros if it says nothing.

    Raises:
        ValueError: if none is known, or the project's image has another size.
    """
    spelled = ""
    for name in filter(None, names):
        spelled = spelled or name
        size = image_sizes(name)
        if size is not None:
            break
    else:
        raise ValueError(f"no single image of the project is {spelled!r}")
    if stated_size is not None and min(stated_size) > 0 and stated_size != size:
        raise ValueError(
            f"{name!r} is {stated_size[0]}×{stated_size[1]} px here "
            f"but {size[0]}×{size[1]} px in the project"
        )
    return name, size
