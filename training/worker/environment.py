"""What libraries read from the environment when they are imported."""

import faulthandler
import logging
import os
import sys

from inspector_app import paths

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def prepare_environment() -> None:
    """Keep libraries offline, out of the user's home and from installing anything."""
    cache = paths.cache_folder()
    os.environ.update(
        YOLO_OFFLINE="true",
        YOLO_AUTOINSTALL="false",
        YOLO_CONFIG_DIR=str(cache),
        MPLCONFIGDIR=str(cache / "matplotlib"),
        HF_HUB_OFFLINE="1",
        HF_HUB_DISABLE_TELEMETRY="1",
        DO_NOT_TRACK="1",
    )


def start_log() -> None:
    """Log to stderr, from the level that INSPECTOR_LOG names; a native crash leaves a trace."""
    wanted = os.environ.get("INSPECTOR_LOG", "").upper()
    logging.basicConfig(
        stream=sys.stderr,
        level=wanted if wanted in _LEVELS else "INFO",
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    logging.captureWarnings(capture=True)
    faulthandler.enable(sys.stderr)
