"""A manifest of one small made-up file, in place of the program's own."""

import hashlib
import json
from pathlib import Path

import pytest

from inspector_app import paths
from inspector_app.protocol.weights import WeightsEntry

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
