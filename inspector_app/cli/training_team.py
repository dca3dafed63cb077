"""A host's share of a training that several hosts learn together."""

import os
import subprocess
import sys
from pathlib import Path

from pydantic import ValidationError

from inspector_app import paths
from inspector_app.cli.exit_codes import BUG, DONE
from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.files import JOB_FILE, TrainingJob, TrainingTeam
from inspector_app.protocol.team import rank_environment


def join(run_folder: Path, node: int) -> int:
    """Start this host's processes, wait until the training has ended, and return an exit code.

    Raises:
        BadDataError: if the folder is no run of several hosts, or this one is none of them.
    """
    team = _read_team(run_folder)
    if not 0 < node < team.nodes:
        raise BadDataError(
            f"--node {node}: the training is of {team.nodes} hosts",
            f"choose from 1 to {team.nodes - 1}" if team.nodes > 1 else "train with --nodes",
        )
    if paths.is_frozen():
        raise BadDataError(
            "join: this program learns with one GPU", "install the command line from its source"
        )
    command = [sys.executable, "-m", "training.fit.rank", str(run_folder)]
    processes = [
        subprocess.Popen(
            command,
            env={
                **os.environ,
                **rank_environment(team, team.address, node=node, local_rank=number),
            },
        )
        for number in range(team.devices)
    ]
    codes = [process.wait() for process in processes]
    return BUG if any(codes) else DONE


def _read_team(run_folder: Path) -> TrainingTeam:
    path = run_folder / JOB_FILE
    try:
        return TrainingJob.model_validate_json(path.read_bytes()).team
    except (OSError, ValidationError) as error:
        raise BadDataError(
            f"{path}: no training", "name the folder that the first host said"
        ) from error
