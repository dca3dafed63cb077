"""A manifest of small made-up files, in place of the program's own, and a server of them."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from inspector_app import paths
from inspector_app.protocol.weights import WeightsEntry
from tests.services.weights_server import HOST, Behaviour, serve

CONTENT = b"the weights" * 1000
PUBLISHED = WeightsEntry(
    name="Small",
    file="small.pt",
    bytes=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    licence="Apache-2.0",
    url="https://example.org/small.pt",
    used_for="tests",
)


def publish(
    folder: Path, monkeypatch: pytest.MonkeyPatch, entries: tuple[WeightsEntry, ...] = (PUBLISHED,)
) -> None:
    """Make `folder` the resources folder, with these entries for a manifest."""
    folder.mkdir()
    document = {"weights": [entry.model_dump() for entry in entries]}
    (folder / "weights.json").write_text(json.dumps(document))
    for name in ("icons", "themes"):
        (folder / name).symlink_to(paths.resources_folder() / name)
    monkeypatch.setattr(paths, "resources_folder", lambda: folder)


@contextmanager
def serve_published(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Behaviour]:
    """Serve `CONTENT` as “Small” and “Other”, and make `folder` the resources that name them."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", HOST)
    behaviour = Behaviour(CONTENT)
    with serve(behaviour) as address:
        small = PUBLISHED.model_copy(update={"url": f"{address}small.pt"})
        other = {"name": "Other", "file": "other.pt", "url": f"{address}other.pt"}
        publish(folder, monkeypatch, (small, PUBLISHED.model_copy(update=other)))
        yield behaviour


def fill_stick(folder: Path) -> Path:
    """Make a USB stick with the published file under another name, and an own one."""
    folder.mkdir()
    (folder / "renamed.pth").write_bytes(CONTENT)
    save_file({"weight": np.zeros(3, np.float32)}, folder / "mine.safetensors")
    return folder
