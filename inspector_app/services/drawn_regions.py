"""What is drawn in an image, as frozen data sets hold it. No Qt."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from inspector_app.domain.annotation import Region
from inspector_app.domain.dataset import ImageRecord
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.mask import Mask
from inspector_app.formats.reading import image_size
from inspector_app.formats.writing import union
from inspector_app.protocol.files import DrawnBox
from inspector_app.store import annotations
from inspector_app.store.project import Project


def drawn_regions(project: Project, record: ImageRecord) -> list[tuple[Region, Mask]]:
    """Return the regions of a defective image with their pixels, all in a picture of one size.

    Those with a box only count as filled.
    """
    if not record.is_defective or not record.region_count:
        return []
    document = annotations.load_document(project, record.id)
    regions = [region for region in document.regions if not region.is_ignored]
    masks = [region.mask for region in regions if region.mask is not None]
    try:
        width, height = (
            (masks[0].width, masks[0].height) if masks else image_size(project.image_path(record))
        )
    except BadDataError:
        # The worker reports the image itself; there is no size to draw the boxes at.
        return []
    drawn = [(r, r.mask or Mask.from_box(r.box, width=width, height=height)) for r in regions]
    return [
        (region, mask) for region, mask in drawn if (mask.width, mask.height) == (width, height)
    ]


def masks_by_class(regions: Iterable[tuple[Region, Mask]]) -> dict[int, Mask]:
    """Return the union of each class's regions."""
    drawn: defaultdict[int, list[Mask]] = defaultdict(list)
    for region, mask in regions:
        drawn[region.class_id].append(mask)
    return {class_id: _union(masks) for class_id, masks in drawn.items()}


def union_of(regions: Iterable[tuple[Region, Mask]]) -> Mask | None:
    """Return all pixels that are drawn, None if there are none."""
    masks = [mask for _, mask in regions]
    return _union(masks) if masks else None


def boxes_of(
    regions: Iterable[tuple[Region, Mask]], class_names: Mapping[int, str]
) -> tuple[DrawnBox, ...]:
    """Return the box of each region."""
    named = ((class_names[region.class_id], region.box) for region, _ in regions)
    return tuple(
        DrawnBox(class_name=name, left=b.left, top=b.top, right=b.right, bottom=b.bottom)
        for name, b in named
    )


def _union(masks: list[Mask]) -> Mask:
    return union(masks, masks[0].width, masks[0].height)
