"""Conformance: a model leaves the process, the disk and its input as it found them."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.testing import tables
from tabbench.testing.case import Unmet, case
from tabbench.testing.predicting import predict, task_types
from tabbench.testing.quiet import captured
from tabbench.testing.sample import FEW_STEPS, cut, fit_on, numbers_sample

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.model import Model

MAX_LINES = 10


def _random_state() -> dict[str, Any]:
    state: dict[str, Any] = {"random": random.getstate(), "numpy.random": repr(np.random.get_state())}  # noqa: NPY002  to see it untouched
    if "torch" in sys.modules:
        state["torch"] = sys.modules["torch"].get_rng_state().numpy().tobytes()
    return state


def _thread_settings() -> dict[str, Any]:
    state: dict[str, Any] = {f"environment variable {name}": value for name, value in os.environ.items()}
    if "torch" in sys.modules:
        state["torch.get_num_threads()"] = sys.modules["torch"].get_num_threads()
    if "threadpoolctl" in sys.modules:
        for pool in sys.modules["threadpoolctl"].threadpool_info():
            state[f"threads of {Path(pool['filepath']).name}"] = pool["num_threads"]
    return state


def _differences(before: dict[str, Any], after: dict[str, Any], with_new: bool = False) -> list[str]:
    known = {**dict.fromkeys(after), **before} if with_new else before
    return sorted(name for name in known if after.get(name) != before.get(name))


@case(mend="Draw from `context.rng`; in torch use a torch.Generator, or fork_rng around what draws globally.")
def leaves_global_random_state_alone(model: type[Model]) -> None:
    """The global random states of random, numpy and torch are left alone."""
    for kind in task_types(model):
        sample = numbers_sample(kind, model, max_steps=FEW_STEPS)
        fit_on(model, sample)  # a library's first import may seed itself
        before = _random_state()
        predict(fit_on(model, sample), sample)
        changed = _differences(before, _random_state())
        if changed:
            raise Unmet(f"[{kind}] the state of {', '.join(changed)} changed")


@case(mend="Hand `context.n_threads` to the library's own argument, or set it back when done.")
def leaves_thread_settings_alone(model: type[Model]) -> None:
    """Thread settings and environment variables are after a fit as before it."""
    kind = task_types(model)[0]
    sample = numbers_sample(kind, model, max_steps=FEW_STEPS)
    before = _thread_settings()
    fit_on(model, sample)
    changed = _differences(before, _thread_settings())  # a library's first import may bring settings of its own
    before = _thread_settings()
    for n_threads in (1, 2):
        limited = sample.within(n_threads=n_threads)
        predict(fit_on(model, limited), limited)
        changed += _differences(before, _thread_settings(), with_new=True)
    if changed:
        raise Unmet(f"these changed: {', '.join(sorted(set(changed)))}")


@case(mend="Copy before changing: X = X.copy(), or work on X.to_numpy(copy=True).")
def leaves_its_input_alone(model: type[Model]) -> None:
    """The frames and targets it is given are never changed in place."""
    for kind in task_types(model):
        sample = cut(tables.mixed(kind), model.card.reads, max_steps=FEW_STEPS)
        assert sample.valid is not None
        parts = {"train": sample.train, "valid": sample.valid, "test": sample.test}
        before = {name: (part.X.copy(), part.y.copy()) for name, part in parts.items()}
        predict(fit_on(model, sample), sample)
        for name, part in parts.items():
            X, y = before[name]
            if not _same_frame(X, part.X) or y.tobytes() != part.y.tobytes():
                raise Unmet(f"[{kind}] the {name} part is another after the fit")


def _same_frame(first: pd.DataFrame, second: pd.DataFrame) -> bool:
    return first.equals(second) and list(first.columns) == list(second.columns) and first.index.equals(second.index)


@case(mend="Switch the library's files off (CatBoost: allow_writing_files=False), or use a temporary directory.")
def leaves_no_file(model: type[Model]) -> None:
    """It writes no file into the working directory."""
    before = {path.name for path in Path.cwd().iterdir()}
    for kind in task_types(model):
        sample = numbers_sample(kind, model, max_steps=FEW_STEPS)
        predict(fit_on(model, sample), sample)
    left = {path.name for path in Path.cwd().iterdir()} - before
    if left:
        raise Unmet(f"it left {', '.join(sorted(left))} in {Path.cwd()}")


@case(mend="Switch the library's progress off (verbose=0, verbosity=-1 or the like).")
def prints_little(model: type[Model]) -> None:
    """A fit and a prediction print ten lines at most."""
    for kind in task_types(model):
        sample = numbers_sample(kind, model)
        with captured() as lines:
            predict(fit_on(model, sample), sample)
        if len(lines()) > MAX_LINES:
            raise Unmet(f"[{kind}] it printed {len(lines())} lines, the first: {lines()[0][:100]!r}")
