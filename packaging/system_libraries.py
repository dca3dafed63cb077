"""Check for the system libraries that Qt and OpenCV load; on Debian install the missing ones.

Run with the Python whose packages are to be checked. Standard library only:
it runs before anything else of the program can.
"""

import argparse
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libICE.so.6": "libice6",
    "libSM.so.6": "libsm6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
"""Library to Debian and Ubuntu package."""

_LOADED_BY_QT = (
    "Qt/plugins/platforms/libqxcb.so",
    "Qt/plugins/platforms/libqoffscreen.so",
    "Qt/plugins/platforms/libqwayland*.so",
    "Qt/plugins/xcbglintegrations/*.so",
    "Qt/plugins/iconengines/libqsvgicon.so",
    "Qt/lib/libQt6Widgets.so.6",
)
_NOT_FOUND = re.compile(r"^\s*(\S+) => not found", re.MULTILINE)


def loaded_files() -> list[Path]:
    """Return the binaries of PySide6 and OpenCV whose dependencies must be there."""
    files: list[Path] = []
    for package, patterns in (("PySide6", _LOADED_BY_QT), ("cv2", ("*.so",))):
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise SystemExit(f"{package} is not installed for {sys.executable}")
        folder = Path(spec.origin).parent
        files += [file for pattern in patterns for file in sorted(folder.glob(pattern))]
    return files


def missing_libraries(ldd_output: str) -> set[str]:
    return set(_NOT_FOUND.findall(ldd_output))


def missing_on_this_system() -> set[str]:
    command = ["ldd", *(str(file) for file in loaded_files())]
    # ldd fails when one file is no dynamic executable; what it says of the others counts.
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    return missing_libraries(answer.stdout)


def packages_for(libraries: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the packages that hold the libraries, and the libraries nobody knows a package for."""
    libraries = set(libraries)
    known = {PACKAGES[name] for name in libraries if name in PACKAGES}
    return sorted(known), sorted(libraries - PACKAGES.keys())


def privilege() -> list[str] | None:
    """Return what to put before a command so that it runs as root, None if nothing works."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        sudo = subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True)
        return ["sudo", "-n"] if sudo.returncode == 0 else None
    return None


def install(packages: list[str]) -> None:
    """Install with apt-get, or stop with the one command that does."""
    prefix = privilege()
    if prefix is None or not shutil.which("apt-get"):
        raise SystemExit(
            f"Missing system packages. Install them with:\n\n"
            f"    sudo apt-get install -y {' '.join(packages)}\n"
        )
    print(f"Installing system packages: {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if prefix:
        prefix = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive"]
    subprocess.run([*prefix, "apt-get", "update", "-qq"], env=environment, check=True)
    subprocess.run(
        [*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--xvfb", action="store_true", help="also a virtual screen (make package)")
    arguments = parser.parse_args()
    if not sys.platform.startswith("linux"):
        return
    packages, unknown = packages_for(missing_on_this_system())
    if unknown:
        raise SystemExit(f"Missing system libraries: {' '.join(unknown)}. Install what holds them.")
    if arguments.xvfb and not shutil.which("Xvfb"):
        packages.append("xvfb")
    if packages:
        install(packages)
        if still := missing_on_this_system():
            raise SystemExit(f"Still missing after the installation: {' '.join(sorted(still))}")


if __name__ == "__main__":
    main()
