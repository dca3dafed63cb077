"""Studies of trainings by heart; see workers/training.py."""

import sys
from pathlib import Path

from inspector_app.domain.jobs import JobState
from inspector_app.domain.study_templates import sweep
from inspector_app.services.studies import Study, add_study
from inspector_app.services.studies import study as find_study
from inspector_app.store import jobs
from inspector_app.store.project import Project

COMMAND = [sys.executable, str(Path(__file__).resolve().parent / "workers" / "training.py")]


def study_of(project: Project, *rates: float, is_pruned: bool = False) -> Study:
    plan = sweep("autoencoder", [{"learning_rate": r} for r in rates], is_pruned=is_pruned)
    return add_study(project.folder, plan)


def states(project: Project, study_id: str) -> list[JobState | None]:
    by_id = {record.id: record.state for record in jobs.runs(project)}
    return [by_id.get(name or "") for name in find_study(project.folder, study_id).runs]
