"""Read the dates of ARFF, whose formats are Java's: `yyyy-MM-dd HH:mm`."""

from __future__ import annotations

import re

from tabbench.errors import DataError

WEKA_FORMAT = "yyyy-MM-dd'T'HH:mm:ss"
"""What a column of type DATE holds if it does not say."""
TOKENS = {
    "yyyy": "%Y", "yy": "%y", "MM": "%m", "M": "%m", "MMM": "%b", "dd": "%d", "d": "%d", "HH": "%H", "H": "%H",
    "mm": "%M", "m": "%M", "ss": "%S", "s": "%S", "SSS": "%f",
}  # fmt: skip
PART = re.compile(r"'([^']*)'|([A-Za-z])\2*|[^A-Za-z']")


def strptime_format(java: str, where: str) -> str:
    """A format of Java's SimpleDateFormat in the words of strptime.

    Raises:
        DataError: If it holds a letter that is not read, as of time zones and weeks.

    >>> strptime_format("yyyy-MM-dd'T'HH:mm:ss", "line 1")
    '%Y-%m-%dT%H:%M:%S'
    """
    found = ""
    for part in PART.finditer(java):
        text = part.group()
        if part[2] and text not in TOKENS:
            known = ", ".join(TOKENS)
            raise DataError(f"{where}: the date format {java!r} holds {text!r}. Read are {known}. Make it a STRING.")
        found += TOKENS[text] if part[2] else (part[1] or "'" if text[0] == "'" else text).replace("%", "%%")
    return found
