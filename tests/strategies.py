"""Random boxes, masks, regions, documents and edits for property tests."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from inspector_app.domain.annotation import Author, ImageVerdict, Region, ReviewState
from inspector_app.domain.document import Document
from inspector_app.domain.edits import (
    AddRegion,
    DismissProposal,
    Edit,
    RemoveRegion,
    ReplaceRegion,
    RestoreProposal,
    SetNote,
    SetPage,
    SetReview,
    SetVerdict,
)
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.proposals import Proposal

HEIGHT, WIDTH = 9, 12

bitmaps = npst.arrays(
    np.bool_, st.tuples(st.integers(1, HEIGHT), st.integers(1, WIDTH)), elements=st.booleans()
)
verdicts = st.sampled_from([None, *ImageVerdict])


@st.composite
def boxes(draw: st.DrawFn, *, low: int = 0, high: int = HEIGHT) -> Box:
    left, right = sorted(draw(st.sets(st.integers(low, high), min_size=2, max_size=2)))
    top, bottom = sorted(draw(st.sets(st.integers(low, high), min_size=2, max_size=2)))
    return Box(left, top, right, bottom)


@st.composite
def masks(draw: st.DrawFn) -> Mask:
    """Masks of HEIGHT × WIDTH with at least one pixel."""
    array = draw(npst.arrays(np.bool_, (HEIGHT, WIDTH), elements=st.booleans()))
    array[draw(st.integers(0, HEIGHT - 1)), draw(st.integers(0, WIDTH - 1))] = True
    return Mask.from_array(array)


@st.composite
def regions(draw: st.DrawFn, region_id: str, *, class_count: int = 2) -> Region:
    mask = draw(st.none() | masks())
    box = draw(boxes()) if mask is None else mask.box
    assert box is not None
    return Region(
        id=region_id,
        class_id=draw(st.integers(1, class_count)),
        box=box,
        mask=mask,
        author=draw(st.sampled_from(Author)),
        author_detail=draw(st.text(max_size=5)),
        created_at="2026-01-02T03:04:05+00:00",
        is_ignored=draw(st.booleans()),
    )


@st.composite
def proposals(draw: st.DrawFn) -> Proposal:
    mask = draw(st.none() | masks())
    box = draw(boxes()) if mask is None else mask.box
    assert box is not None
    score_01 = draw(st.floats(0, 1))
    return Proposal(draw(st.sampled_from(["", "dent", "scratch"])), score_01, box, mask)


@st.composite
def edits_from(draw: st.DrawFn, document: Document, new_id: str) -> Edit:
    """One edit that fits the document; a region that it adds is called `new_id`."""
    kinds = ["add", "verdict", "review", "note", "dismiss"]
    kinds += ["remove", "replace"] if document.regions else ["page"]
    kinds += ["restore"] * bool(document.dismissed)
    match draw(st.sampled_from(kinds)):
        case "add":
            position = draw(st.integers(0, len(document.regions)))
            return AddRegion(draw(regions(new_id)), position)
        case "verdict":
            return SetVerdict(document.verdict, draw(verdicts))
        case "review":
            return SetReview(document.review, draw(st.sampled_from(ReviewState)))
        case "note":
            return SetNote(document.note, draw(st.text(max_size=5)))
        case "page":
            return SetPage(document.page, draw(st.integers(0, 9)))
        case "dismiss" | "restore" | "remove" | "replace" as kind:
            return draw(changes(document, kind))


def changes(document: Document, kind: str) -> st.SearchStrategy[Edit]:
    """An edit of a region or a proposal."""
    if kind in ("remove", "replace"):
        return region_changes(document, is_removal=kind == "remove")
    return dismissals(document, is_new=kind == "dismiss")


def dismissals(document: Document, *, is_new: bool) -> st.SearchStrategy[Edit]:
    """A proposal put away, or one of those put away brought back."""
    known = document.dismissed
    if is_new:
        return proposals().filter(lambda one: one not in known).map(DismissProposal)
    return st.sampled_from(sorted(known, key=repr)).map(RestoreProposal)


@st.composite
def region_changes(draw: st.DrawFn, document: Document, *, is_removal: bool) -> Edit:
    """An edit of a region that is there."""
    position = draw(st.integers(0, len(document.regions) - 1))
    before = document.regions[position]
    if is_removal:
        return RemoveRegion(before, position)
    return ReplaceRegion(before, draw(regions(before.id)))


@st.composite
def edit_sequences(draw: st.DrawFn, image_id: int = 1) -> tuple[Document, list[Edit]]:
    """A document and edits that can be applied to it in turn."""
    start = Document(image_id)
    for number in range(draw(st.integers(0, 3))):
        start = start.apply(AddRegion(draw(regions(f"old{number}")), number))
    document, edits = start, []
    for number in range(draw(st.integers(0, 8))):
        edits.append(draw(edits_from(document, f"new{number}")))
        document = document.apply(edits[-1])
    return start, edits
