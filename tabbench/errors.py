"""What can go wrong for a user, said so that the user can mend it.

::

    TabbenchError                printed without a traceback, exit code 2
    ├── UnknownNameError         a name that nothing answers to, with the nearest one that would
    ├── SettingsError            a setting that is misspelt, mistyped or out of range
    ├── DataError                a table, card, task or split that cannot be used
    │   ├── TransientError       trouble that may pass: a server or network that fails now
    │   ├── NotCachedError       a task that has to be fetched first
    │   └── DamagedEntryError    an entry of the cache that is not what was put there
    ├── PluginError              a model file that cannot be imported or breaks the contract
    ├── MissingLibraryError      a package that is not installed, with the command that installs it
    └── StoreError               a results folder that cannot be read or written
"""

import difflib
from collections.abc import Iterable


class TabbenchError(Exception):
    """Any error that is the user's to mend."""


class SettingsError(TabbenchError):
    """A setting is misspelt, mistyped or out of range."""


class DataError(TabbenchError):
    """A table, card, task or split cannot be used."""


class TransientError(DataError):
    """A server or network fails now; the same request may succeed later.

    Args:
        message: What, where and how to mend, as of every error.
        retry_after_seconds: How long the server asks to wait; None where it does not say.
    """

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class NotCachedError(DataError):
    """A task has to be fetched first."""


class DamagedEntryError(DataError):
    """An entry of the cache is not what was put there."""


class PluginError(TabbenchError):
    """A model file cannot be imported or breaks the contract."""


class StoreError(TabbenchError):
    """A results folder cannot be read or written."""


class UnknownNameError(TabbenchError):
    """A name that nothing answers to.

    Args:
        kind: What was looked for, in one word ("model").
        name: What was asked for.
        known: All that would have been found.
        where: Where the name came from ("command line").
        hint: One more sentence: how to add one's own, where to look.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], where: str = "", hint: str = "") -> None:
        self.kind, self.name, self.known = kind, name, sorted(known)
        parts = [f"Unknown {kind} {name!r}" + (f" ({where})." if where else ".")]
        near = nearest(name, self.known)
        if near:
            parts.append(f"Did you mean {near}?")
        parts.append(f"Known: {', '.join(self.known) or 'none'}.")
        if hint:
            parts.append(hint)
        super().__init__(" ".join(parts))


class MissingLibraryError(TabbenchError):
    """A package that is not installed.

    Args:
        library: Import name of what is missing.
        extra: The extra of tabbench that brings it; empty when none does.
        needed_by: Who asked for it ("model lightgbm").
    """

    def __init__(self, library: str, extra: str, needed_by: str) -> None:
        self.library, self.extra = library, extra
        wanted = f"'tabbench[{extra}]'" if extra else library
        super().__init__(
            f"{needed_by} needs the package {library!r}, which is not installed. Install it with: pip install {wanted}"
        )


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like the one given, or None when none is near.

    >>> nearest("lightgmb", ["catboost", "lightgbm"])
    'lightgbm'
    """
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return matches[0] if matches else None
