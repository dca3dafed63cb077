"""OpenCV, imported so that its Qt plug-ins cannot displace PySide6's.

opencv-python on Linux carries Qt 5 plug-ins and, on import, points
``QT_QPA_PLATFORM_PLUGIN_PATH`` and ``QT_QPA_FONTDIR`` at them; a QApplication
created afterwards then loads the wrong platform plug-in and aborts. Everything
in this program imports OpenCV from here.
"""

import os

_QT_VARIABLES = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")
_before = {name: os.environ[name] for name in _QT_VARIABLES if name in os.environ}

import cv2  # noqa: E402  (the environment must be remembered first)

for _name in _QT_VARIABLES:
    os.environ.pop(_name, None)
os.environ.update(_before)

# What it would say on the standard error stream, the errors raised by its callers say too.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

__all__ = ["cv2"]
