"""Seeded changes to a task: fewer rows, turned or noisy columns, wrong labels.

Those that learn nothing change the table once, before it is split; those that are fitted, and those that must leave
test labels alone, change the rows of one split.
"""
