"""What the weights dialog asks and tells."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from inspector_app.protocol.shelf import ShelfItem
from inspector_app.protocol.weights import WeightsEntry
from inspector_app.services.weights_fetch import fetched_bytes
from inspector_app.services.weights_import import FoundWeights
from inspector_app.ui.wording import size_text

MAX_NAMED = 12


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
    """Say what reading the files has shown."""
    refused = [item.entry.name for item in items if item.state == "corrupt"]
    if refused:
        return _tr("Not what they should be: {names}.").format(names=", ".join(refused))
    names = [item.entry.name for item in items if item.state == "present"]
    if len(names) == 1:
        return _tr("{name} is what it should be.").format(name=names[0])
    return _tr("{count} files are what they should be.").format(count=len(names))


def _tr(text: str) -> str:
    return QCoreApplication.translate("WeightsDialog", text)
