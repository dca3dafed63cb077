"""Which part of a large image a click model should look at.

A model reduces everything to about 1024 px, so of a 4096² image a scratch of 20 px is left
with five. Shown only the part that the operator has zoomed to, it sees all of them.
"""

from inspector_app.domain.geometry import Box

MODEL_SIDE_PX = 1024
"""What SAM's networks take; a part need not be smaller than this to be seen whole."""
_WORTH_IT = 2.0
"""The whole image is looked at unless the part shows things at least so much larger."""
_ROOM = 1.25
"""The part is larger than what is seen by this, so that a little panning needs no other one."""
_STEPS_PER_SIDE = 8


def view_to_encode(seen: Box, width_px: int, height_px: int) -> Box | None:
    """Return the part to be encoded for what is seen, None for the whole image.

    Parts are squares of few sizes on a coarse grid: nearly the same zoom and place give the
    same part, which then is encoded once.

    Args:
        seen: what is visible or prompted; may reach out of the image.
    """
    inside = seen.clipped(width_px, height_px)
    if inside is None:
        return None
    side_px = _side_for(max(inside.width, inside.height))
    if side_px * _WORTH_IT > max(width_px, height_px):
        return None
    left, right = _placed((inside.left + inside.right) / 2, side_px, width_px)
    top, bottom = _placed((inside.top + inside.bottom) / 2, side_px, height_px)
    return Box(left, top, right, bottom)


def surroundings(box: Box, width_px: int, height_px: int) -> Box:
    """Return a box with as much around it as it is large, within the image."""
    wider = Box(
        box.left - box.width // 2 - 1,
        box.top - box.height // 2 - 1,
        box.right + box.width // 2 + 1,
        box.bottom + box.height // 2 + 1,
    )
    return wider.clipped(width_px, height_px) or box


def hull(first: Box, *others: Box) -> Box:
    """Return the smallest box about all of them."""
    boxes = (first, *others)
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def _side_for(seen_px: int) -> int:
    """Return the smallest side of half a model's and its doubles that shows all of it."""
    side_px = MODEL_SIDE_PX // 2
    while side_px < seen_px * _ROOM:
        side_px *= 2
    return side_px


def _placed(centre: float, side_px: int, extent_px: int) -> tuple[int, int]:
    if side_px >= extent_px:
        return 0, extent_px
    step = side_px // _STEPS_PER_SIDE
    start = round((centre - side_px / 2) / step) * step
    start = min(max(0, start), extent_px - side_px)
    return start, start + side_px
