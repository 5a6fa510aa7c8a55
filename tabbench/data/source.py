"""What every source of tasks gives: a task, its table as it was found, and the splits that came with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.task import Split, Task


@dataclass(frozen=True, eq=False)
class OpenedTask:
    """A task as its source has it.

    Attributes:
        frame: All columns under their own names, in the types that the source has; the target may have gaps.
        splits: Row numbers that came with the task (the rule is then `fixed` and holds their hash); None if the
            task's rule makes them.
    """

    task: Task
    frame: pd.DataFrame
    splits: tuple[Split, ...] | None = None
