"""Where things lie: settings, caches, logs, projects, weights and the program's resources.

``INSPECTOR_HOME`` moves everything the program writes below one folder (tests,
portable installations); ``INSPECTOR_WEIGHTS`` adds a folder of weights.
"""

import os
import sys
from pathlib import Path

import platformdirs

APP_NAME = "Inspector"


def is_frozen() -> bool:
    """Tell whether this is the packaged program rather than the source tree."""
    return bool(getattr(sys, "frozen", False))


def resources_folder() -> Path:
    """Icons, themes, weights manifest: beside the code, or inside the packaged program."""
    if is_frozen():
        return Path(getattr(sys, "_MEIPASS")) / "resources"  # noqa: B009  (set by PyInstaller only)
    return Path(__file__).resolve().parent.parent / "resources"


def _home() -> Path | None:
    value = os.environ.get("INSPECTOR_HOME")
    return Path(value) if value else None


def config_folder() -> Path:
    home = _home()
    return (
        home / "config" if home else Path(platformdirs.user_config_dir(APP_NAME, appauthor=False))
    )


def cache_folder() -> Path:
    home = _home()
    return home / "cache" if home else Path(platformdirs.user_cache_dir(APP_NAME, appauthor=False))


def embeddings_folder() -> Path:
    """Where click models keep what they have encoded."""
    return cache_folder() / "embeddings"


def unpacked_folder() -> Path:
    """Where large images lie as plain pixels whose formats give no parts."""
    return cache_folder() / "unpacked"


def log_folder() -> Path:
    home = _home()
    return home / "log" if home else Path(platformdirs.user_log_dir(APP_NAME, appauthor=False))


def projects_folder() -> Path:
    """Where projects are created when the operator just opens a folder of images."""
    home = _home()
    if home:
        return home / "projects"
    return Path(platformdirs.user_documents_dir()) / "Inspector Projects"


def weights_folder() -> Path:
    """The user's weights folder, where imported weights are put."""
    home = _home()
    if home:
        return home / "weights"
    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False)) / "weights"


def own_weights_folders() -> tuple[Path, ...]:
    """Every folder that is searched for the user's own weights, in order."""
    extra = os.environ.get("INSPECTOR_WEIGHTS", "")
    return (weights_folder(), *(Path(part) for part in extra.split(os.pathsep) if part))


def weights_folders() -> tuple[Path, ...]:
    """Every folder that is searched for published weights, in order."""
    return (*own_weights_folders(), torch_hub_folder())


def torch_hub_folder() -> Path:
    """Where other programs on this computer keep weights that torch has fetched for them.

    By torch.hub's rule; it is never written to.
    """
    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    torch_home = os.environ.get("TORCH_HOME") or f"{caches}/torch"
    return Path(torch_home).expanduser() / "hub" / "checkpoints"


def digests_file() -> Path:
    """Where the hashes of weights that were read are remembered."""
    return cache_folder() / "weights.json"


def worker_command() -> list[str]:
    """Return the command that starts a worker process."""
    if is_frozen():
        # A windowed Windows executable has no standard streams, so the worker
        # is its own console executable in the same folder.
        suffix = ".exe" if sys.platform == "win32" else ""
        return [str(Path(sys.executable).with_name(f"inspector-worker{suffix}"))]
    return [sys.executable, "-m", "training.worker"]
