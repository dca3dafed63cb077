"""Training runs and inspections in the database."""

import json
import shutil
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.jobs import InspectionRecord, JobState, RunRecord
from inspector_app.store.project import INSPECTIONS_FOLDER, RUNS_FOLDER, Project, utc_now

_DOOMED = ".deleted"
_ACTIVE = tuple(state.value for state in JobState if state.is_active)
_WITH_WORKER = tuple(state for state in _ACTIVE if state != JobState.QUEUED.value)


def add_run(project: Project, *, model_kind: str, config: Mapping[str, Any]) -> RunRecord:
    """Enter a training run as queued and return it; its folder is not made yet."""
    run_id = _job_id(model_kind)
    record = RunRecord(
        run_id, model_kind, dict(config), JobState.QUEUED, f"{RUNS_FOLDER}/{run_id}", utc_now()
    )
    with project.transaction() as connection:
        connection.execute(
            "INSERT INTO runs (id, model_kind, config, state, folder, created_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (
                record.id,
                model_kind,
                json.dumps(dict(config)),
                record.state.value,
                record.folder,
                record.created_at,
            ),
        )
    return record


def runs(project: Project) -> list[RunRecord]:
    """Return all runs, newest first."""
    rows = project.connection.execute(
        "SELECT id, model_kind, config, state, folder, created_at, message, metrics, note, tags "
        "FROM runs ORDER BY created_at DESC, rowid DESC"
    )
    return [
        RunRecord(
            row[0],
            row[1],
            json.loads(row[2]),
            JobState(row[3]),
            row[4],
            row[5],
            row[6],
            json.loads(row[7]),
            row[8],
            tuple(json.loads(row[9])),
        )
        for row in rows
    ]


def run(project: Project, run_id: str) -> RunRecord:
    """Return one run.

    Raises:
        KeyError: if there is none with this id.
    """
    for record in runs(project):
        if record.id == run_id:
            return record
    raise KeyError(run_id)


def update_run(
    project: Project,
    run_id: str,
    *,
    state: JobState,
    message: str = "",
    metrics: Mapping[str, float] | None = None,
) -> None:
    with project.transaction() as connection:
        _update(connection, "runs", run_id, state=state, message=message, metrics=metrics)


def describe_run(project: Project, run_id: str, *, note: str, tags: Sequence[str]) -> None:
    """Store what the operator says of a run."""
    with project.transaction() as connection:
        connection.execute(
            "UPDATE runs SET note = ?, tags = ? WHERE id = ?",
            (note, json.dumps(list(tags), ensure_ascii=False), run_id),
        )


def delete_run(project: Project, run_id: str) -> None:
    """Delete a run with its folder; either both go, or none.

    Raises:
        KeyError: if there is none with this id.
        BadDataError: if it has not ended, an inspection was made with it, or its folder cannot
            be moved away.
    """
    record = run(project, run_id)
    if record.state.is_active:
        raise BadDataError(f"{run_id}: it has not ended", "cancel it first")
    made = [inspection.id for inspection in inspections(project) if inspection.run_id == run_id]
    if made:
        raise BadDataError(
            f"{run_id}: {made[0]} was made with its model",
            "keep it: without its model that inspection cannot be defended",
        )
    folder = run_folder(project, record)
    doomed = folder.with_name(f"{folder.name}{_DOOMED}")
    with project.transaction() as connection:
        connection.execute("DELETE FROM runs WHERE id = ?", (run_id,))
        _move_away(folder, doomed)
    # What another program still holds open is left behind; nothing refers to it any more.
    shutil.rmtree(doomed, ignore_errors=True)


def _move_away(folder: Path, doomed: Path) -> None:
    try:
        folder.rename(doomed)
    except FileNotFoundError:
        # A run that never started has no folder.
        return
    except OSError as error:
        raise BadDataError(
            f"{folder}: it cannot be deleted ({error.strerror})",
            "close the programs that use its files, then delete it again",
        ) from error


def add_inspection(
    project: Project, *, run_id: str, source: str, threshold: float
) -> InspectionRecord:
    """Enter a batch inspection as queued and return it; its folder is not made yet."""
    inspection_id = _job_id("inspection")
    record = InspectionRecord(
        inspection_id,
        run_id,
        f"{INSPECTIONS_FOLDER}/{inspection_id}",
        source,
        JobState.QUEUED,
        utc_now(),
        threshold,
        threshold,
    )
    with project.transaction() as connection:
        connection.execute(
            "INSERT INTO inspections "
            "(id, run_id, folder, source, state, created_at, threshold, calibrated_threshold) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                record.id,
                run_id,
                record.folder,
                source,
                record.state.value,
                record.created_at,
                threshold,
                threshold,
            ),
        )
    return record


def inspections(project: Project) -> list[InspectionRecord]:
    """Return all inspections, newest first."""
    rows = project.connection.execute(
        "SELECT id, run_id, folder, source, state, created_at, threshold, calibrated_threshold, "
        "message, metrics FROM inspections ORDER BY created_at DESC, rowid DESC"
    )
    return [
        InspectionRecord(
            row[0],
            row[1],
            row[2],
            row[3],
            JobState(row[4]),
            row[5],
            row[6],
            row[7],
            row[8],
            json.loads(row[9]),
        )
        for row in rows
    ]


def update_inspection(
    project: Project,
    inspection_id: str,
    *,
    state: JobState,
    message: str = "",
    metrics: Mapping[str, float] | None = None,
) -> None:
    with project.transaction() as connection:
        _update(
            connection, "inspections", inspection_id, state=state, message=message, metrics=metrics
        )


def set_threshold(project: Project, inspection_id: str, threshold: float) -> None:
    with project.transaction() as connection:
        connection.execute(
            "UPDATE inspections SET threshold = ? WHERE id = ?", (threshold, inspection_id)
        )


def interrupt_stale_jobs(project: Project) -> int:
    """Mark jobs that no living process can be running as interrupted; return how many.

    Trainings that wait for their turn wait on. Called when the program that holds the
    project's lock opens it.
    """
    count = 0
    with project.transaction() as connection:
        for table, states in (("runs", _WITH_WORKER), ("inspections", _ACTIVE)):
            marks = ", ".join("?" * len(states))
            cursor = connection.execute(
                f"UPDATE {table} SET state = ?, message = ? WHERE state IN ({marks})",
                (
                    JobState.INTERRUPTED.value,
                    "The program ended while this job was running.",
                    *states,
                ),
            )
            count += cursor.rowcount
    return count


def run_folder(project: Project, record: RunRecord | InspectionRecord) -> Path:
    return project.folder / record.folder


def _job_id(prefix: str) -> str:
    stamp = utc_now()[:19].replace(":", "").replace("-", "").replace("T", "-")
    return f"{prefix}-{stamp}-{uuid.uuid4().hex[:4]}"


def _update(
    connection: sqlite3.Connection,
    table: str,
    job_id: str,
    *,
    state: JobState,
    message: str,
    metrics: Mapping[str, float] | None,
) -> None:
    connection.execute(
        f"UPDATE {table} SET state = ?, message = ?, metrics = coalesce(?, metrics) WHERE id = ?",
        (state.value, message, None if metrics is None else json.dumps(dict(metrics)), job_id),
    )
