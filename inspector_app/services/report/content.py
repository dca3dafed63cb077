"""What a report tells: a finished (or cancelled) inspection with the model that judged."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from inspector_app.domain.decision import Verdict, VerdictCounts, count_verdicts, decide
from inspector_app.domain.jobs import ResultRecord
from inspector_app.protocol.files import BundleCard


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything that the table, the pictures and the page are made from."""

    source: str
    """What was inspected, as the operator named it."""
    results: Sequence[ResultRecord]
    threshold: float
    """The one in force; the card knows the one the model came with."""
    card: BundleCard
    inspection_folder: Path
    """Where the heatmap files of the results lie."""
    metrics: Mapping[str, float]
    """The worker's figures: ``image_auroc``, ``pixel_auroc``, ``seconds_per_image``, …"""
    created_at: str
    device: str = ""
    remarks: tuple[str, ...] = ()

    def ranked(self) -> list[ResultRecord]:
        """Return the results, what could not be judged first, then by falling score."""
        return sorted(
            self.results,
            key=lambda r: (r.is_judged, -r.score if r.is_judged else 0.0, r.image_path),
        )

    def verdict(self, result: ResultRecord) -> Verdict:
        return decide(result.score, self.threshold)

    def counts(self) -> VerdictCounts:
        return count_verdicts(
            [result.score for result in self.results],
            [result.is_defective for result in self.results],
            self.threshold,
        )

    @property
    def failed_count(self) -> int:
        return sum(not result.is_judged for result in self.results)

    @property
    def knows_truth(self) -> bool:
        return any(result.is_defective is not None for result in self.results)


def short_names(paths: Sequence[str]) -> dict[str, str]:
    """Return each path below the folder that all of them share, with forward slashes."""
    parents = {str(Path(path).parent) for path in paths}
    try:
        root = os.path.commonpath(parents)
    except ValueError:  # none at all, or images on several Windows drives
        return {path: Path(path).as_posix() for path in paths}
    return {path: Path(path).relative_to(root).as_posix() for path in paths}


def score_text(score: float) -> str:
    """Return a score with four significant digits, a dash where there is none."""
    return "–" if math.isnan(score) else f"{score:.4g}"
