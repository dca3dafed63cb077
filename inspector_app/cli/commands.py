"""The commands: what they take, what they say; the work is done elsewhere."""

import tempfile
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from inspector_app.cli.application import JsonOption, ProjectArgument, application, choose_from
from inspector_app.cli.console import Console
from inspector_app.cli.demo import DRAFTED_IMAGES, DemoOptions, run_demo
from inspector_app.cli.doctor import examine
from inspector_app.cli.embedding import choose_model, embed
from inspector_app.cli.exit_codes import DONE, INTERRUPTED
from inspector_app.cli.inspecting import (
    ChosenModel,
    Inspected,
    inspect_in_folder,
    inspect_in_project,
    model_of_folder,
    model_of_project,
)
from inspector_app.cli.reporting import report
from inspector_app.cli.worker_client import WorkerClient
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.pages import files_of_several_pages, page_remarks
from inspector_app.formats.base import ImagePlacement
from inspector_app.paths import embeddings_folder
from inspector_app.protocol.embeddings import DEFAULT_LIMIT_GB, EmbeddingFiles
from inspector_app.sample import PRODUCTS, create_sample
from inspector_app.services.exchange import (
    EXPORT_FORMATS,
    IMPORT_FORMATS,
    export_project,
    perform_import,
    plan_import,
    preview_import,
)
from inspector_app.services.inspection_files import pages_of_items
from inspector_app.services.job_files import inspection_items_of_folder
from inspector_app.services.opening import create_project, import_ground_truth
from inspector_app.services.report.write import refuse_filled_folder
from inspector_app.store.project import Project, is_project_folder

PRODUCT_NAMES = tuple(product.name for product in PRODUCTS)


@application.command("new")
def new_project(
    project: ProjectArgument,
    images: Annotated[
        Path, typer.Option(help="The folder of photos; MVTec's layout is recognised.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Make a project for a folder of photos; the photos stay where they are."""
    console = Console(as_json=as_json)
    with create_project(project, images) as opened:
        with console.progress("masks") as progress:
            remarks = [*opened.remarks, *import_ground_truth(opened, progress=progress)]
        records = opened.images()
        names = [record.relative_path for record in records]
        remarks += page_remarks(files_of_several_pages(opened.image_folder, names))
    splits = Counter(record.split.value for record in records)
    region_count = sum(record.region_count for record in records)
    by_split = ", ".join(f"{count} {split}" for split, count in splits.items())
    console.say(f"{project}: {len(records)} images ({by_split}), {region_count} regions")
    console.remark(remarks)
    console.result(
        {
            "project": str(project.resolve()),
            "images": len(records),
            "splits": dict(splits),
            "regions": region_count,
            "remarks": remarks,
        }
    )


@application.command("import")
def import_labels(
    project: ProjectArgument,
    path: Annotated[Path, typer.Argument(help="The label file or folder.", show_default=False)],
    format_name: Annotated[str, typer.Option("--format", help=" | ".join(IMPORT_FORMATS))],
    is_dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would come; change nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Add labels from other tools; regions that are there already are not added twice."""
    console = Console(as_json=as_json)
    if is_dry_run:
        _preview_labels(console, project, path, format_name)
        return
    with Project.open(project) as opened:
        result = perform_import(opened, plan_import(opened, format_name, path))
    console.say(f"{path}: {result.region_count} regions on {result.image_count} images")
    console.remark(result.problems)
    console.result(
        {
            "images": result.image_count,
            "regions": result.region_count,
            "problems": list(result.problems),
        }
    )


def _preview_labels(console: Console, project: Path, path: Path, format_name: str) -> None:
    with Project.open(project) as opened:
        preview = preview_import(opened, plan_import(opened, format_name, path))
    console.say(
        f"{path}: would add {preview.region_count} regions on {preview.image_count} images; "
        f"nothing was changed"
    )
    for name, count in preview.regions_by_class.items():
        note = " (new class)" if name in preview.new_classes else ""
        console.say(f"  {count} × {name}{note}")
    if preview.known_count:
        console.say(f"  there already, or without an image: {preview.known_count}")
    console.remark(preview.problems)
    console.result(
        {
            "images": preview.image_count,
            "regions": preview.region_count,
            "by_class": preview.regions_by_class,
            "new_classes": list(preview.new_classes),
            "left_out": preview.known_count,
            "problems": list(preview.problems),
        }
    )


@application.command("export")
def export_labels(
    project: ProjectArgument,
    out: Annotated[Path, typer.Argument(help="A new or empty folder.", show_default=False)],
    format_name: Annotated[str, typer.Option("--format", help=" | ".join(EXPORT_FORMATS))],
    images: Annotated[
        ImagePlacement | None,
        typer.Option(
            help="Copy the images, hard-link them (programs that save into a linked file change "
            "the source), or only name them; else what is usual with the format.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write the project's labels in a format of other tools."""
    console = Console(as_json=as_json)
    with Project.open(project) as opened, console.progress("exporting") as progress:
        result = export_project(opened, format_name, out, placement=images, progress=progress)
    console.say(f"{out}: {result.image_count} images, {result.region_count} regions")
    console.remark(result.remarks)
    console.result(
        {
            "out": str(out.resolve()),
            "images": result.image_count,
            "regions": result.region_count,
            "remarks": list(result.remarks),
        }
    )


@application.command("inspect")
def inspect_folder(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="RUN_OR_BUNDLE",
            help="A run's folder, a bundle, or a project (its newest model; recorded there).",
            show_default=False,
        ),
    ],
    folder: Annotated[Path, typer.Argument(help="The photos to judge.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Where the report goes: a new or empty folder.")],
    run: Annotated[
        str | None, typer.Option(help="With a project: the run whose model judges.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Judge every photo of a folder: table, heatmaps, pictures and a page."""
    console = Console(as_json=as_json)
    refuse_filled_folder(out)
    items = inspection_items_of_folder(folder)
    console.remark(page_remarks(pages_of_items(items, folder)))
    if is_project_folder(model):
        with Project.open(model) as opened:
            chosen = model_of_project(opened, run)
            with WorkerClient() as worker:
                device = worker.hello.device
                inspected = inspect_in_project(
                    opened, chosen, items, source=str(folder), worker=worker, console=console
                )
        return _finish(inspected, chosen, folder, out=out, device=device, console=console)
    if run is not None:
        raise BadDataError(
            f"--run {run}: {model} is no project", "leave --run out, or name a project"
        )
    chosen = model_of_folder(model)
    with tempfile.TemporaryDirectory(prefix="inspector-") as name, WorkerClient() as worker:
        inspected = inspect_in_folder(Path(name), chosen, items, worker=worker, console=console)
        device = worker.hello.device
        return _finish(inspected, chosen, folder, out=out, device=device, console=console)


def _finish(
    inspected: Inspected,
    chosen: ChosenModel,
    source: Path,
    *,
    out: Path,
    device: str,
    console: Console,
) -> int:
    summary = report(inspected, chosen, source=str(source), out=out, device=device, console=console)
    console.result(summary)
    return INTERRUPTED if inspected.is_cancelled else DONE


@application.command("embed")
def embed_images(
    project: ProjectArgument,
    model: Annotated[
        str | None, typer.Option(help="The click model, e.g. “SAM ViT-B”; the best by default.")
    ] = None,
    limit_gb: Annotated[
        float, typer.Option(min=0.01, help="How much of the disk all prepared images may take.")
    ] = DEFAULT_LIMIT_GB,
    as_json: JsonOption = False,
) -> int:
    """Prepare every photo for clicks, so that none waits later; goes on where it was left."""
    console = Console(as_json=as_json)
    with Project.open(project) as opened:
        paths = [opened.image_path(record) for record in opened.images()]
    files = EmbeddingFiles(embeddings_folder())
    with WorkerClient() as worker:
        choose_model(worker, model)
        done = embed(paths, worker, console, files=files, limit_bytes=int(limit_gb * 2**30))
    console.say(
        f"{project}: {done.encoded} images encoded with {done.click_model or 'nothing'}, "
        f"{done.found} were already, {done.kept_bytes / 2**20:.0f} MB"
    )
    console.remark(done.remarks)
    console.result(
        {
            "images": len(paths),
            "encoded": done.encoded,
            "found": done.found,
            "click_model": done.click_model,
            "bytes": done.kept_bytes,
            "remarks": done.remarks,
            "outcome": "cancelled" if done.is_cancelled else "completed",
        }
    )
    return INTERRUPTED if done.is_cancelled else DONE


@application.command("doctor")
def show_state(as_json: JsonOption = False) -> None:
    """Show versions, devices, weights and folders, to be pasted into a question."""
    console = Console(as_json=as_json)
    findings = examine()
    for section, rows in findings.items():
        console.say(f"[{section}]")
        console.show_table(list(rows.items()))
    console.result(findings)


@application.command("sample")
def make_sample(
    folder: Annotated[Path, typer.Argument(help="Where to put it.", show_default=False)],
    product: Annotated[
        str | None,
        typer.Option(help=f"Only one of: {', '.join(PRODUCT_NAMES)}."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Other numbers give other parts.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Make the sample photos: products with and without defects, in MVTec's layout."""
    console = Console(as_json=as_json)
    names = list(PRODUCT_NAMES)
    if product is not None:
        choose_from(names, "--product", product)
    made: list[str] = []
    for name in [product] if product else names:
        with console.progress(name) as progress:
            made.append(str(create_sample(folder, product=name, seed=seed, progress=progress)))
    for path in made:
        console.say(path)
    console.result({"folders": made})


@application.command("demo")
def demonstrate(
    *,
    data: Annotated[
        Path | None, typer.Option(help="An MVTec category folder; the sample by default.")
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Where everything goes; an earlier demo there is replaced.")
    ] = Path("out/demo"),
    product: Annotated[
        str, typer.Option(help=f"The sample's product: {', '.join(PRODUCT_NAMES)}.")
    ] = PRODUCT_NAMES[0],
    drafts: Annotated[
        int, typer.Option(min=1, help="How many defect images are drafted by clicks.")
    ] = DRAFTED_IMAGES,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting of the autoencoder."),
    ] = None,
    window: Annotated[
        bool, typer.Option(help="Open the program on the project afterwards, given a display.")
    ] = True,
    as_json: JsonOption = False,
) -> int:
    """Run the main job from photos to verdicts and tell how well and how fast it went."""
    choose_from(PRODUCT_NAMES, "--product", product)
    return run_demo(
        DemoOptions(data, out, product, drafts, tuple(settings or ()), opens_window=window),
        Console(as_json=as_json),
    )
