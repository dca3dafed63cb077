"""Importing OpenCV beside Qt."""

import json
import os
import subprocess
import sys

import pytest

VARIABLES = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")
SCRIPT = f"""
import json, os
import inspector_app.domain.opencv
print(json.dumps([os.environ.get(name) for name in {VARIABLES}]))
"""


@pytest.mark.parametrize("value", [None, "/set/by/the/operator"])
def test_that_opencv_leaves_qts_variables_as_they_were(value: str | None) -> None:
    environment = {key: text for key, text in os.environ.items() if key not in VARIABLES}
    if value is not None:
        environment |= dict.fromkeys(VARIABLES, value)
    child = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(child.stdout) == [value, value]


def test_that_opencv_does_not_speak_on_the_error_stream_of_itself() -> None:
    script = (
        "import numpy as np; from inspector_app.domain.opencv import cv2;"
        "cv2.imdecode(np.frombuffer(b'\\x89PNG\\r\\n\\x1a\\n' + b'x' * 200, np.uint8), 1);"
        "cv2.imread('/no/such/file.png')"
    )
    child = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert child.stderr == ""
