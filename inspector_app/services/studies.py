"""Studies of a project, kept beside its runs as one file each. No Qt: the command line too."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.files import write_text_atomically
from inspector_app.domain.jobs import JobState, RunRecord
from inspector_app.domain.study import (
    StudyOutcome,
    StudyPlan,
    TrialResult,
    Variant,
    outcome_of,
)
from inspector_app.formats.reading import read_bytes
from inspector_app.protocol.base import FILE_VERSION, Frozen
from inspector_app.services.run_comparison import load_compared_run

STUDIES_FOLDER = "studies"
_LARGEST_MB = 16
_REMEDY = "delete the file; the trainings themselves are kept"
_MEASURED_AT_ALL = frozenset({JobState.COMPLETED})


class _VariantFile(Frozen):
    name: str
    kind: str
    settings: dict[str, Any]


class _StudyFile(Frozen):
    version: int
    id: str
    created_at: str
    name: str
    question: str
    variants: list[_VariantFile]
    repeats: list[dict[str, Any]]
    is_pruned: bool
    runs: list[str | None]


@dataclass(frozen=True, slots=True)
class Study:
    """A plan with the trainings that were made of it."""

    id: str
    created_at: str
    """ISO 8601, UTC."""
    plan: StudyPlan
    runs: tuple[str | None, ...]
    """The run of each trial; None where it was not started yet."""

    def with_run(self, trial: int, run_id: str | None) -> "Study":
        runs = [*self.runs]
        runs[trial] = run_id
        return replace(self, runs=tuple(runs))

    def waiting(self, records: Iterable[RunRecord]) -> list[int]:
        """Return the trials that are to be trained (again): never started, or not to their end."""
        states = {record.id: record.state for record in records}
        over = {JobState.COMPLETED, JobState.CANCELLED}
        return [
            trial
            for trial, run_id in enumerate(self.runs)
            if run_id is None
            or not (states.get(run_id) in over or states.get(run_id, JobState.FAILED).is_active)
        ]

    def broken_off(self, records: Iterable[RunRecord], trial: int) -> str | None:
        """Return the run of a trial that can be gone on with: one that was interrupted."""
        states = {record.id: record.state for record in records}
        run_id = self.runs[trial]
        return run_id if states.get(run_id or "") is JobState.INTERRUPTED else None


def add_study(project_folder: Path, plan: StudyPlan) -> Study:
    """Write a new study down.

    Raises:
        BadDataError: if there is nothing to compare.
        DiskFullError: if the disk is full.
    """
    if not plan.trials:
        raise BadDataError("a study without a training", "name at least one setting to try")
    now = datetime.now(UTC)
    stem = f"{now:%Y%m%d-%H%M%S}-{_slug(plan.name)}"
    taken = {path.stem for path in (project_folder / STUDIES_FOLDER).glob("*.json")}
    names = (stem, *(f"{stem}-{number}" for number in range(2, 1000)))
    study_id = next(name for name in names if name not in taken)
    study = Study(study_id, now.isoformat(timespec="seconds"), plan, (None,) * len(plan.trials))
    save_study(project_folder, study)
    return study


def save_study(project_folder: Path, study: Study) -> None:
    """Write a study down as it is.

    Raises:
        DiskFullError, BadDataError: see `known_write_errors`; the older file is untouched.
    """
    plan = study.plan
    written = _StudyFile(
        version=FILE_VERSION,
        id=study.id,
        created_at=study.created_at,
        name=plan.name,
        question=plan.question,
        variants=[
            _VariantFile(name=each.name, kind=each.kind, settings=dict(each.settings))
            for each in plan.variants
        ],
        repeats=[dict(each) for each in plan.repeats],
        is_pruned=plan.is_pruned,
        runs=list(study.runs),
    )
    path = project_folder / STUDIES_FOLDER / f"{study.id}.json"
    write_text_atomically(path, written.model_dump_json(indent=1))


def studies(project_folder: Path) -> tuple[list[Study], list[str]]:
    """Return the studies, newest first, and a sentence on each file that is none."""
    found: list[Study] = []
    faults: list[str] = []
    for path in sorted((project_folder / STUDIES_FOLDER).glob("*.json"), reverse=True):
        try:
            found.append(_load(path))
        except BadDataError as error:
            faults.append(str(error))
    return found, faults


def study(project_folder: Path, name: str) -> Study:
    """Return the study with this id, or the only one whose id begins or ends like that.

    Raises:
        BadDataError: if there is none, or there are several.
    """
    known, _ = studies(project_folder)
    exact = [each for each in known if each.id == name]
    found = exact or [each for each in known if each.id.startswith(name) or each.id.endswith(name)]
    if len(found) == 1:
        return found[0]
    ids = ", ".join(each.id for each in found or known)
    problem = "several studies" if found else "no such study"
    raise BadDataError(f"{name}: {problem}", f"choose from: {ids or 'none'}")


def delete_study(project_folder: Path, study_id: str) -> None:
    """Forget a study; its trainings stay."""
    (project_folder / STUDIES_FOLDER / f"{study_id}.json").unlink(missing_ok=True)


def study_outcome(project_folder: Path, given: Study, records: Sequence[RunRecord]) -> StudyOutcome:
    """Return what the study's trainings that have come to their end say together."""
    by_id: Mapping[str, RunRecord] = {record.id: record for record in records}
    results: list[TrialResult] = []
    for trial, run_id in enumerate(given.runs):
        record = by_id.get(run_id or "")
        # What was ended early was not trained as it was asked for.
        if record is None or record.state not in _MEASURED_AT_ALL:
            continue
        run = load_compared_run(project_folder, record)
        results.append(TrialResult(trial, {**record.metrics, **run.figures}, run.recognition))
    return outcome_of(given.plan, results)


def _load(path: Path) -> Study:
    try:
        read = _StudyFile.model_validate_json(read_bytes(path, limit_mb=_LARGEST_MB))
    except ValidationError as error:
        what = error.errors(include_url=False)[0]["msg"]
        raise BadDataError(f"{path}: {what}", _REMEDY) from error
    plan = StudyPlan(
        read.name,
        read.question,
        tuple(Variant(each.name, each.kind, each.settings) for each in read.variants),
        tuple(read.repeats),
        is_pruned=read.is_pruned,
    )
    if len(read.runs) != len(plan.trials):
        raise BadDataError(
            f"{path}: {len(read.runs)} trainings of a study of {len(plan.trials)}", _REMEDY
        )
    return Study(path.stem, read.created_at, plan, tuple(read.runs))


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
