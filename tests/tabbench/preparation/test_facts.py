import pandas as pd

from tabbench.model import TaskFacts
from tabbench.preparation import facts_of
from tabbench.task import MULTICLASS, DatasetCard, Origin, SplitRule, Task


def test_facts_count_what_the_train_rows_show_but_all_classes_of_the_task() -> None:
    dataset = DatasetCard("toy", 1, "Toy", (), 9, "0", "made here", "CC0", Origin.FICTIONAL, "toy")
    task = Task("bundled/toy", dataset, "y", MULTICLASS, "log_loss", SplitRule(), ("a", "b", "c"))
    X = pd.DataFrame(
        {"n": [1.0, None], "c": pd.Categorical(["u", "v"], categories=list("tuvw")), "d": pd.Categorical(["u", None])}
    )
    assert facts_of(X, task) == TaskFacts(MULTICLASS, 2, 3, 2, 2, 3, has_missing=True)
