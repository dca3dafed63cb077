"""The data set's report as one HTML page without pictures: opens anywhere, prints well."""

import math
from dataclasses import dataclass
from pathlib import Path

from inspector_app.domain.dataset import GOOD, Split
from inspector_app.services.dataset_survey import DatasetSurvey, LikePair
from inspector_app.services.written_tables import write_page

_TEMPLATE = "dataset_report.html.j2"
_MOST_ENTRIES = 200
_UNKNOWN = "not known"

Finding = tuple[str, str, list[str]]
"""Title, what to do about it, and the entries."""


@dataclass(frozen=True, slots=True)
class TypeRow:
    """A bar of the chart; all in per cent."""

    name: str
    count: int
    width: float
    """Of the longest bar."""
    shares: tuple[tuple[str, float], ...]
    """Splits and their parts of this bar."""


@dataclass(frozen=True, slots=True)
class Tail:
    """How unevenly the defect types are filled."""

    rarest: int
    most: int

    @property
    def ratio(self) -> float:
        return self.most / self.rarest


def write_dataset_page(target: Path, survey: DatasetSurvey, *, name: str) -> None:
    """Write the page.

    Raises:
        KnownError: if it cannot be written.
    """
    found = findings(survey)
    content = {
        "survey": survey,
        "name": name,
        "types": type_rows(survey),
        "defect_types": [kind for kind in survey.types if kind not in ("", GOOD)],
        "splits": [(s.value, n) for s in Split if (n := sum(r.split is s for r in survey.images))],
        "reviews": [(review.value, count) for review, count in survey.reviews.items()],
        "tail": tail_of(survey),
        "findings": found,
        "problems": sum(len(entries) for _, _, entries in found),
        "most": _MOST_ENTRIES,
    }
    write_page(target, _TEMPLATE, content, {"share": _share})


def type_rows(survey: DatasetSurvey) -> list[TypeRow]:
    longest = max((counts.total() for counts in survey.types.values()), default=1)
    return [
        TypeRow(
            kind or _UNKNOWN,
            counts.total(),
            100 * counts.total() / longest,
            tuple((s.value, 100 * counts[s] / counts.total()) for s in Split if counts[s]),
        )
        for kind, counts in survey.types.items()
    ]


def tail_of(survey: DatasetSurvey) -> Tail | None:
    """Return how uneven the defect types are; None with fewer than two."""
    counts = [n.total() for kind, n in survey.types.items() if kind not in ("", GOOD)]
    return Tail(min(counts), max(counts)) if len(counts) > 1 else None


def findings(survey: DatasetSurvey) -> list[Finding]:
    """Return what somebody should look at, the gravest first; lists may be empty."""
    leaks = [_pair(pair) for pair in survey.pairs if pair.crosses_splits]
    twins = [_pair(pair) for pair in survey.pairs if not pair.crosses_splits]
    return [
        (
            "The same image in two splits",
            "What a model has learned by heart it seems to recognise: remove one of each pair.",
            leaks,
        ),
        (
            "Files that cannot be read",
            "Copy them again from their source, or remove them.",
            list(survey.unreadable),
        ),
        (
            "Masks of another image size",
            "They were made for another version of the image: import them again.",
            list(survey.mismatched),
        ),
        (
            "Defective images on which nothing is marked",
            "Mark the defect, or say OK.",
            list(survey.without_regions),
        ),
        ("Remarks on the folder", "Masks without an image, and the like.", list(survey.remarks)),
        (
            "The same image twice in one split",
            "It counts twice in training and in every figure.",
            twins,
        ),
    ]


def _pair(pair: LikePair) -> str:
    first, second = pair.first, pair.second
    how = "the same file" if pair.is_exact else "look the same"
    return (
        f"{first.relative_path} ({first.split.value}) and "
        f"{second.relative_path} ({second.split.value}): {how}"
    )


def _share(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.3g} %"
