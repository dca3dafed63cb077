"""Running out of memory: told apart from other errors, and given back."""

import gc
import sys

_TEXTS = ("out of memory", "can't allocate memory", "not enough memory", "cannot allocate memory")


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether the host or the GPU ran out of memory.

    torch raises its own type on the GPU, a plain RuntimeError on the CPU, and OpenCV a
    cv2.error; neither library is imported for the question.
    """
    if isinstance(error, MemoryError):
        return True
    if any(kind.__name__ == "OutOfMemoryError" for kind in type(error).__mro__):
        return True
    text = str(error).lower()
    is_library_error = isinstance(error, RuntimeError) or type(error).__module__ == "cv2"
    return is_library_error and any(part in text for part in _TEXTS)


def give_back_memory() -> None:
    """Collect what nothing refers to any more and hand cached GPU memory back to the driver."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
