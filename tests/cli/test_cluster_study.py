"""`inspector study --ray`: trainings on a real cluster of Ray nodes on this computer."""

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inspector_app.cli.cluster import Cluster
from inspector_app.cli.cluster_study import run_study_on
from inspector_app.cli.console import Console
from inspector_app.cli.main import run
from inspector_app.cli.training import Watch, train_with
from inspector_app.domain.errors import BadDataError, KnownError
from inspector_app.domain.jobs import JobState
from inspector_app.protocol.messages import EpochEnded
from inspector_app.store import jobs
from inspector_app.store.project import Project
from tests.cli.scripted_studies import COMMAND, states, study_of

pytest.importorskip("ray", reason="the extra `cluster` is not installed")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def nodes() -> Iterator[Any]:
    """A head that trains nothing and one node with two processors."""
    from ray.cluster_utils import Cluster as LocalNodes  # noqa: PLC0415

    nodes = LocalNodes(initialize_head=True, head_node_args={"num_cpus": 0})
    nodes.add_node(num_cpus=2)
    yield nodes
    nodes.shutdown()


@pytest.fixture
def cluster(nodes: Any) -> Iterator[Cluster]:
    with Cluster(nodes.address, command=COMMAND) as cluster:
        yield cluster


def test_that_a_study_is_trained_and_a_failure_does_not_end_it(
    cluster: Cluster, project_folder: Path
) -> None:
    assert cluster.seats == 2
    with Project.open(project_folder) as project:
        study = study_of(project, 0.001, 0.1, 0.002)
        assert run_study_on(cluster, project, study, Console())
        ended = [JobState.COMPLETED, JobState.FAILED, JobState.COMPLETED]
        assert states(project, study.id) == ended


def test_that_what_lags_behind_is_ended_early(nodes: Any, project_folder: Path) -> None:
    # One after the other, for these trainings are over at once.
    with (
        Cluster(nodes.address, cpus=2, command=COMMAND) as cluster,
        Project.open(project_folder) as project,
    ):
        study = study_of(project, 0.001, 0.002, 0.003, 0.05, is_pruned=True)
        assert run_study_on(cluster, project, study, Console())
        assert states(project, study.id) == [*[JobState.COMPLETED] * 3, JobState.CANCELLED]


def test_that_ctrl_c_cancels_what_is_trained_and_starts_no_more(
    cluster: Cluster, project_folder: Path
) -> None:
    with Project.open(project_folder) as project:
        study = study_of(project, 0.02, 0.03, 0.04)
        threading.Thread(target=press_ctrl_c, args=(project_folder, 2)).start()
        assert not run_study_on(cluster, project, study, Console())
        assert [record.state for record in jobs.runs(project)] == [JobState.CANCELLED] * 2
        assert states(project, study.id) == [None] * 3


def press_ctrl_c(project_folder: Path, running: int) -> None:
    """Wait until so many trainings have got as far as they do by themselves."""
    while len(list(project_folder.glob("runs/*/events.jsonl"))) < running:
        time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGINT)


def test_that_a_training_whose_node_is_lost_is_made_on_another_one(
    nodes: Any, project_folder: Path
) -> None:
    node = nodes.add_node(num_cpus=3)
    epochs: list[int] = []

    def lose_node(epoch: EpochEnded) -> None:
        epochs.append(epoch.epoch)
        if epochs == [1, 2, 3, 4, 5]:
            nodes.remove_node(node, allow_graceful=False)
            nodes.add_node(num_cpus=3)

    def work() -> bool:
        with cluster.start_worker() as worker, Project.open(project_folder) as project:
            settings = {"learning_rate": 0.3}
            watch = Watch(on_epoch=lose_node)
            train_with(project, worker, "autoencoder", settings, Console(), watch)
            return [record.state for record in jobs.runs(project)] == [JobState.COMPLETED]

    with Cluster(nodes.address, cpus=3, command=COMMAND) as cluster:
        assert cluster.in_turn(work)
    assert epochs == [1, 2, 3, 4, 5, *range(1, 9)]


def test_that_more_processors_than_a_node_has_are_refused(nodes: Any) -> None:
    with pytest.raises(BadDataError, match="--ray-cpus 99"):
        Cluster(nodes.address, cpus=99)


@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_that_an_address_where_nobody_listens_is_told_at_once(scheme: str) -> None:
    with socket.socket() as taken:
        # Bound and not listening: nobody else can begin to.
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(KnownError, match="no cluster answers"):
            Cluster(f"{scheme}127.0.0.1:{taken.getsockname()[1]}")


def test_that_the_command_trains_on_the_cluster(
    nodes: Any, project_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["study", str(project_folder), "sweep", "--model", "autoencoder"]
    words += ["--try", "learning_rate=0.001,0.01", "--ray", nodes.address, "--json"]
    words += ["--set", "epochs=1", "--set", "image_size_px=64", "--set", "base_channels=4"]
    assert run(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["trainings"] for each in told["variants"]] == [1, 1]
