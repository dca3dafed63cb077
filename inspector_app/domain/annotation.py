"""What an operator says about an image: classes, regions and the image's verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask

# Okabe & Ito's colour-blind-safe set (2008), black left out and four mixed from
# it appended; class n takes colour n modulo the length.
CLASS_COLOURS = (
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#F0E442",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
    "#999933",
    "#44AA99",
    "#AA4499",
)

NUMBER_KEYS = 9


@dataclass(frozen=True, slots=True)
class DefectClass:
    """A type of defect, as regions carry it."""

    id: int
    """Stable number, counted from 1; never reused."""
    name: str
    colour: str
    """#RRGGBB."""
    number_key: int | None = None
    """1…9 where the operator gave it one; see `number_keys`."""
    description: str = ""
    """What belongs to it and what does not, for whoever annotates next."""

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("a class needs a name")


def number_keys(classes: Sequence[DefectClass]) -> dict[int, DefectClass]:
    """Return which class each of the keys 1…9 chooses.

    Those that were given a key have it; the others take the free ones in their order.
    """
    keys = {one.number_key: one for one in classes if one.number_key is not None}
    free = (key for key in range(1, NUMBER_KEYS + 1) if key not in keys)
    rest = (one for one in classes if one.number_key is None)
    return keys | dict(zip(free, rest, strict=False))


class ImageVerdict(StrEnum):
    """The operator's word on a whole image."""

    OK = "ok"
    NG = "ng"
    UNSURE = "unsure"


class ReviewState(StrEnum):
    """How far the work on an image has come."""

    TODO = "todo"
    DONE = "done"
    REJECTED = "rejected"
    """Somebody else has to annotate it again; the note says why."""

    def after(self, verdict: ImageVerdict | None) -> "ReviewState":
        """Return how far the work is once a verdict was given: OK and NG finish it."""
        if self is ReviewState.REJECTED:
            return self
        is_decided = verdict in (ImageVerdict.OK, ImageVerdict.NG)
        return ReviewState.DONE if is_decided else ReviewState.TODO


class Author(StrEnum):
    """Who drew a region."""

    HAND = "hand"
    CLICK_MODEL = "click_model"
    IMPORTED = "imported"
    ANOMALY_MODEL = "anomaly_model"
    MODEL = "model"
    """Proposed by a trained model that names defects, and accepted as it was."""


@dataclass(frozen=True, slots=True)
class Region:
    """One defect: a class, a box and, unless only a box is known, a mask."""

    id: str
    """Unique in the project (uuid4 hex)."""
    class_id: int
    box: Box
    mask: Mask | None
    author: Author
    author_detail: str = ""
    """Click model and version, the file it was imported from, or the trained model's run.

    It stays where a proposal was changed by hand: whoever asks sees what it began with.
    """
    created_at: str = ""
    """ISO 8601, UTC."""
    is_ignored: bool = False
    """Neither defect nor background: training and figures leave its pixels out."""

    def __post_init__(self) -> None:
        if self.mask is not None and self.mask.box != self.box:
            raise ValueError(f"region {self.id}: box {self.box} is not its mask's {self.mask.box}")

    def with_mask(self, mask: Mask) -> "Region":
        """Return the region with other pixels and the box that follows from them.

        Raises:
            ValueError: if the mask is empty; an empty region is removed instead.
        """
        if mask.box is None:
            raise ValueError(f"region {self.id}: the mask is empty")
        return replace(self, mask=mask, box=mask.box)

    def with_class(self, class_id: int) -> "Region":
        return replace(self, class_id=class_id)
