"""Numbers as the pages print them; None is a dash."""

import math

DASH = "–"


def fixed(value: float | None, digits: int) -> str:
    """A number with so many decimals.

    >>> fixed(2.5, 2), fixed(None, 2)
    ('2.50', '–')
    """
    return DASH if value is None or not math.isfinite(value) else f"{value:.{digits}f}"


def percent(share: float | None, digits: int = 0) -> str:
    """A share of 1 as a percentage.

    >>> percent(0.125, 1)
    '12.5 %'
    """
    return DASH if share is None or not math.isfinite(share) else f"{100 * share:.{digits}f} %"


def significant(value: float | None, digits: int = 3) -> str:
    """A number with so many significant digits, never in powers of ten within 1e-4..1e6.

    >>> significant(0.01234), significant(1234.5), significant(0.0)
    ('0.0123', '1234', '0')
    >>> significant(9.999), significant(1.2e-7)
    ('10.0', '1.20e-07')
    """
    if value is None or not math.isfinite(value):
        return DASH
    if value == 0:
        return "0"
    if not 1e-4 <= abs(value) < 1e6:
        return f"{value:.{digits - 1}e}"
    rounded = float(f"{value:.{digits - 1}e}")
    magnitude = math.floor(math.log10(abs(rounded)))
    return f"{value:.{max(digits - 1 - magnitude, 0)}f}"


def seconds(value: float | None) -> str:
    """A time in a table: three significant digits, nothing finer than a millisecond.

    >>> seconds(12.345), seconds(0.0123), seconds(0.00002), seconds(None)
    ('12.3', '0.012', '<0.001', '–')
    """
    if value is None or not math.isfinite(value):
        return DASH
    if 0 <= value < 0.001:
        return "<0.001"
    return f"{value:.3f}" if value < 1 else significant(value)


def count(value: int) -> str:
    """A whole number with thin separators.

    >>> count(53940)
    '53,940'
    """
    return f"{value:,}"
