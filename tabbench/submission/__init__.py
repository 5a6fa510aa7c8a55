"""Results from others: bundles written, checked against one's own tasks, and taken in."""
