"""Narrowing a list of images; fast enough for 100,000 of them at every key pressed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from inspector_app.domain.annotation import ImageVerdict, ReviewState
from inspector_app.domain.dataset import GOOD, ImageRecord, Split


class LabelState(StrEnum):
    """What images may be narrowed to by what is said of them."""

    ANY = "any"
    GOOD = "good"
    DEFECTIVE = "defective"
    UNKNOWN = "unknown"
    WITH_REGIONS = "with_regions"
    WITHOUT_REGIONS = "without_regions"
    """Defective, but nobody has marked where."""
    OK = "ok"
    NG = "ng"
    UNSURE = "unsure"
    NO_VERDICT = "no_verdict"


class WorkState(StrEnum):
    """What images may be narrowed to by what is still to be done."""

    ANY = "any"
    TODO = "todo"
    DONE = "done"
    REJECTED = "rejected"
    MISSED = "missed"
    """Known as defective, but the last inspection found it good."""
    FALSE_ALARM = "false_alarm"
    """Known as good, but the last inspection found it defective."""
    DISAGREES = "disagrees"
    """A model that names defects and the labels contradict each other; the strongest first."""


@dataclass(frozen=True, slots=True)
class ImageFilter:
    """Which images are listed; the defaults list all."""

    split: Split | None = None
    defect_type: str | None = None
    class_id: int | None = None
    """Images with a region of this class."""
    state: LabelState = LabelState.ANY
    work: WorkState = WorkState.ANY
    text: str = ""
    """A piece of the relative path, in any case."""

    def apply(
        self,
        records: Sequence[ImageRecord],
        judged: Mapping[str, bool] | None = None,
        strengths: Mapping[str, float] | None = None,
        lower_paths: Sequence[str] | None = None,
    ) -> list[ImageRecord]:
        """Return the images that are listed, in their order, or by strength of disagreement.

        Args:
            judged: by relative path, whether the last inspection took the part for defective.
            strengths: by relative path, how strongly a model and the labels disagree.
            lower_paths: the records' paths in lower case, for callers that search often.
        """
        # One pass for each condition: a comprehension over a plain attribute takes a
        # twentieth of the time of a method called for every image.
        found = list(records)
        if self.text:
            text = self.text.lower()
            paths = lower_paths or [record.relative_path.lower() for record in records]
            found = [r for r, path in zip(records, paths, strict=True) if text in path]
        if self.split is not None:
            split = self.split
            found = [record for record in found if record.split is split]
        if self.defect_type is not None:
            defect_type = self.defect_type
            found = [record for record in found if record.defect_type == defect_type]
        if self.class_id is not None:
            class_id = self.class_id
            found = [record for record in found if class_id in record.class_ids]
        if self.state is not LabelState.ANY:
            found = _STATES[self.state](found)
        if self.work is WorkState.DISAGREES:
            return by_strength(found, strengths or {})
        if self.work is not WorkState.ANY:
            found = _narrow_by_work(found, self.work, judged or {})
        return found


def by_strength(
    records: Sequence[ImageRecord], strengths: Mapping[str, float]
) -> list[ImageRecord]:
    """Return the images with a strength, the strongest first, equals in their order."""
    found = [record for record in records if record.relative_path in strengths]
    return sorted(found, key=lambda record: -strengths[record.relative_path])


def _narrow_by_work(
    records: list[ImageRecord], work: WorkState, judged: Mapping[str, bool]
) -> list[ImageRecord]:
    if work in (WorkState.MISSED, WorkState.FALSE_ALARM):
        is_defective = work is WorkState.MISSED
        return [
            record
            for record in records
            if judged.get(record.relative_path) is (not is_defective)
            and record.is_defective is is_defective
        ]
    review = ReviewState(work.value)
    return [record for record in records if record.review is review]


def _with_verdict(verdict: ImageVerdict | None) -> Callable[[list[ImageRecord]], list[ImageRecord]]:
    return lambda records: [record for record in records if record.verdict is verdict]


def _defective(records: list[ImageRecord]) -> list[ImageRecord]:
    # `ImageRecord.is_defective` written out: as a property it takes three times as long.
    ok, ng = ImageVerdict.OK, ImageVerdict.NG
    return [
        r
        for r in records
        if r.verdict is ng
        or (r.verdict is not ok and (r.region_count or r.defect_type not in _NO_DEFECT))
    ]


_NO_DEFECT = frozenset({"", GOOD})


_STATES: dict[LabelState, Callable[[list[ImageRecord]], list[ImageRecord]]] = {
    LabelState.GOOD: lambda records: [r for r in records if r.is_defective is False],
    LabelState.DEFECTIVE: _defective,
    LabelState.UNKNOWN: lambda records: [r for r in records if r.is_defective is None],
    LabelState.WITH_REGIONS: lambda records: [r for r in records if r.region_count],
    LabelState.WITHOUT_REGIONS: lambda records: [
        r for r in records if not r.region_count and r.is_defective
    ],
    LabelState.OK: _with_verdict(ImageVerdict.OK),
    LabelState.NG: _with_verdict(ImageVerdict.NG),
    LabelState.UNSURE: _with_verdict(ImageVerdict.UNSURE),
    LabelState.NO_VERDICT: _with_verdict(None),
}
