"""Where the site's templates, styles and scripts lie."""

from __future__ import annotations

from pathlib import Path

import tabbench_leaderboard


def folder_of(name: str) -> Path:
    """A folder of this package; `importlib.resources` does not find them in an editable install."""
    return next(Path(p) / name for p in tabbench_leaderboard.__path__ if (Path(p) / name).is_dir())
