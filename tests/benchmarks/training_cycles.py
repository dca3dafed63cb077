"""Fifty real trainings started and cancelled: what stays behind of processes, handles, memory.

python tests/benchmarks/training_cycles.py [cycles]
"""

import gc
import json
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import psutil
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from inspector_app import paths
from inspector_app.sample import create_sample
from inspector_app.services.opening import create_project
from inspector_app.services.session import ProjectSession
from inspector_app.services.training_jobs import TrainingJobs
from inspector_app.services.worker_process import WorkerProcess
from inspector_app.services.workers import Workers

SETTINGS = {"epochs": 200, "image_size_px": 64, "base_channels": 4, "bottleneck": 8}
EVERY = 10


def wait_for(condition: "object", timeout_ms: int = 120_000) -> None:
    loop, timer = QEventLoop(), QTimer()
    timer.timeout.connect(lambda: condition() and loop.quit())
    timer.start(20)
    QTimer.singleShot(timeout_ms, loop.quit)
    loop.exec()
    assert condition(), "it took too long"


def main() -> None:
    cycles = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    application = QApplication([])
    with tempfile.TemporaryDirectory() as name:
        photos = Path(name) / "photos"
        photos = create_sample(photos)
        with create_project(Path(name) / "project", photos) as project:
            session = ProjectSession(project)
            workers = Workers(paths.worker_command())
            training = TrainingJobs(session, workers)
            for number in range(cycles + 1):
                if number % EVERY == 1 or number == cycles:
                    tell(number)
                cycle(training, workers)
            tell(cycles + 1)
            training.shut_down()
            workers.shut_down()
    application.quit()


def cycle(training: TrainingJobs, workers: Workers) -> None:
    record = training.start("autoencoder", SETTINGS)
    assert record is not None
    wait_for(lambda: len(training.history(record.id)) > 0)
    training.cancel(record.id)
    wait_for(lambda: not workers.findChildren(WorkerProcess))


def tell(number: int) -> None:
    gc.collect()
    me = psutil.Process()
    figures = {
        "cycle": number,
        "children": len(me.children(recursive=True)),
        "handles": me.num_fds() if hasattr(me, "num_fds") else me.num_handles(),
        "threads": me.num_threads(),
        "memory_mb": round(me.memory_info().rss / 2**20, 1),
    }
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
