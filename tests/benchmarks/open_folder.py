"""A folder from the moment it is chosen to its painted dataset page."""

import sys
import time
from pathlib import Path

from watch import PaintWatch, answer

from inspector_app import app

start = app.Program.start


def start_and_watch(program: app.Program, _path: object) -> None:
    def choose() -> None:
        chosen = time.perf_counter()
        program.watch = PaintWatch(  # type: ignore[attr-defined]
            lambda: program.window.project is not None,
            lambda: answer(usable_s=time.perf_counter() - chosen),
        )
        program.window.path_requested.emit(Path(sys.argv[1]))

    start(program, None)
    # The start page is up, as it is when an operator chooses.
    PaintWatch(lambda: True, choose).setParent(program)


app.Program.start = start_and_watch  # type: ignore[method-assign]
app.main([])
