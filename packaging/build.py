"""Build dist/Inspector with PyInstaller."""

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from licences import write_licences

ROOT = Path(__file__).resolve().parent.parent
BUNDLE = ROOT / "dist" / "Inspector"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--without-ultralytics", action="store_true", help="no AGPL code, no MobileSAM; see NOTICE"
    )
    arguments = parser.parse_args()
    started = time.monotonic()
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level=WARN"]
    command += [f"--distpath={ROOT / 'dist'}", f"--workpath={ROOT / 'build'}"]
    # The hooks import packages to look at them; none of that may reach the network or a screen.
    environment = {**os.environ, "YOLO_OFFLINE": "true", "QT_QPA_PLATFORM": "offscreen"}
    if arguments.without_ultralytics:
        environment["INSPECTOR_WITHOUT_ULTRALYTICS"] = "1"
    subprocess.run(
        [*command, str(ROOT / "packaging" / "inspector.spec")], check=True, env=environment
    )
    count = write_licences(BUNDLE, with_ultralytics=not arguments.without_ultralytics)
    for name in ("LICENSE", "NOTICE"):
        shutil.copy2(ROOT / name, BUNDLE / name)
    # PySide6's wheel holds no licence text; the LGPL refers to the GPL's.
    shutil.copytree(ROOT / "packaging" / "licence_texts", BUNDLE / "licences")
    print(
        f"{BUNDLE}: {size_mb(BUNDLE):,} MB, licences of {count} packages, "
        f"built in {time.monotonic() - started:.0f} s"
    )


def size_mb(folder: Path) -> int:
    # Symlinks to the same library count once.
    files = (file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    return round(sum(file.stat().st_size for file in files) / 1e6)


if __name__ == "__main__":
    main()
