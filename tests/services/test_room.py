"""How much room copies take, and how much there is."""

import shutil
from pathlib import Path

import pytest

from inspector_app.services.room import free_room, size_of_files


def test_that_files_that_are_gone_take_no_room(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"12345")
    assert size_of_files(tmp_path, ["a.png", "gone.png"]) == 5


def test_that_a_folder_to_be_made_has_the_room_of_its_drive(tmp_path: Path) -> None:
    assert free_room(tmp_path / "deep" / "new") == pytest.approx(free_room(tmp_path), rel=0.5)


def test_that_a_drive_may_not_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path) -> object:
        raise PermissionError

    monkeypatch.setattr(shutil, "disk_usage", refuse)
    assert free_room(tmp_path) is None
