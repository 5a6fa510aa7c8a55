"""Put a finished site where it belongs, whole or not at all."""

from __future__ import annotations

import json
import shutil
import uuid
from typing import TYPE_CHECKING

from tabbench.errors import TabbenchError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MARKER = "tabbench-site.json"
"""A folder that holds this file was built by us and may be replaced."""


class SiteFolderError(TabbenchError):
    """The folder asked for cannot be made into a site."""


def write_site(files: Mapping[str, bytes], folder: Path, about: Mapping[str, str]) -> None:
    """Write all files into a folder beside, then swap it in; an earlier site there is replaced.

    Args:
        files: Bytes by path from the site's root; only paths that the builder made itself.
        folder: Where the site is to be. Missing parents are made.
        about: Stands in the marker file.

    Raises:
        SiteFolderError: If the folder holds anything but an earlier site, or cannot be written.
    """
    folder = folder.expanduser().resolve()
    refuse_foreign(folder)
    beside = folder.parent / f".{folder.name}.{uuid.uuid4().hex[:8]}"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        marker = json.dumps(about, indent=1, sort_keys=True) + "\n"
        for name, content in {**files, MARKER: marker.encode()}.items():
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        _swap(beside, folder)
    except OSError as error:
        raise SiteFolderError(
            f"Cannot write the site to {folder}: {error.strerror or error}. Give another folder with -o."
        ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def refuse_foreign(folder: Path) -> None:
    """Raise unless the folder is missing, empty, or a site that was built before."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise SiteFolderError(f"{folder} is a file; -o wants a folder. Give another name.")
    if not (folder / MARKER).is_file() and any(folder.iterdir()):
        raise SiteFolderError(
            f"{folder} is not empty and is not a site built by tabbench (it has no {MARKER}), so it is left alone. "
            "Give a new or empty folder with -o."
        )


def _swap(beside: Path, folder: Path) -> None:
    """Rename the new folder into place; the old one leaves only once the new one stands."""
    if not folder.exists():
        beside.rename(folder)
        return
    old = beside.with_name(beside.name + ".old")
    folder.rename(old)
    try:
        beside.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old)
