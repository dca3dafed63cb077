"""The check for Qt's system libraries, with the system's answers made up."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "packaging" / "system_libraries.py"
LDD = """libqxcb.so:
\tlibxcb-icccm.so.4 => not found
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)
libqoffscreen.so:
\tlibEGL.so.1 => not found
\tlibxcb-icccm.so.4 => not found
"""

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")


@pytest.fixture
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("system_libraries", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_that_missing_libraries_are_named_once(script: ModuleType) -> None:
    assert script.missing_libraries(LDD) == {"libxcb-icccm.so.4", "libEGL.so.1"}


def test_that_libraries_become_packages_and_strangers_are_told_apart(script: ModuleType) -> None:
    found = script.packages_for(["libEGL.so.1", "libgthread-2.0.so.0", "libodd.so.3"])
    assert found == (["libegl1", "libglib2.0-0"], ["libodd.so.3"])


def test_that_without_privilege_the_one_command_is_printed(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "privilege", lambda: None)
    with pytest.raises(SystemExit) as stopped:
        script.install(["libegl1", "libgl1"])
    assert "sudo apt-get install -y libegl1 libgl1" in str(stopped.value)


def test_that_root_installs_without_asking(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []

    def note(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(script, "privilege", lambda: [])
    monkeypatch.setattr(script.shutil, "which", lambda _: "/usr/bin/apt-get")
    monkeypatch.setattr(script.subprocess, "run", note)
    script.install(["libegl1"])
    assert [command[:2] for command in commands] == [["apt-get", "update"], ["apt-get", "install"]]
    assert commands[1][-1] == "libegl1"


def test_that_the_libraries_of_this_machine_are_looked_at(script: ModuleType) -> None:
    names = {file.name for file in script.loaded_files()}
    assert {"libqxcb.so", "libqoffscreen.so", "libQt6Widgets.so.6"} <= names
