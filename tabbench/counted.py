"""Say how many there are of something."""


def counted(n: int, noun: str, plural: str = "") -> str:
    """A number and its noun, which is plural but for one.

    >>> counted(1, "task"), counted(0, "task"), counted(1200, "analysis", "analyses")
    ('1 task', '0 tasks', '1,200 analyses')
    """
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"
