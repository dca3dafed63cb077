"""Work done ahead in threads, handed out in order."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def prefetch(
    function: Callable[[Item], Result], items: Iterable[Item], *, threads: int = 2, ahead: int = 16
) -> Generator[Result, None, None]:
    """Yield ``function(item)`` in order, computed by threads at most `ahead` items early.

    OpenCV and Pillow let go of the GIL while they decode, so threads are enough. An exception
    of `function` is raised at its item's turn; closing the iterator drops what is pending.
    """
    pending: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="prefetch") as pool:
        try:
            for item in items:
                pending.append(pool.submit(function, item))
                if len(pending) >= ahead:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()
