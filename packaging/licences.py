"""The licence texts of every package that the built program carries."""

import importlib.metadata
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

PROGRAM = "inspector"
LEFT_OUT = frozenset({"hf-xet", "polars", "polars-runtime-32", "setuptools", "triton"})
"""Excluded from the bundle by inspector.spec."""
_LICENCE_FILE = re.compile(r"^(licen[cs]es?|copying|notice|authors|copyright)\b", re.IGNORECASE)
_RULE = "=" * 100


def bundled_distributions() -> list[importlib.metadata.Distribution]:
    """Return what the program needs at run time, by name; development tools are left out."""
    found: dict[str, importlib.metadata.Distribution] = {}
    waiting = [(PROGRAM, frozenset[str]())]
    while waiting:
        name, extras = waiting.pop()
        key = re.sub(r"[-_.]+", "-", name).lower()
        if key in found or key in LEFT_OUT:
            continue
        try:
            found[key] = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        waiting += _requirements(found[key], extras)
    return [found[key] for key in sorted(found) if key != PROGRAM]


def _requirements(
    distribution: importlib.metadata.Distribution, extras: frozenset[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    for line in distribution.requires or []:
        requirement = Requirement(line)
        contexts = [{"extra": extra} for extra in extras] or [{"extra": ""}]
        if requirement.marker is None or any(requirement.marker.evaluate(c) for c in contexts):
            yield requirement.name, frozenset(requirement.extras)


def licence_texts(distribution: importlib.metadata.Distribution) -> list[tuple[str, str]]:
    """Return (file name, text) of the licence files a package has installed."""
    texts = []
    for file in distribution.files or []:
        is_licence = _LICENCE_FILE.match(file.name) or "licenses" in file.parts
        if is_licence and ".dist-info" in str(file) and file.suffix not in {".py", ".pyc"}:
            texts.append((str(file), Path(str(file.locate())).read_text("utf-8", "replace")))
    return texts


def write_licences(bundle: Path, *, with_ultralytics: bool) -> int:
    """Write one file with all texts into the bundle; return the number of Python packages."""
    distributions = [
        distribution
        for distribution in bundled_distributions()
        if with_ultralytics or not distribution.name.startswith("ultralytics")
    ]
    parts = ["Inspector is distributed together with the following packages.\n"]
    for distribution in distributions:
        metadata = distribution.metadata
        licence = metadata.get("License-Expression") or _short(distribution)
        parts.append(f"{_RULE}\n{metadata['Name']} {distribution.version}\nLicence: {licence}\n")
        parts += [f"--- {name}\n\n{text.strip()}\n" for name, text in licence_texts(distribution)]
    parts += system_texts(bundle)
    (bundle / "THIRD_PARTY_LICENSES.txt").write_text("\n".join(parts), encoding="utf-8")
    return len(distributions)


def _short(distribution: importlib.metadata.Distribution) -> str:
    """Return a licence's name from what packages wrote before there was one form for it."""
    classifiers = distribution.metadata.get_all("Classifier") or []
    names = [name.split(" :: ")[-1] for name in classifiers if name.startswith("License ::")]
    if names:
        return ", ".join(names)
    first_lines = (distribution.metadata.get("License") or "").strip().splitlines()[:1]
    return first_lines[0] if first_lines else "see the text below"


def system_texts(bundle: Path) -> Iterator[str]:
    """Return Debian's copyright file of every system library that was collected."""
    packages = {
        package
        for library in sorted((bundle / "_internal").glob("lib*.so*"))
        if (package := _debian_package(library.name))
    }
    for package in sorted(packages):
        copyright_file = Path("/usr/share/doc") / package / "copyright"
        if copyright_file.is_file():
            text = copyright_file.read_text("utf-8", "replace").strip()
            yield f"{_RULE}\n{package} (from the operating system)\n\n{text}\n"


def _debian_package(library: str) -> str:
    if not shutil.which("dpkg-query"):
        return ""
    command = ["dpkg-query", "--search", f"*/{library}"]
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    return answer.stdout.partition(":")[0]
