"""The report of an inspection, and its summary on the command line."""

from pathlib import Path
from typing import Any

from inspector_app.cli.console import Console
from inspector_app.cli.inspecting import ChosenModel, Inspected
from inspector_app.services.report.content import ReportContent
from inspector_app.services.report.write import PAGE_FILE, TABLE_FILE, write_report
from inspector_app.store.project import utc_now


def report(
    inspected: Inspected,
    model: ChosenModel,
    *,
    source: str,
    out: Path,
    device: str,
    console: Console,
) -> dict[str, Any]:
    """Write the report, tell its figures and return them for a machine.

    Raises:
        KnownError: if it cannot be written.
    """
    content = ReportContent(
        source=source,
        results=inspected.results,
        threshold=model.card.threshold.value,
        card=model.card,
        inspection_folder=inspected.folder,
        metrics=inspected.metrics,
        created_at=utc_now(),
        device=device,
        remarks=("Cancelled before all images were judged.",) if inspected.is_cancelled else (),
    )
    with console.progress("report") as progress:
        remarks = write_report(out, content, progress=progress)
    summary = _summary(inspected, content, out)
    console.show_table([(name, _text(value)) for name, value in summary["figures"].items()])
    console.remark([f"{r.image_path}: {r.error}" for r in inspected.results if r.error])
    console.remark(remarks)
    console.say(f"report  {out / PAGE_FILE}")
    return {**summary, "remarks": remarks}


def _summary(inspected: Inspected, content: ReportContent, out: Path) -> dict[str, Any]:
    counts = content.counts()
    figures: dict[str, float] = {
        "images": len(inspected.results),
        "ok": counts.ok,
        "ng": counts.ng,
        "unreadable": content.failed_count,
        "threshold": content.threshold,
    }
    if content.knows_truth:
        figures |= {"escapes": counts.escapes, "overkills": counts.overkills}
    for name in ("image_auroc", "pixel_auroc", "seconds_per_image"):
        if name in inspected.metrics:
            figures[name] = inspected.metrics[name]
    return {
        "outcome": "cancelled" if inspected.is_cancelled else "completed",
        "inspection": inspected.inspection_id or None,
        "out": str(out.resolve()),
        "page": str((out / PAGE_FILE).resolve()),
        "table": str((out / TABLE_FILE).resolve()),
        "figures": figures,
    }


def _text(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.4g}"
