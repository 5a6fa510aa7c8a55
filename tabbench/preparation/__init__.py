"""From a task's table to the columns a model reads, fitted on the train rows alone."""

from tabbench.preparation.facts import count_facts, facts_of
from tabbench.preparation.table import Preparation, fit_preparation

__all__ = ["Preparation", "count_facts", "facts_of", "fit_preparation"]
