"""What a click model is adapted with, and what comes of it. No Qt: the command line uses it too."""

import contextlib
from collections.abc import Mapping
from pathlib import Path

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.files import known_write_errors, write_atomically, write_text_atomically
from inspector_app.protocol.adapting import (
    ADAPTED_FILES,
    LEAST_REGIONS,
    REGIONS_FILE,
    ClickRegion,
)
from inspector_app.store import annotations
from inspector_app.store.project import Project


def click_regions(project: Project) -> list[ClickRegion]:
    """Return every region with pixels that is not ignored.

    Raises:
        BadDataError: if there are too few to learn from.
    """
    found = [
        ClickRegion(
            image_path=str(project.image_path(record)),
            size=(region.mask.height, region.mask.width),
            counts=region.mask.counts,
        )
        for record in project.images()
        if record.region_count
        for region in annotations.load_document(project, record.id).regions
        if region.mask is not None and not region.is_ignored and region.mask.area
    ]
    if len(found) < LEAST_REGIONS:
        raise BadDataError(
            f"{project.name}: {len(found)} regions are drawn, {LEAST_REGIONS} are needed",
            "mark more defects",
        )
    return found


def write_click_regions(project: Project, folder: Path) -> None:
    """Write what a job that adapts the click model works on. Raises as `click_regions`."""
    lines = (f"{region.model_dump_json()}\n" for region in click_regions(project))
    write_text_atomically(folder / REGIONS_FILE, "".join(lines))


def has_adapted(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ADAPTED_FILES)


def keep_adapted(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write a model's files.

    Raises:
        DiskFullError, BadDataError: see `known_write_errors`.
    """
    with known_write_errors(folder):
        folder.mkdir(exist_ok=True)
    for name in ADAPTED_FILES:
        write_atomically(folder / name, contents[name])


def forget_adapted(folder: Path) -> None:
    """Delete a model's files, if there are any."""
    # The card first: without it the weights are nobody's.
    for name in reversed(ADAPTED_FILES):
        with contextlib.suppress(FileNotFoundError):
            (folder / name).unlink()
