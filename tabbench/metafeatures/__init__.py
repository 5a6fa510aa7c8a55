"""Numbers that say what a task is like, computed from the training part of a split; one module a group."""
