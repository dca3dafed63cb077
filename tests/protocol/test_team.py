"""How processes that learn together find each other."""

import pytest

from inspector_app.protocol.files import TrainingTeam
from inspector_app.protocol.team import rank_environment


def test_that_every_process_has_a_number_of_its_own() -> None:
    team = TrainingTeam(devices=4, nodes=2)
    ranks = [
        int(rank_environment(team, "host-a:29500", node=node, local_rank=number)["RANK"])
        for node in range(2)
        for number in range(4)
    ]
    assert ranks == list(range(team.size))


def test_that_all_look_for_the_first_one_at_its_address() -> None:
    found = rank_environment(
        TrainingTeam(devices=2), "host-a.plant.example:1234", node=0, local_rank=1
    )
    assert found == {
        "MASTER_ADDR": "host-a.plant.example",
        "MASTER_PORT": "1234",
        "WORLD_SIZE": "2",
        "NODE_RANK": "0",
        "LOCAL_RANK": "1",
        "RANK": "1",
    }


@pytest.mark.parametrize("address", ["", "host", "host:", ":1234", "host:http"])
def test_that_an_address_without_host_or_port_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        rank_environment(TrainingTeam(), address, node=0, local_rank=0)
