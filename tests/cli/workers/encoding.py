"""A worker whose click models keep zeros of every image in the cache, as real ones do.

An empty file cannot be read, one that says “bug” meets a fault in the program.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "services" / "workers"))
import numpy as np
from speaking import Commands, say, say_hello

from inspector_app import paths
from inspector_app.protocol.embeddings import Embedding, EmbeddingFiles, content_key

MODELS = {"Tiny": 100_000, "Other": 100_000, "Large": 2_000_000, "GrabCut": 0}
"""Bytes of an image."""


def prepare(request_id: int, path: Path, model: str) -> None:
    content = path.read_bytes()
    if content == b"bug":
        error = {"error_kind": "bug", "error": "NameError: no such name", "hint": ""}
        say("request_failed", request_id=request_id, **error)
        return
    if not content:
        error = {"error_kind": "bad_data", "error": f"{path}: the file is empty", "hint": "mend it"}
        say("request_failed", request_id=request_id, **error)
        return
    encoder = "" if model == "GrabCut" else model.lower()
    files = EmbeddingFiles(paths.embeddings_folder())
    was_kept = bool(encoder) and files.has(encoder, path)
    if encoder and not was_kept:
        key = content_key(content)
        features = np.zeros(MODELS[model] // 2, np.float16)
        files.note_content(path, key)
        files.write(encoder, key, None, Embedding(features, (1, 1)))
    say(
        "image_prepared",
        request_id=request_id,
        click_model=model,
        seconds=0.0,
        encoder=encoder,
        is_kept=bool(encoder),
        was_kept=was_kept,
    )


def main() -> None:
    has_weights = "--no-weights" not in sys.argv
    model = "Tiny" if has_weights else "GrabCut"
    say_hello(encoder="tiny" if has_weights else "", click_models=list(MODELS))
    for command in Commands():
        if command["type"] == "choose_click_model":
            model = command["name"]
        elif command["type"] == "prepare_image":
            prepare(command["request_id"], Path(command["image_path"]), model)


if __name__ == "__main__":
    main()
