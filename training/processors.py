"""How many processors there are; known without torch, which takes seconds to import."""

import os
import sys


def processor_count() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
