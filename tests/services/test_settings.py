from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from inspector_app.protocol.embeddings import DEFAULT_LIMIT_GB
from inspector_app.services.settings import Settings
from inspector_app.store.project import DATABASE_FILE


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.ini"


def make_project(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / DATABASE_FILE).touch()
    return folder


def test_that_values_survive_a_restart(file: Path) -> None:
    settings = Settings(file)
    settings.theme = "dark"
    settings.palette = "viridis"
    settings.heatmap_opacity_01 = 0.25
    settings.click_model = "SAM ViT-B"
    settings.embeddings_gb = 40
    settings.window_geometry = QByteArray(b"\x00\x01geometry")
    settings.window_state = QByteArray(b"state\xff")
    again = Settings(file)
    assert (again.theme, again.palette, again.heatmap_opacity_01) == ("dark", "viridis", 0.25)
    assert (again.click_model, again.embeddings_gb) == ("SAM ViT-B", 40)
    assert again.window_geometry == QByteArray(b"\x00\x01geometry")
    assert again.window_state == QByteArray(b"state\xff")


def test_that_a_new_file_has_defaults(file: Path) -> None:
    settings = Settings(file)
    assert (settings.theme, settings.palette, settings.heatmap_opacity_01) == (
        "system",
        "inferno",
        0.6,
    )
    assert (settings.click_model, settings.embeddings_gb) == ("", DEFAULT_LIMIT_GB)
    assert settings.window_geometry.isEmpty()
    assert settings.recent_projects() == []
    assert settings.embeddings_gb == DEFAULT_LIMIT_GB


@pytest.mark.parametrize("opacity", ["nonsense", "7", "nan", "-1"])
def test_that_values_without_sense_read_as_defaults(file: Path, opacity: str) -> None:
    file.parent.mkdir()
    file.write_text(
        "[General]\ntheme=purple\nrecent_projects=[broken\n"
        f"[heatmap]\npalette=rainbow\nopacity={opacity}\n[clicks]\nembeddings_gb=-3\n"
    )
    settings = Settings(file)
    assert (settings.theme, settings.palette, settings.heatmap_opacity_01) == (
        "system",
        "inferno",
        0.6,
    )
    assert settings.recent_projects() == []


def test_that_the_project_opened_last_leads(file: Path, tmp_path: Path) -> None:
    first, second = make_project(tmp_path / "first"), make_project(tmp_path / "second")
    settings = Settings(file)
    for folder in (first, second, first):
        settings.add_recent_project(folder)
    assert Settings(file).recent_projects() == [first, second]


def test_that_ten_projects_are_remembered(file: Path, tmp_path: Path) -> None:
    folders = [make_project(tmp_path / f"p, {number}") for number in range(12)]
    settings = Settings(file)
    for folder in folders:
        settings.add_recent_project(folder)
    assert Settings(file).recent_projects() == folders[:1:-1]


def test_that_a_project_which_is_gone_is_not_listed(file: Path, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "gone")
    settings = Settings(file)
    settings.add_recent_project(folder)
    (folder / DATABASE_FILE).unlink()
    assert settings.recent_projects() == []


def test_that_a_project_can_be_taken_off_the_list(file: Path, tmp_path: Path) -> None:
    kept, removed = make_project(tmp_path / "kept"), make_project(tmp_path / "removed")
    settings = Settings(file)
    settings.add_recent_project(kept)
    settings.add_recent_project(removed)
    settings.remove_recent_project(removed)
    assert settings.recent_projects() == [kept]
