"""What the plugins around the `tabpfn` package share: where weights lie, and what to do where they do not."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def weights_folder() -> Path:
    """Where the `tabpfn` package looks for weights: TABPFN_MODEL_CACHE_DIR, else the user's cache."""
    if given := os.environ.get("TABPFN_MODEL_CACHE_DIR", "").strip():
        return Path(given).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", str(Path.home()))) / "tabpfn"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "tabpfn"
    return Path(os.environ.get("XDG_CACHE_HOME", "").strip() or Path.home() / ".cache") / "tabpfn"


def missing_weights(file: str, url: str) -> str | None:
    """Why a model cannot be used, with the command that mends it; None if its weights are there.

    Nothing is downloaded by a job: it might run where there is no network, and a licence is for the user to read.

    Args:
        file: Path inside the folder of weights.
        url: Where its makers offer it.
    """
    path = weights_folder() / file
    if path.is_file():
        return None
    return (
        f"no weights at {path}. Get them where there is a network, after reading their licence: "
        f"curl -L --create-dirs -o '{path}' '{url}'. Another folder: set TABPFN_MODEL_CACHE_DIR"
    )
