"""Words that several pages use."""

import datetime
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QDate, QLocale, QTime

from inspector_app.domain.annotation import ImageVerdict, ReviewState
from inspector_app.domain.dataset import GOOD, Split, plain_name
from inspector_app.domain.decision import Verdict
from inspector_app.domain.disagreement import Disagreement, DisagreementKind
from inspector_app.domain.jobs import JobState, ResultRecord

_MOST_REASONS = 3
"""Of one image: more are gone through on the image itself."""


def count_images(count: int) -> str:
    if count == 1:
        return QCoreApplication.translate("Words", "1 image")
    return QCoreApplication.translate("Words", "{count} images").format(count=_number(count))


def count_regions(count: int) -> str:
    if count == 1:
        return QCoreApplication.translate("Words", "1 region")
    return QCoreApplication.translate("Words", "{count} regions").format(count=_number(count))


def split_name(split: Split) -> str:
    return {
        Split.TRAIN: QCoreApplication.translate("Words", "train"),
        Split.VALIDATION: QCoreApplication.translate("Words", "validation"),
        Split.TEST: QCoreApplication.translate("Words", "test"),
        Split.NONE: QCoreApplication.translate("Words", "no split"),
    }[split]


def defect_type_name(name: str) -> str:
    """Return a defect type as shown; folder names are the operator's own words."""
    if name == GOOD:
        return QCoreApplication.translate("Words", "good")
    return plain_name(name) or QCoreApplication.translate("Words", "not known")


def defect_name(class_name: str) -> str:
    """Return a class as a model names it; of a model without types, what it is all the same."""
    return class_name or QCoreApplication.translate("Words", "defect")


def disagreement_reasons(found: Sequence[Disagreement]) -> list[str]:
    """Return sentences on what may be wrong with the labels of an image, the likeliest first."""
    return [disagreement_reason(one) for one in found[:_MOST_REASONS]]


def disagreement_reason(found: Disagreement) -> str:
    """Return a sentence on what may be wrong with a label."""
    return _reason(found.kind).format(
        said=defect_name(found.said),
        label=defect_name(found.labelled),
        share=percent(found.strength_01),
    )


def _reason(kind: DisagreementKind) -> str:
    translate, context = QCoreApplication.translate, "Words"
    match kind:
        case DisagreementKind.MISSED_DEFECT:
            return translate(context, "Missed? Nothing is marked, the model sees {said} ({share}).")
        case DisagreementKind.WRONG_LABEL:
            return translate(
                context, "Wrong class? It is marked as {label}, the model says {said} ({share})."
            )
        case DisagreementKind.UNSEEN_LABEL:
            return translate(
                context, "Nothing there? {label} is marked, the model sees none ({share})."
            )


def called_name(result: ResultRecord) -> str:
    """Return what a model takes an image for: “scratch 93 %”; empty if it names no types."""
    if result.share_01 is None:
        return ""
    return f"{defect_type_name(result.called)} {percent(result.share_01)}"


def percent(share_01: float) -> str:
    """Return a share in whole percent: “93 %”; no doubt is rounded away."""
    whole = min(round(100 * share_01), 99) if share_01 < 1.0 else 100
    return f"{whole} %"


def verdict_name(verdict: Verdict) -> str:
    return {
        Verdict.OK: QCoreApplication.translate("Words", "OK"),
        Verdict.NG: QCoreApplication.translate("Words", "NG"),
        Verdict.REVIEW: QCoreApplication.translate("Words", "Review"),
    }[verdict]


def image_verdict_name(verdict: ImageVerdict) -> str:
    return {
        ImageVerdict.OK: QCoreApplication.translate("Words", "OK"),
        ImageVerdict.NG: QCoreApplication.translate("Words", "NG"),
        ImageVerdict.UNSURE: QCoreApplication.translate("Words", "Unsure"),
    }[verdict]


def review_state_name(review: ReviewState) -> str:
    return {
        ReviewState.TODO: QCoreApplication.translate("Words", "To do"),
        ReviewState.DONE: QCoreApplication.translate("Words", "Done"),
        ReviewState.REJECTED: QCoreApplication.translate("Words", "Rejected"),
    }[review]


def job_state_name(state: JobState) -> str:
    return {
        JobState.QUEUED: QCoreApplication.translate("Words", "Waiting"),
        JobState.STARTING: QCoreApplication.translate("Words", "Starting"),
        JobState.RUNNING: QCoreApplication.translate("Words", "Running"),
        JobState.CANCELLING: QCoreApplication.translate("Words", "Stopping"),
        JobState.COMPLETED: QCoreApplication.translate("Words", "Done"),
        JobState.CANCELLED: QCoreApplication.translate("Words", "Cancelled"),
        JobState.FAILED: QCoreApplication.translate("Words", "Failed"),
        JobState.INTERRUPTED: QCoreApplication.translate("Words", "Interrupted"),
    }[state]


def when(moment: datetime.datetime, *, now: datetime.datetime | None = None) -> str:
    """Return “today 14:05”, “yesterday”, “Tuesday” or a date, whatever says it shortest."""
    local = moment.astimezone()
    today = (now or datetime.datetime.now()).astimezone().date()
    days = (today - local.date()).days
    locale = QLocale()
    if days == 0:
        time = locale.toString(QTime(local.hour, local.minute), QLocale.FormatType.ShortFormat)
        return QCoreApplication.translate("Words", "today {time}").format(time=time)
    if days == 1:
        return QCoreApplication.translate("Words", "yesterday")
    if 1 < days < 7:
        return locale.dayName(local.isoweekday())
    date = QDate(local.year, local.month, local.day)
    return locale.toString(date, QLocale.FormatType.ShortFormat)


def when_iso(text: str) -> str:
    """Like `when`, of ISO 8601; empty for what is none."""
    try:
        return when(datetime.datetime.fromisoformat(text))
    except ValueError:
        return ""


def _number(count: int) -> str:
    return QLocale().toString(count)


def size_text(size_bytes: int | None) -> str:
    """Return a file's size as people say it, nothing if nobody knows it."""
    if size_bytes is None:
        return ""
    for unit, factor in (("GB", 10**9), ("MB", 10**6)):
        if size_bytes >= factor:
            return f"{QLocale().toString(size_bytes / factor, 'f', 1)} {unit}"
    return f"{QLocale().toString(size_bytes / 1000, 'f', 0)} kB"
