"""`inspector weights`: the weights shelf, listed, filled and verified."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from inspector_app import paths
from inspector_app.cli.application import JsonOption, application
from inspector_app.cli.console import Console, ProgressDisplay
from inspector_app.cli.exit_codes import DONE, TO_PUT_RIGHT
from inspector_app.domain.errors import BadDataError, DiskFullError, KnownError
from inspector_app.domain.hashing import BytesCallback
from inspector_app.protocol.shelf import Shelf, ShelfItem
from inspector_app.protocol.weights import WeightsEntry
from inspector_app.services.weights_fetch import fetch_weights, fetched_bytes
from inspector_app.services.weights_import import find_weights, import_all

_MB = 10**6

commands = typer.Typer(
    help="Published and own weights: which are here, and getting the others.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
application.add_typer(commands, name="weights")

NamesArgument = Annotated[
    list[str], typer.Argument(metavar="NAME…", help="As listed, or a file's name.")
]


@commands.command("list")
def list_weights(as_json: JsonOption = False) -> None:
    """List what there is and what there could be, without reading any file."""
    console = Console(as_json=as_json)
    shelf = Shelf.of_this_machine()
    _tell([shelf.glance(entry) for entry in shelf.entries()], console)


@commands.command("verify")
def verify_weights(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]…", help="As listed, or a file's name; all by default."),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Read files from their first byte and compare their hashes; code 2 if one is refused."""
    console = Console(as_json=as_json)
    shelf = Shelf.of_this_machine()
    items = []
    for entry in _find(shelf.entries(), names) if names else list(shelf.entries()):
        with console.progress(f"{entry.file}, MB") as progress:
            items.append(shelf.verify(entry, _in_mb(progress)))
    shelf.digests.save()
    _tell(items, console)
    return TO_PUT_RIGHT if any(item.state == "corrupt" for item in items) else DONE


@commands.command("import")
def bring_weights(
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="PATH…", help="Files or folders, such as a USB stick's."),
    ],
    as_json: JsonOption = False,
) -> int:
    """Copy files into the weights folder: published ones by their content, others as your own."""
    console = Console(as_json=as_json)
    found = find_weights(sources)
    with console.progress("import, MB") as progress:
        arrivals = import_all(found.files, progress=_in_mb(progress))
    for entry in arrivals.entries:
        console.say(f"{entry.file}: {'your own' if entry.is_own else entry.name}, imported")
    console.remark(arrivals.faults)
    console.result(
        {
            "folder": str(paths.weights_folder()),
            "imported": [{"name": entry.name, "file": entry.file} for entry in arrivals.entries],
            "refused": list(arrivals.faults),
        }
    )
    return TO_PUT_RIGHT if arrivals.faults else DONE


@commands.command("fetch")
def get_weights(names: NamesArgument, as_json: JsonOption = False) -> int:
    """Fetch published files from where they are published; code 2 if one cannot be had."""
    console = Console(as_json=as_json)
    fetched: list[dict[str, Any]] = []
    faults: list[str] = []
    for entry in _find(Shelf.of_this_machine().manifest.weights, names):
        try:
            fetched.append({"name": entry.name, "path": str(_fetch(entry, console))})
        except DiskFullError:
            raise
        except KnownError as error:
            faults.append(str(error))
    for each in fetched:
        console.say(f"{each['name']}: {each['path']}")
    console.remark(faults)
    console.result({"fetched": fetched, "refused": faults})
    return TO_PUT_RIGHT if faults else DONE


def _fetch(entry: WeightsEntry, console: Console) -> Path:
    size = f"{entry.bytes:,} bytes" if entry.bytes else "size not published"
    console.say(f"{entry.url} ({size}, {entry.licence})")
    if have := fetched_bytes(entry):
        console.say(f"{have / _MB:,.0f} MB of it are here already")
    with console.progress(f"{entry.file}, MB") as progress:
        return fetch_weights(entry, progress=_in_mb(progress))


def _find(entries: Iterable[WeightsEntry], names: Sequence[str]) -> list[WeightsEntry]:
    """Return the entries with these names.

    Raises:
        BadDataError: naming those there are.
    """
    known: dict[str, WeightsEntry] = {}
    for entry in entries:
        known |= {entry.name.casefold(): entry, entry.file.casefold(): entry}
    unknown = [name for name in names if name.casefold() not in known]
    if unknown:
        choices = ", ".join(dict.fromkeys(entry.name for entry in known.values()))
        raise BadDataError(f"{', '.join(unknown)}: no such weights", f"choose from: {choices}")
    return list(dict.fromkeys(known[name.casefold()] for name in names))


def _tell(items: Sequence[ShelfItem], console: Console) -> None:
    width = max((len(item.entry.name) for item in items), default=0)
    for item in items:
        state = item.state if item.is_read else f"{item.state}, not verified yet"
        console.say(f"  {state:<9}  {item.entry.name:<{width}}  {_facts(item)}")
    for item in items:
        console.remark(item.remarks)
    console.result(
        {
            "folders": [str(folder) for folder in Shelf.of_this_machine().folders],
            "weights": [_document(item) for item in items],
        }
    )


def _facts(item: ShelfItem) -> str:
    size = item.size_bytes
    facts = [f"{size / _MB:.1f} MB"] if size else []
    facts += [item.entry.licence] if item.entry.licence else []
    facts += [f"SHA-256 {item.sha256[:12]}…"] if item.sha256 else []
    return " · ".join([*facts, str(item.path or item.entry.url)])


def _document(item: ShelfItem) -> dict[str, Any]:
    return {
        "state": item.state,
        "is_read": item.is_read,
        "path": item.path,
        "file_sha256": item.sha256 or None,
        "remarks": list(item.remarks),
        "is_own": item.entry.is_own,
        **item.entry.model_dump(),
    }


def _in_mb(progress: ProgressDisplay) -> BytesCallback:
    return lambda done, total: progress(done // _MB, max(1, total // _MB))
