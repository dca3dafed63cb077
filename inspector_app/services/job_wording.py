"""What became of a job, in sentences for the operator."""

from PySide6.QtCore import QCoreApplication

from inspector_app import paths
from inspector_app.protocol.messages import JobEnded
from inspector_app.services.worker_end import WorkerEnd

_LOG_LINES = 8


def lost_message(end: WorkerEnd) -> str:
    """Return why a worker took its job along: a sentence, the remedy, the end of its log."""
    reason = end.reason or _tr("The worker was ended.")
    return _with_log(" ".join(filter(None, (reason, end.hint))), end.log_tail)


def failed_message(ended: JobEnded, log_tail: str = "") -> str:
    """Return why a job failed, with the remedy; for a bug the end of the log instead."""
    if ended.error_kind == "bug":
        text = _tr("A fault in the program ended it: {error}. The log in {folder} says more.")
        return _with_log(text.format(error=ended.error, folder=paths.log_folder()), log_tail)
    sentence = f"{ended.error[:1].upper()}{ended.error[1:]}"
    return f"{sentence} — {ended.hint}" if ended.hint else sentence


def trained_message(title: str, metrics: dict[str, float]) -> str:
    """Return what came of a training, as far as its figures tell."""
    parts = []
    if "epochs" in metrics:
        parts.append(epochs_text(round(metrics["epochs"])))
    if "best_epoch" in metrics:
        parts.append(_tr("the best one was {number}").format(number=round(metrics["best_epoch"])))
    if "image_auroc" in metrics:
        auroc = metrics["image_auroc"]
        parts.append(_tr("image AUROC {value}").format(value=f"{auroc:.3f}"))
    elif "made_up_auroc" in metrics:
        auroc = metrics["made_up_auroc"]
        parts.append(_tr("AUROC on made-up defects {value}").format(value=f"{auroc:.3f}"))
    if skipped := round(metrics.get("skipped_images", 0)):
        parts.append(_tr("{images} could not be read").format(images=images_text(skipped)))
    text = _tr("{title} is trained").format(title=title)
    return f"{text}: {', '.join(parts)}." if parts else f"{text}."


def ended_early_message(epochs: int, *, is_usable: bool, is_paused: bool) -> str:
    """Return what is left of a training that was cancelled or paused."""
    if is_paused:
        text = _tr("Paused after {epochs}. Resume goes on exactly where it was.")
    elif is_usable:
        text = _tr("Cancelled after {epochs}; what was learned can be used.")
    elif epochs:
        text = _tr("Cancelled after {epochs}; the last checkpoint is kept.")
    else:
        text = _tr("Cancelled before anything was learned.")
    return text.format(epochs=epochs_text(epochs))


def epochs_text(count: int) -> str:
    return _tr("1 epoch") if count == 1 else _tr("{count} epochs").format(count=count)


def images_text(count: int) -> str:
    return _tr("1 image") if count == 1 else _tr("{count} images").format(count=count)


def _with_log(message: str, log_tail: str) -> str:
    lines = log_tail.splitlines()[-_LOG_LINES:]
    if not lines:
        return message
    return "\n".join((message, "", _tr("The last lines of the log:"), *lines))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Jobs", text)
