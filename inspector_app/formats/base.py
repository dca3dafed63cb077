"""What every format reads into and writes from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from inspector_app.domain.annotation import DefectClass, ImageVerdict, Region
from inspector_app.domain.dataset import ImageRecord, Split
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask

ProgressCallback = Callable[[int, int], None]
"""Called with (done, total); may raise to stop."""


def no_progress(_done: int, _total: int) -> None:
    """Ignore the progress."""


class ImagePlacement(StrEnum):
    """What an export does with the image files."""

    REFERENCE = "reference"
    """They stay where they are; the labels name them below the project's image folder."""
    HARD_LINK = "link"
    """The export's files are the sources under a second name, and need no room."""
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """An image and all that is said of it, ready to be written."""

    image_path: Path
    """Absolute, of the source file."""
    relative_path: str
    """Below the project's image folder, with forward slashes."""
    width: int
    height: int
    """Upright size in px."""
    split: Split
    defect_type: str
    verdict: ImageVerdict | None
    regions: tuple[Region, ...]
    """Masks have the image's size, boxes lie inside it."""

    @property
    def is_defective(self) -> bool | None:
        """What is known of the part; see `ImageRecord.is_defective`."""
        count = sum(not region.is_ignored for region in self.regions)
        record = ImageRecord(
            0, self.relative_path, self.split, self.defect_type, self.verdict, count
        )
        return record.is_defective


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written, and what the format could not hold."""

    out_folder: Path
    image_count: int
    region_count: int
    remarks: tuple[str, ...] = ()


class Exporter(Protocol):
    """Writes a whole data set; leaves nothing half-written behind on failure."""

    def __call__(
        self,
        images: Sequence[LabelledImage],
        classes: Sequence[DefectClass],
        out_folder: Path,
        *,
        placement: ImagePlacement = ...,
        progress: ProgressCallback = ...,
    ) -> ExportReport: ...


@dataclass(frozen=True, slots=True)
class ImportedRegion:
    """A region as a file holds it: class by name, pixels where the format has them."""

    class_name: str
    box: Box
    mask: Mask | None
    is_ignored: bool = False


@dataclass(frozen=True, slots=True)
class ImportedImage:
    """What a file says of one image."""

    image_name: str
    """As the file spells it, forward slashes, never absolute, never climbing out."""
    regions: tuple[ImportedRegion, ...]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """A file's whole content, before anything of it is in the project."""

    class_names: tuple[str, ...]
    """In the file's order."""
    images: tuple[ImportedImage, ...]
    problems: tuple[str, ...] = field(default=())
    """What was left out, one sentence each, naming file and entry."""
    source: str = ""
    """Name of the file or folder it was read from."""


ImageSizes = Callable[[str], tuple[int, int] | None]
"""Gives (width, height) of the project's image that a name in the file means, None if unknown.

Formats that hold fractions or no size need it; matching names is the caller's (see
`naming.ImageMatcher`). A name lacks its suffix where the format does not tell it.
"""


class Importer(Protocol):
    """Reads a file or folder.

    Raises:
        BadDataError: if it cannot be read at all; single bad entries become problems.
    """

    def __call__(self, path: Path, image_sizes: ImageSizes) -> ImportPlan: ...
