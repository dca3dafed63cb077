"""Where an export's images are: where they were, in its folder, or both by one file."""

import os
from pathlib import Path

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.tiff_pages import file_and_page
from inspector_app.formats.base import ImagePlacement
from inspector_app.formats.writing import copy_image

_JPEG_START, _JPEG_END = b"\xff\xd8", b"\xff\xd9"


_CARRYING = (ImagePlacement.COPY, ImagePlacement.HARD_LINK)
_NAMING = (ImagePlacement.REFERENCE, ImagePlacement.COPY, ImagePlacement.HARD_LINK)

PLACEMENTS: dict[str, tuple[ImagePlacement, ...]] = {
    "coco": _NAMING,
    "yolo-detect": _CARRYING,
    "yolo-segment": _CARRYING,
    "voc": _CARRYING,
    "masks": _NAMING,
    "mvtec": _CARRYING,
    "labelme": _NAMING,
    "cvat": _NAMING,
}
"""By format; the first is the usual one. Readers of some find images by their place only."""


def refuse_reference(placement: ImagePlacement, format_title: str) -> None:
    """Say that a format's readers look for the images in the export's folder.

    Raises:
        BadDataError: if the images would not be there.
    """
    if placement is ImagePlacement.REFERENCE:
        raise BadDataError(
            f"{format_title} holds no paths: its images must lie in the export's folder",
            "copy or hard-link them, or choose another format",
        )


class ImagePlacer:
    """Puts images into an export and remembers which went another way than was asked for."""

    def __init__(self, placement: ImagePlacement) -> None:
        self._placement = placement
        self._unlinked_count = 0
        self._unfinished_count = 0
        self._page_count = 0

    def place(self, source: Path, target: Path) -> None:
        """Make `target` have the source's content, unless images are only referenced.

        Raises:
            BadDataError: if the source cannot be read or changed meanwhile.
            OSError: if the target cannot be written or is there already.
        """
        if self._placement is ImagePlacement.REFERENCE:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        if self._placement is ImagePlacement.COPY or not self._is_linked(source, target):
            copy_image(source, target)

    def remarks(self) -> tuple[str, ...]:
        """Say how many images were copied although links were asked for, and why."""
        counts = {
            "the folder is on another drive, or its file system has no links": (
                self._unlinked_count
            ),
            "programs that repair JPEG files without an end mark would write into the source": (
                self._unfinished_count
            ),
            "a link leads to a file's first page, and another one was chosen": self._page_count,
        }
        return tuple(
            f"images that were copied instead of hard-linked, because {why}: {count}"
            for why, count in counts.items()
            if count
        )

    def _is_linked(self, source: Path, target: Path) -> bool:
        if file_and_page(source)[1] > 1:
            self._page_count += 1
            return False
        try:
            # link(2) takes a symbolic link itself, whose path would then lead nowhere.
            real = source.resolve(strict=True)
            if _is_unfinished_jpeg(real):
                self._unfinished_count += 1
                return False
            os.link(real, target)
        except FileExistsError:
            raise
        except OSError:
            # Copying tells a missing source and a full disk from a drive without links.
            self._unlinked_count += 1
            return False
        return True


def _is_unfinished_jpeg(path: Path) -> bool:
    """Tell whether it is a JPEG file without an end mark.

    Earlier versions of ultralytics' `verify_image` save such files anew, into the same file.
    """
    with path.open("rb") as file:
        if file.read(2) != _JPEG_START:
            return False
        file.seek(-2, os.SEEK_END)
        return file.read() != _JPEG_END
