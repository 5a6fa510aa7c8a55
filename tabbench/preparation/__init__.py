"""From a task's table to the columns a model reads, fitted on the train part alone."""
