"""What the command line says: bars on a terminal, plain lines elsewhere, JSON on request."""

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from rich.console import Console as RichConsole
from rich.console import RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

_PLAIN_STEPS = 10
"""Plain output gets a line at every tenth of the way, not at every image."""


class ProgressDisplay(Protocol):
    """Shows how far a piece of work is; fits as a `formats.base.ProgressCallback`."""

    def __call__(self, done: int, total: int, note: str = "") -> None: ...


class Console:
    """Speaks to a person or, with `as_json`, gives a machine one document on stdout."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.is_json = as_json
        # soft_wrap: a path that is cut into two lines cannot be copied.
        self._rich = RichConsole(quiet=as_json, soft_wrap=True, highlight=False, markup=False)

    def say(self, text: str) -> None:
        self._rich.print(text)

    def show(self, renderable: RenderableType) -> None:
        self._rich.print(renderable)

    def show_table(self, rows: Sequence[tuple[str, str]]) -> None:
        """Show names and values in two columns, a line each however long."""
        width = max((len(name) for name, _ in rows), default=0)
        for name, value in rows:
            self.say(f"  {name:<{width}}  {value}")

    def remark(self, remarks: Sequence[str], *, at_most: int = 10) -> None:
        """List remarks; a folder with a thousand bad files must not scroll the result away."""
        for remark in remarks[:at_most]:
            self.say(f"  note: {remark}")
        if len(remarks) > at_most:
            self.say(f"  note: and {len(remarks) - at_most} more (all of them with --json)")

    def result(self, document: Mapping[str, Any]) -> None:
        """Give the machine its document; people have been told already."""
        if self.is_json:
            text = json.dumps(document, indent=2, ensure_ascii=False, default=str)
            RichConsole(soft_wrap=True, highlight=False, markup=False).print(text)

    @contextlib.contextmanager
    def progress(self, title: str) -> Iterator[ProgressDisplay]:
        """Show the progress of the work inside the block."""
        if self.is_json:
            yield _ignore
        elif self._rich.is_terminal:
            with self._bar() as bar:
                yield _BarDisplay(bar, title)
        else:
            yield _PlainDisplay(self, title)

    def _bar(self) -> Progress:
        return Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=self._rich,
            transient=True,
        )


def _ignore(done: int, total: int, note: str = "") -> None:
    pass


class _BarDisplay:
    def __init__(self, bar: Progress, title: str) -> None:
        self._bar = bar
        self._task = bar.add_task(title, total=None, note="")

    def __call__(self, done: int, total: int, note: str = "") -> None:
        self._bar.update(self._task, completed=done, total=total or None, note=note)


class _PlainDisplay:
    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._last_step = 0

    def __call__(self, done: int, total: int, note: str = "") -> None:
        step = done * _PLAIN_STEPS // total if total else 0
        if step <= self._last_step:
            return
        self._last_step = step
        self._console.say(f"{self._title}: {done} of {total}{' · ' + note if note else ''}")
