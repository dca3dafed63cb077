"""Works on a drive of four megabytes that is full at every wrong moment; says what came of it.

Run as: full_disk_program.py DRIVE IMAGES WORKER_SCRIPT. The project is made on the drive.
"""

import json
import os
import random
import shutil
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from inspector_app.domain.errors import DiskFullError
from inspector_app.domain.geometry import Box
from inspector_app.formats.base import ImagePlacement, ImportedImage, ImportedRegion, ImportPlan
from inspector_app.services.exchange import EXPORT_FORMATS, export_project, perform_import
from inspector_app.services.opening import create_project
from inspector_app.store.annotations import load_document
from inspector_app.store.project import Project
from inspector_app.ui.pages.annotate import AnnotatePage
from tests.e2e.editing_program import drag, open_window, wait_for

_ROOM_LEFT = (0, 4_096, 12_288, 36_864, 65_536)
"""Bytes: for nothing, for a first file, for some images, for all but the labels."""
_ROOM_FOR_A_FEW_STROKES = 60_000
_MOST_STROKES = 300


def main() -> None:
    drive, images, worker_script = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    with create_project(drive / "project", images) as project:
        outcome: dict[str, object] = {"import": import_into(project, drive)}
        outcome["export"] = {name: export(project, drive, name) for name in EXPORT_FORMATS}
    outcome["open"] = open_project(drive)
    outcome["brush"] = brush(drive, worker_script)
    print(json.dumps(outcome))


def fill(drive: Path, *, left: int = 0) -> None:
    room = os.statvfs(drive)
    with (drive / "ballast").open("wb") as ballast:
        ballast.write(bytes(max(0, room.f_bavail * room.f_frsize - left)))


def empty(drive: Path) -> None:
    (drive / "ballast").unlink()


def region_count(project: Project) -> int:
    return sum(len(load_document(project, image.id).regions) for image in project.images())


def import_into(project: Project, drive: Path) -> dict[str, object]:
    """Import while the drive fills up, and again when there is room."""
    names = [record.relative_path for record in project.images()]
    dents = tuple(ImportedRegion("dent", Box(n, 0, n + 40, 40), None) for n in range(40))
    plan = ImportPlan(("dent",), tuple(ImportedImage(name, dents) for name in names))
    told = []
    for left in _ROOM_LEFT[:3]:
        fill(drive, left=left)
        try:
            perform_import(project, plan)
        except DiskFullError as error:
            told.append(str(error))
        empty(drive)
    there = (region_count(project), len(project.classes()))
    perform_import(project, plan)
    return {"told": told, "left": there, "then": region_count(project)}


def export(project: Project, drive: Path, name: str) -> dict[str, object]:
    """Export copies while the drive fills up, and again when there is room."""
    told: list[str] = []
    left_behind: set[str] = set()
    for left in _ROOM_LEFT:
        fill(drive, left=left)
        try:
            export_project(project, name, drive / "out", placement=ImagePlacement.COPY)
        except DiskFullError as error:
            told.append(str(error))
            left_behind |= {path.name for path in drive.iterdir()} - {"project", "ballast"}
        else:
            shutil.rmtree(drive / "out")
        empty(drive)
    report = export_project(project, name, drive / "out", placement=ImagePlacement.COPY)
    shutil.rmtree(drive / "out")
    return {"told": told, "left": sorted(left_behind), "then": report.image_count}


def open_project(drive: Path) -> str:
    fill(drive)
    try:
        Project.open(drive / "project").close()
    except DiskFullError as error:
        return str(error)
    finally:
        empty(drive)
    return ""


def brush(drive: Path, worker_script: str) -> dict[str, object]:
    """Paint in the window until the drive is full, then once more when there is room."""
    program, page = open_window(drive / "project", worker_script)
    wait_for(lambda: not page.editing.image_size.isEmpty())
    page.set_tool("brush")
    banners = program.window.banners
    banners.clear()
    fill(drive, left=_ROOM_FOR_A_FEW_STROKES)
    for _ in range(_MOST_STROKES):
        stroke(page)
        if banners.bars:
            break
    told = [bar.html for bar in banners.bars]
    left = (shown_count(page), stored_count(drive, page))
    empty(drive)
    stroke(page)
    return {"told": told, "left": left, "then": stored_count(drive, page)}


def stroke(page: AnnotatePage) -> None:
    page.editing.select("")
    drag(page, random.Random(1))
    QApplication.processEvents()


def shown_count(page: AnnotatePage) -> int:
    assert page.editing.document is not None
    return len(page.editing.document.regions)


def stored_count(drive: Path, page: AnnotatePage) -> int:
    assert page.editing.document is not None
    with Project.open(drive / "project") as reader:
        return len(load_document(reader, page.editing.document.image_id).regions)


if __name__ == "__main__":
    main()
