"""Where a model and the labels of an image contradict each other: wrong label? missed defect?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from inspector_app.domain.annotation import ImageVerdict, Region
from inspector_app.domain.dataset import DEFECTIVE, GOOD
from inspector_app.domain.jobs import ResultRecord
from inspector_app.domain.proposals import Proposal, is_dismissed, overlap

_TOUCHES = 0.1
"""From this intersection over union on, two regions are of one place: outlines differ in style."""
_NO_IDEA = 0.5
_SURE = 0.25
"""Detectors tell of boxes that they hardly believe in; those question no label."""


class DisagreementKind(StrEnum):
    """What may be wrong with the labels."""

    MISSED_DEFECT = "missed_defect"
    """The model sees a defect where no label is."""
    WRONG_LABEL = "wrong_label"
    """The model says another class."""
    UNSEEN_LABEL = "unseen_label"
    """The model sees nothing where a label is."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One contradiction; which side is right is for people to say."""

    kind: DisagreementKind
    strength_01: float
    """How sure the model is."""
    said: str
    """What the model says: a class, empty if it names none, `GOOD` for no defect."""
    labelled: str = ""
    """What the label says; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What is said of an image."""

    is_defective: bool | None
    """None where nobody has said anything: there is nothing to contradict."""
    defect_type: str = ""
    """As its folder says."""
    verdict: ImageVerdict | None = None
    regions: Sequence[Region] = ()
    dismissed: Iterable[Proposal] = ()


def disagreements(
    labels: Labels, result: ResultRecord, class_names: Mapping[int, str], *, marks_places: bool
) -> list[Disagreement]:
    """Return where model and labels contradict each other, the strongest first.

    Args:
        marks_places: the model's regions are drawn as people draw them. A classifier's are
            not: it is set against the labels of the image as a whole.
    """
    if labels.is_defective is None or not result.is_judged:
        return []
    regions = [region for region in labels.regions if not region.is_ignored]
    ignored = [region for region in labels.regions if region.is_ignored]
    if marks_places and (regions or not labels.is_defective):
        found = [*_of_places(labels, regions, ignored, result, class_names)]
    else:
        names = {class_names[region.class_id] for region in regions}
        found = [*_of_image(labels, names, result)]
    return sorted(found, key=lambda one: -one.strength_01)


def _of_places(
    labels: Labels,
    regions: Sequence[Region],
    ignored: Sequence[Region],
    result: ResultRecord,
    class_names: Mapping[int, str],
) -> Iterator[Disagreement]:
    settled = tuple(labels.dismissed)
    for seen in result.proposals:
        if seen.score_01 < _SURE or is_dismissed(seen, settled) or _touching(seen, ignored):
            continue
        there = [class_names[region.class_id] for region in _touching(seen, regions)]
        if not there:
            yield Disagreement(DisagreementKind.MISSED_DEFECT, seen.score_01, seen.class_name)
        elif not any(seen.is_named(name) for name in there):
            yield Disagreement(
                DisagreementKind.WRONG_LABEL, seen.score_01, seen.class_name, there[0]
            )
    for region in regions:
        if not any(overlap(seen, region) >= _TOUCHES for seen in result.proposals):
            name = class_names[region.class_id]
            yield Disagreement(DisagreementKind.UNSEEN_LABEL, _good_share(result), GOOD, name)


def _of_image(labels: Labels, names: set[str], result: ResultRecord) -> Iterator[Disagreement]:
    called, share = result.called, result.share_01
    if share is None:
        return
    said = "" if called == DEFECTIVE else called
    types = names or ({labels.defect_type} if _is_type(labels) else set())
    if called == GOOD:
        if labels.is_defective:
            label = ", ".join(sorted(types))
            yield Disagreement(DisagreementKind.UNSEEN_LABEL, share, GOOD, label)
    elif not labels.is_defective:
        yield Disagreement(DisagreementKind.MISSED_DEFECT, share, said)
    elif said and types and said not in types:
        label = ", ".join(sorted(types))
        yield Disagreement(DisagreementKind.WRONG_LABEL, share, said, label)


def _is_type(labels: Labels) -> bool:
    """Tell whether the folder names a type of defect that nobody has contradicted."""
    return labels.defect_type not in ("", GOOD) and labels.verdict is not ImageVerdict.OK


def _good_share(result: ResultRecord) -> float:
    """Return how sure the model is that there is no defect; it tells of the whole image only."""
    is_sure = result.called == GOOD and result.share_01 is not None
    return result.share_01 if is_sure and result.share_01 is not None else _NO_IDEA


def _touching(seen: Proposal, regions: Sequence[Region]) -> list[Region]:
    """Return the regions of the proposal's place, the best fitting first."""
    by_overlap = [(overlap(seen, region), region) for region in regions]
    found = [pair for pair in by_overlap if pair[0] >= _TOUCHES]
    return [region for _, region in sorted(found, key=lambda pair: -pair[0])]
