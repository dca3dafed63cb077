"""Builds MobileSAM as the worker does and tells what that did to the process, as JSON.

An audit hook notes every attempt to reach the network.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

network: list[str] = []


def note(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.Request"}:
        network.append(f"{event} {arguments[-1]}")


sys.addaudithook(note)

from training.worker.environment import prepare_environment  # noqa: E402

prepare_environment()

import torch  # noqa: E402
from PIL import Image  # noqa: E402

from inspector_app.domain.errors import MissingWeightsError  # noqa: E402
from inspector_app.domain.opencv import cv2  # noqa: E402
from training.segmenters.mobile_sam import build_mobile_sam  # noqa: E402


def settings() -> tuple[object, ...]:
    return (
        cv2.getNumThreads(),
        os.environ.get("OMP_NUM_THREADS"),
        torch.get_num_threads(),
        Image.open,
        cv2.imread,
    )


before = settings()
try:
    build_mobile_sam({})
    refused = False
except MissingWeightsError:
    refused = True
after = settings()

from ultralytics.utils import AUTOINSTALL, ONLINE, SETTINGS  # noqa: E402
from ultralytics.utils.events import events  # noqa: E402

home = Path(sys.argv[1])
report = {
    "network": network,
    "is_refused": refused,
    "settings_kept": before == after,
    "telemetry": bool(events.enabled),
    "is_online": ONLINE,
    "installs": AUTOINSTALL,
    "settings_file": str(SETTINGS.file),
    "left_in_home": sorted(str(path.relative_to(home)) for path in home.rglob("*")),
}
sys.stdout.write(json.dumps(report) + "\n")
