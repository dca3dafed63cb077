"""The program from process start to its painted start page."""

import os
import time

from inspector_app import app

started = float(os.environ["BENCH_STARTED"])
start = app.Program.start


def start_and_watch(program: app.Program, *arguments: object) -> None:
    # Only now: the watch itself must not make PySide6 load earlier than the program does.
    from watch import PaintWatch, answer  # noqa: PLC0415

    program.watch = PaintWatch(  # type: ignore[attr-defined]
        lambda: True, lambda: answer(painted_s=time.time() - started)
    )
    start(program, *arguments)  # type: ignore[arg-type]


app.Program.start = start_and_watch  # type: ignore[method-assign]
app.main([])
