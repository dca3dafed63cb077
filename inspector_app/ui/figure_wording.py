"""What the figures of trainings are called, and how people read them."""

from PySide6.QtCore import QCoreApplication

from inspector_app.ui.share_text import share_text

_SHARES = frozenset({"accuracy", "macro_recall"})
_FORMS = {
    "epochs": ".0f",
    "best_epoch": ".0f",
    "macro_f1": ".2f",
    "image_auroc": ".3f",
    "dice": ".3f",
    "map50": ".3f",
}


def figure_title(name: str) -> str:
    """Return what a figure is called; its key where it has no title."""
    return {
        "seconds": _tr("Time"),
        "epochs": _tr("Epochs trained"),
        "best_epoch": _tr("Best epoch"),
        "train_loss": _tr("Error where it learns"),
        "val_loss": _tr("Best error"),
        "accuracy": _tr("Accuracy"),
        "macro_recall": _tr("Mean recall of types"),
        "macro_f1": _tr("Macro F1"),
        "tail_recall": _tr("Recall of rare types"),
        "image_auroc": _tr("AUROC"),
        "dice": _tr("Dice"),
        "map50": _tr("mAP50"),
    }.get(name, name)


def figure_hint(name: str) -> str:
    """Return what a figure measures; empty where its title says all."""
    return {
        "val_loss": _tr("Smallest error on held-out images; compare only the same model"),
        "accuracy": _tr("Share of held-out images whose type was told"),
        "image_auroc": _tr("How well scores separate good from defective images: 1 is perfect"),
        "dice": _tr("How well marked pixels and drawn ones cover each other: 1 is perfect"),
        "map50": _tr(
            "Mean average precision of boxes that overlap the drawn ones by half or more: "
            "1 is perfect"
        ),
    }.get(name, "")


def figure_text(name: str, value: float) -> str:
    """Return a figure of one training as text."""
    if name == "seconds":
        minutes, seconds = divmod(round(value), 60)
        return f"{minutes} min {seconds:02} s" if minutes else f"{value:.1f} s"
    if name in _SHARES:
        return share_text(value)
    return format(value, _FORMS.get(name, ".4g"))


def _tr(text: str) -> str:
    return QCoreApplication.translate("FigureWording", text)
