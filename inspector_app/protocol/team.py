"""How processes that learn together find each other: torch's own variables."""

from inspector_app.protocol.files import TrainingTeam


def rank_environment(
    team: TrainingTeam, address: str, *, node: int, local_rank: int
) -> dict[str, str]:
    """Return the environment of one of the processes.

    Source: https://docs.pytorch.org/docs/stable/distributed.html, environment variables.

    Raises:
        ValueError: if the address is none of the form host:port.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise ValueError(f"{address!r} is no host:port")
    return {
        "MASTER_ADDR": host,
        "MASTER_PORT": port,
        "WORLD_SIZE": str(team.size),
        "NODE_RANK": str(node),
        "LOCAL_RANK": str(local_rank),
        "RANK": str(node * team.devices + local_rank),
    }
