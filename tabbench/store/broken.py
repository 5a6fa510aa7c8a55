"""Files that cannot be read: named, set aside, and everything else goes on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tabbench.store.layout import Store


class BrokenFileError(Exception):
    """A file of the store cannot be read. Never reaches a user: the file is set aside."""


def set_aside(store: Store, path: Path, why: BaseException | str) -> None:
    """Move a file that cannot be read into `broken/` and say so on standard error.

    A store that cannot be written keeps the file; it is left out all the same.
    """
    target = store.broken / path.name
    for number in range(1, 1000):
        if not target.exists():
            break
        target = store.broken / f"{path.stem}.{number}{path.suffix}"
    try:
        store.broken.mkdir(exist_ok=True)
        path.replace(target)
        did = f"moved to {target}"
    except FileNotFoundError:
        return  # another process was faster
    except OSError as error:
        did = f"left out (it cannot be moved: {error.strerror})"
    reason = " ".join(str(why).split())[:300]
    sys.stderr.write(f"tabbench: {path} cannot be read ({reason}); {did}. Run its jobs again to fill the gap.\n")
