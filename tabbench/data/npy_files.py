"""Read arrays from .npy and .npy.gz files without running what they may hold.

An object array is a pickle, and a pickle is a program. It is read with an unpickler that knows numpy's own
constructors and nothing else, so that numbers, texts, lists and dicts come out and any other class or function is
refused. Arrays of numbers and of fixed-width text are no pickles.
"""

from __future__ import annotations

import gzip
import pickle
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np

from tabbench.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from tabbench.task import Array

NUMPY_CORES = ("numpy.core.multiarray", "numpy._core.multiarray")
ALLOWED = frozenset(
    {("numpy", "ndarray"), ("numpy", "dtype")}
    | {(core, name) for core in NUMPY_CORES for name in ("_reconstruct", "scalar")}
    | {(core.replace("multiarray", "numeric"), "_frombuffer") for core in NUMPY_CORES}
)
"""What a pickled array of plain values asks for, in the spellings of numpy 1 and 2."""


UNREADABLE = (
    OSError, EOFError, ValueError, TypeError, AttributeError, KeyError, IndexError, zlib.error, pickle.UnpicklingError,
)  # fmt: skip
"""What torn or foreign bytes come out as."""


class _RefusedError(pickle.UnpicklingError):
    """The pickle asks for something that could run."""


class _PlainUnpickler(pickle.Unpickler):
    """Builds numpy arrays of plain values, and refuses everything else by name."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise _RefusedError(f"it asks for {module}.{name}, which no array of plain values needs")
        return super().find_class(module, name)


def read_npy(file: Path) -> Array:
    """The array of a .npy or .npy.gz file.

    Raises:
        DataError: If the file is absent, torn, no such file, or a pickle of anything but plain values.
    """
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as opened:
            return _read(cast("BinaryIO", opened))
    except FileNotFoundError as error:
        raise DataError(f"There is no file {file}.") from error
    except _RefusedError as error:
        raise DataError(
            f"{file} is an object array that is not read, since {error}. If you trust the file, load it yourself and "
            "save plain numbers or text: numpy.save(FILE, numpy.load(FILE, allow_pickle=True).astype(str))."
        ) from error
    except UNREADABLE as error:
        raise DataError(f"{file} cannot be read as an array: {error}.") from error


def _read(opened: BinaryIO) -> Array:
    version = np.lib.format.read_magic(opened)
    read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in read_header:
        raise ValueError(f"its format has the version {version}, known are 1.0 and 2.0")
    shape, is_fortran, dtype = read_header[version](opened)
    if not dtype.hasobject:
        values = np.frombuffer(opened.read(), dtype=dtype)
        if len(values) != int(np.prod(shape)):
            raise ValueError(f"it holds {len(values):,} values, its header says {shape}")
        return values.reshape(shape, order="F" if is_fortran else "C")
    loaded = _PlainUnpickler(opened).load()
    if not isinstance(loaded, np.ndarray) or loaded.dtype != object or loaded.shape != shape:
        raise ValueError(f"it does not hold the array of objects of shape {shape} that its header says")
    return loaded
