"""`~label_noise=.1`: make a share of the train labels wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tabbench.data.modifiers.chance import uniforms
from tabbench.errors import DataError
from tabbench.hashing import derive_seed
from tabbench.task import REGRESSION, TaskData

if TYPE_CHECKING:
    from tabbench.data.modifiers.names import Modifier
    from tabbench.task import IntArray


def spoil_labels(data: TaskData, train: IntArray, modifier: Modifier) -> TaskData:
    """A share of the train rows (valid among them) with another label; test labels stay as they are.

    Classes: any other class, each as likely. Numbers: the chosen rows exchange their targets, so that the target's
    distribution stays. What is spoiled at a share is spoiled at every larger one.

    Raises:
        DataError: If the share of the train rows is less than a row (two rows of numbers).
    """
    n_spoiled = round(modifier.amount * len(train))
    if n_spoiled < (2 if data.task.type is REGRESSION else 1):
        raise DataError(f"{data.task.name}: ~{modifier.text} of {len(train)} train rows spoils none.")
    drawn = uniforms(2 * len(data.y), derive_seed("label_noise", modifier.seed)).reshape(2, -1)
    chosen = train[np.argsort(drawn[0, train], kind="stable")[:n_spoiled]]
    y = data.y.copy()
    if data.task.type is REGRESSION:
        y[chosen] = y[np.roll(chosen, 1)]
    else:
        n_classes = len(data.task.classes)
        y[chosen] = (y[chosen] + 1 + (drawn[1, chosen] * (n_classes - 1)).astype(np.int64)) % n_classes
    return replace(data, y=y)
