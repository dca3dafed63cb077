"""A worker that adapts a click model: the first argument says whether it has become better."""

import sys
from pathlib import Path
from typing import Any

from speaking import Commands, say, say_hello

KEPT, FAILED = "kept", "failed"


def adapt(job_id: str, folder: Path) -> None:
    how = sys.argv[1]
    count = len((folder / "regions.jsonl").read_text().splitlines())
    say("progress", job_id=job_id, done=1, total=2, seconds_left=1.0, note="learning")
    say("remark", job_id=job_id, text="a.png: the file is empty")
    ended: dict[str, Any] = {"job_id": job_id, "outcome": "completed"}
    if how == FAILED:
        ended |= {"outcome": "failed", "error_kind": "bad_data", "error": "no weights", "hint": ""}
    if how == KEPT:
        (folder / "click.safetensors").write_bytes(b"weights")
        (folder / "click.json").write_text("{}")
    figures = {
        f"{when}_{n}": 0.5 + 0.2 * (when == "after")
        for when in ("before", "after")
        for n in (1, 3, 5)
    }
    metrics = {"learned": count - 4.0, "held_out": 4.0, "is_kept": float(how == KEPT)} | figures
    say("job_ended", **ended, metrics=metrics)


def main() -> None:
    say_hello()
    for command in Commands():
        match command["type"]:
            case "start_training":
                assert command["purpose"] == "adapt_clicks"
                adapt(command["job_id"], Path(command["run_folder"]))
            case "choose_click_model":
                names = ["Adapted network"] * bool(command.get("adapted_folder")) + ["GrabCut"]
                say("click_model_changed", click_model=names[0], click_models=names)


if __name__ == "__main__":
    main()
