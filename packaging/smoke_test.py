"""Run the built program as a customer would have it: no Python, an empty home, a bare screen."""

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

_TIMEOUT_S = 900


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path, help="dist/Inspector")
    bundle = parser.parse_args().bundle.resolve()
    with tempfile.TemporaryDirectory(prefix="inspector-smoke-") as name, screen() as display:
        folder = Path(name)
        environment = bare_environment(folder / "home", display)
        check_command_line(bundle, environment)
        lines = run_self_test(bundle, folder / "check", environment)
        check_project(folder / "check" / "project" / "project.db")
        check_home(folder / "home")
    for line in lines:
        print("  ".join(f"{key} {value}" for key, value in line.items()))
    print("smoke test passed")


@contextmanager
def screen() -> Iterator[str]:
    """Give a virtual screen of its own; on Windows and macOS the real one."""
    if not sys.platform.startswith("linux"):
        yield ""
        return
    reader, writer = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(writer),
        "-screen",
        "0",
        "1600x1000x24",
        "-nolisten",
        "tcp",
    ]
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as answer:
            yield f":{answer.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


def bare_environment(home: Path, display: str) -> dict[str, str]:
    """Return an environment without Python, settings or libraries of this machine."""
    home.mkdir()
    environment = {"HOME": str(home), "PATH": str(home / "nothing"), "LANG": "C.UTF-8"}
    if display:
        environment["DISPLAY"] = display
    if sys.platform == "win32":
        for name in ("SYSTEMROOT", "TEMP", "TMP"):
            environment[name] = os.environ[name]
        environment |= {"USERPROFILE": str(home), "APPDATA": str(home), "LOCALAPPDATA": str(home)}
    return environment


def program(bundle: Path) -> Path:
    return bundle / ("Inspector.exe" if sys.platform == "win32" else "Inspector")


def check_command_line(bundle: Path, environment: dict[str, str]) -> None:
    """The same program is the command line; `doctor` starts the worker and asks it."""
    answer = subprocess.run(
        [program(bundle), "doctor", "--json"],
        env=environment, check=True, capture_output=True, timeout=_TIMEOUT_S,
    )  # fmt: skip
    findings = json.loads(answer.stdout)
    require(findings["program"]["installation"] == "packaged", "doctor sees a source tree")
    require(findings["worker"]["state"] == "answers", f"worker: {findings['worker']}")


def run_self_test(bundle: Path, folder: Path, environment: dict[str, str]) -> list[dict[str, Any]]:
    started = time.monotonic()
    process = subprocess.run(
        [program(bundle), "--self-test", str(folder)],
        env=environment, check=False, capture_output=True, timeout=_TIMEOUT_S,
    )  # fmt: skip
    file = folder / "self-test.jsonl"
    require(file.is_file(), f"no result: {process.stderr.decode(errors='replace')[-2000:]}")
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    require(process.returncode == 0, f"exit code {process.returncode}: {lines}")
    require(lines[-1]["step"] == "passed", str(lines))
    return [*lines, {"step": "altogether", "seconds": round(time.monotonic() - started, 2)}]


def check_project(database: Path) -> None:
    """What the program says is one thing, what the project holds another."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        regions = connection.execute("SELECT author, mask_counts FROM regions").fetchall()
        runs = connection.execute("SELECT state FROM runs").fetchall()
        inspections = connection.execute("SELECT state FROM inspections").fetchall()
        (scored,) = connection.execute("SELECT count(score) FROM results").fetchone()
    drafted = [counts for author, counts in regions if author == "click_model"]
    require(len(drafted) == 1 and bool(drafted[0]), f"drafted regions: {len(drafted)}")
    require(runs == [("completed",)], f"runs: {runs}")
    require(inspections == [("completed",)], f"inspections: {inspections}")
    require(scored > 0, "no image was scored")


def check_home(home: Path) -> None:
    """The program keeps to the places the system has for it; no library leaves its own folders."""
    allowed = {".cache", ".config", ".local", "Documents", "AppData", "Library"}
    strays = {entry.name for entry in home.iterdir()} - allowed
    require(not strays or sys.platform == "win32", f"written into the home folder: {strays}")


def require(condition: bool, complaint: str) -> None:
    if not condition:
        raise SystemExit(f"smoke test failed: {complaint}")


if __name__ == "__main__":
    if sys.platform.startswith("linux") and not shutil.which("Xvfb"):
        raise SystemExit("Xvfb is missing: python packaging/system_libraries.py --xvfb")
    main()
