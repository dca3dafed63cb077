"""The report as one HTML page with relative pictures: opens anywhere, without a network."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inspector_app.domain.decision import Verdict
from inspector_app.domain.jobs import ResultRecord
from inspector_app.protocol.files import ThresholdCard
from inspector_app.services import written_tables
from inspector_app.services.heatmaps import PALETTES, HeatmapScale, colourise
from inspector_app.services.report.content import ReportContent, score_text, short_names

_TEMPLATE = "inspection_report.html.j2"
_LEGEND_STOPS = 16


@dataclass(frozen=True, slots=True)
class ImageCard:
    """One image as the page shows it."""

    name: str
    overlay: str
    """Relative to the page, empty if there is none."""
    verdict: Verdict
    score: str
    known: str
    """``good``, ``defective`` (with its type), empty if unknown."""
    called: str
    """What the model takes it for, with how likely that is; empty if it names no types."""
    contradiction: str
    """``Escape`` or ``Overkill``, empty if the verdict fits what is known."""
    error: str


@dataclass(frozen=True, slots=True)
class Dot:
    """One image on the score axis; x in per cent of its width."""

    x: float
    row: int
    """Index into the axis's rows."""
    name: str
    score: str


@dataclass(frozen=True, slots=True)
class ScoreAxis:
    """Where every score lies with respect to the threshold."""

    dots: tuple[Dot, ...]
    rows: tuple[str, ...]
    threshold_x: float
    low: str
    high: str


def write_page(target: Path, content: ReportContent, overlays: Mapping[str, str]) -> None:
    """Write the page.

    Raises:
        KnownError: if it cannot be written.
    """
    names = short_names([result.image_path for result in content.results])
    shown = {
        "content": content,
        "card": content.card,
        "counts": content.counts(),
        "cards": [_card(content, result, names, overlays) for result in content.ranked()],
        "figures": _figures(content),
        "axis": score_axis(content, names),
        "legend": _legend(content),
        "threshold_sentence": threshold_sentence(content),
    }
    written_tables.write_page(target, _TEMPLATE, shown)


def threshold_sentence(content: ReportContent) -> str:
    """Say how the threshold in force was chosen and what it can promise."""
    chosen = content.card.threshold
    if content.threshold != chosen.value:
        return f"Set by hand; the model came with {chosen.value:.4g}. {_promise(chosen)}"
    return _promise(chosen)


_FIXED = {
    "equal_odds": "Where good and defective are equally likely to the model: no held-out good part "
    "was there to set it by.",
    "best_boxes": "Where boxes on held-out images are right most often and still miss few (best F1 "
    "at an IoU of 0.5): no held-out good part was there to set it by.",
    "words": "A usual value: the model looks for words and has seen none of these images.",
    "all_defective": "None: the model knows types of defects only, and every part is NG.",
}
"""Of thresholds that no good part has a say in, by their methods."""


def _promise(chosen: ThresholdCard) -> str:
    parts = f"{chosen.good_count} held-out good part{'' if chosen.good_count == 1 else 's'}"
    if chosen.method == "quantile":
        return (
            f"Quantile of {parts}: at most {chosen.overkill_bound:.1%} of good parts "
            "are expected above it, as long as parts and camera stay the same."
        )
    if chosen.method == "max_plus_margin":
        return (
            f"Largest score of {parts} and a margin: too few to promise the asked overkill of "
            f"{chosen.overkill_asked:.1%}; the honest bound is {chosen.overkill_bound:.1%}."
        )
    return _FIXED.get(chosen.method, f"Chosen by {chosen.method} from {parts}.")


def score_axis(content: ReportContent, names: Mapping[str, str]) -> ScoreAxis | None:
    """Return the dots of the judged images, None if there are none."""
    judged = [result for result in content.ranked() if result.is_judged]
    if not judged:
        return None
    scores = [result.score for result in judged]
    shown = [*scores, content.threshold] if math.isfinite(content.threshold) else scores
    low, high = min(shown), max(shown)
    span = (high - low) or 1.0
    rows = _rows(judged)
    dots = tuple(
        Dot(
            round(100 * (result.score - low) / span, 2),
            rows.index(_row(result)),
            names[result.image_path],
            score_text(result.score),
        )
        for result in judged
    )
    threshold_x = round(100 * (content.threshold - low) / span, 2)
    return ScoreAxis(dots, rows, threshold_x, score_text(low), score_text(high))


def _rows(judged: Sequence[ResultRecord]) -> tuple[str, ...]:
    present = {_row(result) for result in judged}
    return tuple(row for row in ("defective", "good", "unknown") if row in present)


def _row(result: ResultRecord) -> str:
    if result.is_defective is None:
        return "unknown"
    return "defective" if result.is_defective else "good"


def _card(
    content: ReportContent,
    result: ResultRecord,
    names: Mapping[str, str],
    overlays: Mapping[str, str],
) -> ImageCard:
    verdict = content.verdict(result)
    known = "" if result.is_defective is None else _row(result)
    if result.is_defective and result.defect_type:
        known = f"defective: {result.defect_type}"
    return ImageCard(
        name=names[result.image_path],
        overlay=overlays.get(result.image_path, ""),
        verdict=verdict,
        score=score_text(result.score),
        known=known,
        called="" if result.share_01 is None else f"{result.called} {result.share_01:.1%}",
        contradiction=_contradiction(result, verdict),
        error=result.error,
    )


def _contradiction(result: ResultRecord, verdict: Verdict) -> str:
    if result.is_defective and verdict is Verdict.OK:
        return "Escape"
    if result.is_defective is False and verdict is Verdict.NG:
        return "Overkill"
    return ""


def _figures(content: ReportContent) -> list[tuple[str, str]]:
    figures = [
        ("Image AUROC", content.metrics.get("image_auroc")),
        ("Pixel AUROC", content.metrics.get("pixel_auroc")),
    ]
    known = [(name, f"{value:.3f}") for name, value in figures if value is not None]
    seconds = [result.seconds for result in content.results if result.is_judged]
    if seconds:
        known.append(("Per image, median", f"{1000 * statistics.median(seconds):.0f} ms"))
    return known


def _legend(content: ReportContent) -> list[str]:
    """Return the heatmap's colours from the median of good parts through the threshold, as CSS."""
    card = content.card
    scale = HeatmapScale(card.pixel_median, card.pixel_threshold)
    ramp = np.linspace(scale.low, scale.high, _LEGEND_STOPS, dtype=np.float32)[None, :]
    coloured = colourise(ramp, scale, palette=PALETTES[0], width=_LEGEND_STOPS, height=1)
    return [f"rgb({r} {g} {b})" for r, g, b, _ in coloured[0].tolist()]
