"""What has to be true around every import of ultralytics."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from PIL import Image

from inspector_app.domain.errors import MissingWeightsError
from inspector_app.domain.opencv import cv2

_OPENCV_FUNCTIONS = ("imread", "imwrite", "imshow")


@contextmanager
def process_settings_kept() -> Iterator[None]:
    """Undo what importing ultralytics sets for the whole process.

    It allows OpenCV a single thread, and OpenMP too by a variable that child processes
    inherit; it changes how tensors are printed; and it replaces Pillow's ``Image.open`` (and
    on Windows OpenCV's readers) by functions that install packages from the network when an
    image cannot be read. An unreadable image must stay Pillow's plain error here.
    """
    openmp_threads = os.environ.get("OMP_NUM_THREADS")
    opencv_threads = cv2.getNumThreads()
    open_image = Image.open
    opencv = {name: getattr(cv2, name) for name in _OPENCV_FUNCTIONS}
    try:
        yield
    finally:
        Image.open = open_image
        for name, function in opencv.items():
            setattr(cv2, name, function)
        cv2.setNumThreads(opencv_threads)
        torch.set_printoptions(profile="default")  # type: ignore[no-untyped-call]
        if openmp_threads is None:
            os.environ.pop("OMP_NUM_THREADS", None)
        else:
            os.environ["OMP_NUM_THREADS"] = openmp_threads


@contextmanager
def importing_ultralytics(needed_by: str, remedy: str) -> Iterator[None]:
    """Keep the process's settings while the body imports ultralytics.

    Raises:
        MissingWeightsError: if this is an installation without it (NOTICE says why there may be).
    """
    try:
        with process_settings_kept():
            yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "ultralytics":
            raise
        raise MissingWeightsError(
            f"{needed_by} needs ultralytics, which this installation leaves out", remedy
        ) from error
