"""Imports a COCO file and says how far it is; then waits to be killed.

Run as: importing_program.py PROJECT FILE. Says “read” and waits for a line before it changes
anything; says the size of the write-ahead log once everything is stored.
"""

import sys
from pathlib import Path

from inspector_app.services.exchange import perform_import, plan_import
from inspector_app.store.project import DATABASE_FILE, Project


def main() -> None:
    folder, file = Path(sys.argv[1]), Path(sys.argv[2])
    with Project.open(folder) as project:
        plan = plan_import(project, "coco", file)
        # Little of the transaction stays in memory, so that the log tells how far it is.
        project.connection.execute("PRAGMA cache_size = 20")
        print("read", flush=True)
        sys.stdin.readline()
        perform_import(project, plan)
        print((folder / f"{DATABASE_FILE}-wal").stat().st_size, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
