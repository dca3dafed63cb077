"""A worker that works without models: names and settings say how a request or a job goes.

An image called ``wait…`` is answered once a file of its name plus ``.go`` exists, ``crash…``
kills the worker, ``bad…`` cannot be read, ``bug…`` meets a fault in the program. A training's
setting ``then`` says how it ends.
"""

import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

from speaking import Commands, log, say, say_heartbeat, say_hello, wait_for_ever

CLICK_MODEL = (
    sys.argv[sys.argv.index("--click-model") + 1] if "--click-model" in sys.argv else "GrabCut"
)
ENCODER = sys.argv[sys.argv.index("--encoder") + 1] if "--encoder" in sys.argv else ""


def main() -> None:
    say_hello(encoder=ENCODER)
    commands = Commands()
    for command in commands:
        log(json.dumps(command))
        answer(command, commands)


def answer(command: dict[str, Any], commands: Commands) -> None:
    match command["type"]:
        case "prepare_image" | "prepare_ahead":
            if is_answerable(command):
                answer_for(command, "image_prepared", **kept(command))
        case "hover":
            if is_answerable(command):
                say("hovered", request_id=command["request_id"], mask=rle_of_everything())
        case "segment":
            if is_answerable(command):
                masks = [rle_of_everything(), {"size": [2, 2], "counts": "nonsense"}]
                is_damaged = "damaged" in command["image_path"]
                candidate = {"mask": masks[is_damaged], "quality_01": 0.9}
                answer_for(command, "segmented", candidates=[candidate])
        case "choose_click_model":
            name = command["name"]
            say("click_model_changed", click_model=name, encoder=name.lower())
        case "show_variations":
            show(command)
        case "start_training":
            train(command["job_id"], Path(command["run_folder"]), commands)
        case "start_inspection":
            inspect(command["job_id"], Path(command["inspection_folder"]), commands)
        case _:
            say_heartbeat()


def show(command: dict[str, Any]) -> None:
    """Show each image as it is; the model's name says what goes wrong."""
    folder = Path(command["folder"])
    pictures = []
    for number, item in enumerate(command["items"]):
        file = f"{number:02d}{Path(item['image_path']).suffix}"
        if command["model_kind"] != "unwritten":
            shutil.copy(item["image_path"], folder / file)
        outline = [[0.0, 0.0], [8.0, 0.0], [8.0, 8.0]] if item["is_defective"] else []
        pictures.append(
            {"file": file, "image_path": item["image_path"], "outlines": [outline] * bool(outline)}
        )
    match command["model_kind"]:
        case "bad":
            fault = {"error": "nothing to be seen", "hint": "look elsewhere"}
            say("variations_shown", request_id=command["request_id"], **fault)
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case _:
            say("variations_shown", request_id=command["request_id"], pictures=pictures)


def is_answerable(command: dict[str, Any]) -> bool:
    """Do what the image's name asks for; False if an answer was given already."""
    path = Path(command["image_path"])
    if path.name.startswith("crash"):
        os.kill(os.getpid(), signal.SIGSEGV)
    if path.name.startswith("wait"):
        wait_for_file(path.with_name(path.name + ".go"))
    if path.name.startswith("bug"):
        error = {"error_kind": "bug", "error": "NameError: no such name", "hint": ""}
        say("request_failed", request_id=command["request_id"], **error)
        return False
    if path.name.startswith("bad"):
        error = {"error_kind": "bad_data", "error": "bad.png: the PNG ends too early"}
        say("request_failed", request_id=command["request_id"], hint="copy it again", **error)
        return False
    return True


def answer_for(command: dict[str, Any], kind: str, **fields: Any) -> None:
    say(kind, request_id=command["request_id"], click_model=CLICK_MODEL, seconds=0.1, **fields)


def kept(command: dict[str, Any]) -> dict[str, Any]:
    """An image called ``kept…`` is said to be on disk."""
    is_kept = Path(command["image_path"]).name.startswith("kept")
    return {"encoder": ENCODER, "is_kept": bool(ENCODER) and is_kept, "was_kept": False}


def rle_of_everything() -> dict[str, Any]:
    return {"size": [2, 2], "counts": "04"}


def train(job_id: str, folder: Path, commands: Commands) -> None:
    config = json.loads((folder / "job.json").read_text())["config"]
    say("progress", job_id=job_id, done=0, total=2, seconds_left=None, note="")
    if "remark" in config:
        say("remark", job_id=job_id, text=config["remark"])
    with (folder / "events.jsonl").open("a") as journal:
        for epoch in (1, 2):
            event = {"job_id": job_id, "epoch": epoch, "epochs": 2, "seconds": 0.1}
            event["metrics"] = {"train_loss": 1.0 / epoch, "val_loss": 2.0 / epoch}
            journal.write(json.dumps({"type": "epoch_ended", **event}) + "\n")
            journal.flush()
            say("epoch_ended", **event)
    if config.get("bundle", True):
        write_bundle(folder / "bundle")
    end_training(job_id, str(config.get("then", "complete")), commands)


def write_bundle(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "card.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"")


def end_training(job_id: str, then: str, commands: Commands) -> None:
    match then:
        case "crash":
            log("loss is nan")
            os.kill(os.getpid(), signal.SIGSEGV)
        case "memory":
            fail(job_id, "out_of_memory", "the GPU's memory was not enough", "use fewer images")
        case "bug":
            log("ZeroDivisionError: division by zero")
            fail(job_id, "bug", "division by zero", "")
        case "leave":
            os._exit(0)
        case "stubborn":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True:
                time.sleep(60)
        case "until_cancelled":
            commands.wait_for_cancel(job_id)
            say("job_ended", job_id=job_id, outcome="cancelled", metrics={"epochs": 2.0})
        case _:
            metrics = {"epochs": 2.0, "best_epoch": 2.0, "image_auroc": 0.9371}
            say("job_ended", job_id=job_id, outcome="completed", metrics=metrics)


def inspect(job_id: str, folder: Path, commands: Commands) -> None:
    """Score image n of the manifest with n / 10, as far as there is no result yet."""
    results = folder / "results.jsonl"
    done = {r["image_path"] for r in map(json.loads, lines_of(results))}
    paths = [item["image_path"] for item in map(json.loads, lines_of(folder / "manifest.jsonl"))]
    for number, path in enumerate(paths):
        name = Path(path).name
        if path in done:
            continue
        if name.startswith("crash") and not (folder / "crashed").exists():
            (folder / "crashed").touch()
            os.kill(os.getpid(), signal.SIGSEGV)
        if name.startswith("wait"):
            commands.wait_for_cancel(job_id)
        if commands.is_cancelled(job_id):
            say("job_ended", job_id=job_id, outcome="cancelled", metrics={})
            return
        if name.startswith("stubborn"):
            wait_for_ever()
        if name.startswith("full"):
            fail(job_id, "disk_full", "the disk is full", "free some space")
            return
        result = {"job_id": job_id, "image_path": path, "seconds": 0.1}
        if name.startswith("bad"):
            result["error"] = f"{name}: the PNG ends too early"
        else:
            file = f"heatmaps/{number}.png"
            result |= {"score": number / 10, "heatmap_file": file, "heatmap_scale": 1.5}
            result |= said_of_types(folder)
        line = {"type": "image_scored", **result}
        with results.open("a") as file_of_results:
            file_of_results.write(json.dumps(line) + "\n")
        if "unsaid" not in name:
            say("image_scored", **result)
        say("progress", job_id=job_id, done=number + 1, total=len(paths), note="")
    say("job_ended", job_id=job_id, outcome="completed", metrics={"images": float(len(paths))})


def said_of_types(inspection_folder: Path) -> dict[str, Any]:
    """A model with classes takes every image for the last of them, and sees it in a corner."""
    job = json.loads((inspection_folder / "inspection.json").read_text())
    card = json.loads((Path(job["bundle_folder"]) / "card.json").read_text())
    if not card["classes"]:
        return {}
    name = card["classes"][-1]
    region = {"class_name": name, "score_01": 0.75, "box": [0, 0, 4, 4]}
    return {"called": name, "share_01": 0.75, "regions": [region]}


def lines_of(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def fail(job_id: str, kind: str, error: str, hint: str) -> None:
    fields = {"error_kind": kind, "error": error, "hint": hint, "metrics": {}}
    say("job_ended", job_id=job_id, outcome="failed", **fields)


def wait_for_file(path: Path) -> None:
    while not path.exists():
        time.sleep(0.005)


if __name__ == "__main__":
    main()
