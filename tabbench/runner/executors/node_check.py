"""What a node is asked before an array is submitted: does it see the store, write into it, and respect its locks.

python -m tabbench.runner.executors.node_check STORE
"""

from __future__ import annotations

import contextlib
import fcntl
import sys
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from tabbench import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator


class Probe:
    """Two files in a store: a question, locked by who asks, and the node's answer.

    Args:
        root: Of the store.
    """

    GOOD: ClassVar[str] = "good"

    def __init__(self, root: Path) -> None:
        self._question, self._answer = root / "launches" / "probe", root / "launches" / "probe-answer"

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Ask: hold the lock of the question, which says what version asks."""
        self._question.parent.mkdir(exist_ok=True)
        self._answer.unlink(missing_ok=True)
        with self._question.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(__version__)
            file.flush()
            try:
                yield
            finally:
                self._question.unlink(missing_ok=True)
                self._answer.unlink(missing_ok=True)

    def answer(self) -> str:
        """What the node wrote; empty if nothing is seen of it."""
        with contextlib.suppress(FileNotFoundError):
            return self._answer.read_text(encoding="utf-8")
        return ""

    def look(self) -> str:
        """What a node finds."""
        with self._question.open("r+") as file:  # an exclusive lock over NFS wants it writable
            version = file.read()
            if version != __version__:
                return f"tabbench {__version__} on the node, {version} here. Install the same release."
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return self.GOOD
        return (
            "a lock on a file of the store that is held here is not seen there. Mount the store with flock across "
            "nodes (NFS version 4, or 3 without local_lock; Lustre with -o flock), or use another file system."
        )

    def tell(self) -> None:
        """Write down what this node finds, if it can import what an element needs and sees the store."""
        import submitit  # noqa: F401 - whether it is there is what is asked

        import tabbench.runner.executors.element  # noqa: F401 - likewise

        if not self._question.exists():
            sys.exit(f"the store {self._question.parents[1]} of the login node is not on the node")
        self._answer.write_text(self.look(), encoding="utf-8")


if __name__ == "__main__":
    Probe(Path(sys.argv[1])).tell()
