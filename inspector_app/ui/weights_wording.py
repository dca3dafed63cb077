"""The weights shelf in words: states, what is asked, what came of it."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from inspector_app.protocol.shelf import ShelfItem
from inspector_app.protocol.weights import WeightsEntry
from inspector_app.services.weights_fetch import fetched_bytes
from inspector_app.services.weights_import import FoundWeights
from inspector_app.ui.wording import size_text

MAX_NAMED = 12


def state_name(item: ShelfItem) -> str:
    if not item.is_read:
        return _tr("Not verified")
    return {
        "present": _tr("Present"),
        "missing": _tr("Missing"),
        "corrupt": _tr("Corrupt"),
        "unpinned": _tr("Unpinned"),
    }[item.state]


def explain_state(item: ShelfItem) -> str:
    """Say what a state means and, where there is something to do, what."""
    if not item.is_read:
        return _tr("A file of that name is there; it was not read yet.")
    present = _tr("Its hash is what it should be.")
    if item.entry.is_own:
        present = _tr("It is what it was when it was imported.")
    return {
        "present": present,
        "missing": _tr("There is no file of that name in the folders that are searched."),
        "corrupt": _tr("It is damaged or another file, and will not be loaded."),
        "unpinned": _tr("Nobody has said what it should be. Pin it, and any change is noticed."),
    }[item.state]


def describe_fetch(entry: WeightsEntry) -> str:
    """Say from where how much comes under which licence."""
    size = _tr("size not published")
    if entry.bytes is not None:
        size = _tr("{count} bytes").format(count=f"{entry.bytes:,}")
    lines = [f"{entry.name} · {size} · {entry.licence}", entry.url]
    if have := fetched_bytes(entry):
        lines.append(_tr("{size} of it are here already.").format(size=size_text(have)))
    return "\n".join(lines)


def describe_found(found: FoundWeights) -> str:
    """Ask whether what lies in a folder is to be imported."""
    names = [path.name for path in found.files[:MAX_NAMED]]
    if len(found.files) > MAX_NAMED:
        names.append(_tr("and {count} more").format(count=len(found.files) - MAX_NAMED))
    question = _tr("Copy these {count} files, {size}, into the weights folder?").format(
        count=len(found.files), size=size_text(found.bytes)
    )
    return "\n".join([question, "", *names])


def describe_verified(items: Sequence[ShelfItem]) -> str:
    """Say what reading the files has shown; nothing of those that nobody has pinned."""
    refused = [item.entry.name for item in items if item.state == "corrupt"]
    if refused:
        return _tr("Not what they should be: {names}.").format(names=", ".join(refused))
    names = [item.entry.name for item in items if item.state == "present"]
    if len(names) <= 1:
        return "".join(_tr("{name} is what it should be.").format(name=name) for name in names)
    return _tr("{count} files are what they should be.").format(count=len(names))


def _tr(text: str) -> str:
    return QCoreApplication.translate("WeightsDialog", text)
