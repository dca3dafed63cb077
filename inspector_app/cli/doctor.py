"""What support wants to know, in text that can be pasted into a mail."""

import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from inspector_app import __version__, paths
from inspector_app.cli.log import log_file
from inspector_app.cli.worker_client import WorkerClient, WorkerLostError
from inspector_app.protocol.base import PROTOCOL_VERSION
from inspector_app.protocol.messages import Hello
from inspector_app.protocol.shelf import Shelf, ShelfItem

_PACKAGES = (
    "PySide6-Essentials",
    "numpy",
    "opencv-python",
    "pycocotools",
    "pydantic",
    "torch",
    "torchvision",
    "lightning",
    "segment-anything",
    "ultralytics",
)
_GIB = 2**30


def examine() -> dict[str, dict[str, str]]:
    """Return findings by section; starts a worker to ask it for its devices."""
    return {
        "program": _program(),
        "system": _system(),
        "packages": dict(_packages()),
        "worker": _worker(),
        "weights": _weights(),
        "folders": _folders(),
    }


def _program() -> dict[str, str]:
    return {
        "Inspector": __version__,
        "protocol": str(PROTOCOL_VERSION),
        "installation": "packaged" if paths.is_frozen() else "source tree",
        "Python": platform.python_version(),
    }


def _system() -> dict[str, str]:
    display = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or "none"
    return {
        "system": platform.platform(),
        "processor": f"{platform.machine()}, {os.cpu_count()} threads",
        "memory": _memory(),
        "display": display if sys.platform.startswith("linux") else "native",
        "language": os.environ.get("LANG", ""),
    }


def _memory() -> str:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return "unknown"
    return f"{size / _GIB:.1f} GiB"


def _packages() -> Iterator[tuple[str, str]]:
    for name in _PACKAGES:
        try:
            yield name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield name, "not found"


def _worker() -> dict[str, str]:
    try:
        with WorkerClient() as worker:
            return _hello(worker.hello)
    except WorkerLostError as error:
        return {"state": str(error)}


def _hello(hello: Hello) -> dict[str, str]:
    findings = {
        "state": "answers",
        "device": hello.device,
        "click model": hello.click_model,
        "models": ", ".join(card.kind for card in hello.model_cards),
    }
    return findings | {f"remark {n}": text for n, text in enumerate(hello.remarks, start=1)}


def _weights() -> dict[str, str]:
    shelf = Shelf.of_this_machine()
    return {entry.file: _state_of(shelf.verify(entry)) for entry in shelf.entries()}


def _state_of(item: ShelfItem) -> str:
    if item.path is None:
        return "not found"
    if item.state == "corrupt":
        return f"refused, {item.remarks[0]}"
    return f"{item.path}: {'verified' if item.state == 'present' else item.state}"


def _folders() -> dict[str, str]:
    folders = {
        "settings": paths.config_folder(),
        "cache": paths.cache_folder(),
        "log": log_file().parent,
        "projects": paths.projects_folder(),
    }
    searched = {f"weights {n}": path for n, path in enumerate(paths.weights_folders(), start=1)}
    return {name: f"{path} ({_free(path)})" for name, path in (folders | searched).items()}


def _free(folder: Path) -> str:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    state = "" if existing == folder else "not made yet, "
    return f"{state}{shutil.disk_usage(existing).free / _GIB:.1f} GiB free"
