"""The demo's figures for people."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from inspector_app.cli.console import Console


def show_demo(document: Mapping[str, Any], console: Console) -> None:
    """Show figures, seconds and places."""
    console.say("")
    console.show(_table("Result", "", _figures(document)))
    console.show(_table("Step", "seconds", _seconds(document)))
    console.say("Where everything lies")
    console.show_table(_places(document))


def _table(name: str, value: str, rows: list[tuple[str, str]]) -> Table:
    table = Table(name, value, show_edge=False, pad_edge=False)
    table.columns[1].justify = "right"
    for row in rows:
        table.add_row(*row)
    return table


def _figures(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    clicks, figures = document["clicks"], document["inspection"]["figures"]
    rows = [
        (f"mask IoU after {count} click{'s' if count > 1 else ''}", f"{iou:.3f}")
        for count, iou in clicks["iou_after"].items()
    ]
    rows.append((f"images clicked ({clicks['click_model']})", str(clicks["image_count"])))
    for key, title in (("image_auroc", "image AUROC"), ("pixel_auroc", "pixel AUROC")):
        rows.append((title, f"{figures[key]:.3f}" if key in figures else "not known"))
    rows.append(("images inspected", str(figures["images"])))
    rows.append(("NG / OK", f"{figures['ng']} / {figures['ok']}"))
    if "escapes" in figures:
        rows.append(("escapes / overkills", f"{figures['escapes']} / {figures['overkills']}"))
    return rows


def _seconds(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    seconds: Mapping[str, float] = document["seconds"]
    rows = [(step, f"{value:.1f}") for step, value in seconds.items()]
    return [*rows, ("altogether", f"{sum(seconds.values()):.1f}")]


def _places(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    exports = [(name, str(export["folder"])) for name, export in document["exports"].items()]
    return [
        ("images", document["images"]),
        ("project", document["project"]),
        *exports,
        ("run", document["training"]["run_folder"]),
        ("table", document["inspection"]["table"]),
        ("report", document["inspection"]["page"]),
    ]
