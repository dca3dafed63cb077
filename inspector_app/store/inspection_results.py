"""What inspections found in each image, in the database."""

import math
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import Any

from inspector_app.domain.jobs import ResultRecord
from inspector_app.domain.proposals import Proposal
from inspector_app.store.place_rows import PROPOSAL_COLUMNS, proposal_of, proposal_values
from inspector_app.store.project import Project

_COLUMNS = (
    "image_path, is_defective, defect_type, score, heatmap_file, heatmap_scale, seconds, error, "
    "called, share"
)
_PROPOSAL = ", ".join(PROPOSAL_COLUMNS)
_PROPOSAL_PLACES = ", ".join("?" * len(PROPOSAL_COLUMNS))


def add_results(project: Project, inspection_id: str, results: Iterable[ResultRecord]) -> None:
    """Store a batch of results in one transaction; one for the same image is replaced."""
    found = list(results)
    with project.transaction() as connection:
        # What is replaced takes its proposals along.
        connection.executemany(
            f"INSERT OR REPLACE INTO results (inspection_id, {_COLUMNS}) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((inspection_id, *_values(result)) for result in found),
        )
        connection.executemany(
            f"INSERT INTO proposals (inspection_id, image_path, position, {_PROPOSAL}) "
            f"VALUES (?, ?, ?, {_PROPOSAL_PLACES})",
            (
                (inspection_id, result.image_path, position, *proposal_values(proposal))
                for result in found
                for position, proposal in enumerate(result.proposals)
            ),
        )


def results(project: Project, inspection_id: str) -> list[ResultRecord]:
    """Return the results, highest score first; images that could not be judged lead."""
    rows = project.connection.execute(
        f"SELECT {_COLUMNS} FROM results WHERE inspection_id = ? "
        "ORDER BY score IS NOT NULL, score DESC, image_path",
        (inspection_id,),
    )
    seen = dict(_proposals(project.connection, inspection_id))
    return [_result(row, seen.get(row[0], ())) for row in rows]


def result(project: Project, inspection_id: str, image_path: str) -> ResultRecord | None:
    """Return what an inspection said of one image; None if it has not come to it."""
    row = project.connection.execute(
        f"SELECT {_COLUMNS} FROM results WHERE inspection_id = ? AND image_path = ?",
        (inspection_id, image_path),
    ).fetchone()
    if row is None:
        return None
    seen = dict(_proposals(project.connection, inspection_id, image_path))
    return _result(row, seen.get(image_path, ()))


def _proposals(
    connection: sqlite3.Connection, inspection_id: str, image_path: str | None = None
) -> Iterator[tuple[str, tuple[Proposal, ...]]]:
    """Yield what is seen in each image, or in one of them, by its path."""
    rows = connection.execute(
        f"SELECT image_path, {_PROPOSAL} FROM proposals "
        "WHERE inspection_id = ?1 AND (?2 IS NULL OR image_path = ?2) "
        "ORDER BY image_path, position",
        (inspection_id, image_path),
    )
    for path, of_image in groupby(rows, key=lambda row: row[0]):
        yield path, tuple(proposal_of(row[1:]) for row in of_image)


def _values(result: ResultRecord) -> tuple[str | int | float | None, ...]:
    return (
        result.image_path,
        None if result.is_defective is None else int(result.is_defective),
        result.defect_type,
        result.score if result.is_judged else None,
        result.heatmap_file,
        result.heatmap_scale,
        result.seconds,
        result.error,
        result.called,
        result.share_01,
    )


def _result(row: tuple[Any, ...], proposals: tuple[Proposal, ...]) -> ResultRecord:
    path, is_defective, defect_type, score, *others = row
    result = ResultRecord(
        path,
        None if is_defective is None else bool(is_defective),
        defect_type,
        math.nan if score is None else score,
        *others,
    )
    return replace(result, proposals=proposals)
