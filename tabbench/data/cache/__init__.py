"""The canonical cache: every task that is not bundled, converted once, whole or absent.

::

    $TABBENCH_CACHE/entries/KEY/   table.parquet, splits.parquet, task.json, manifest.json; named by their content
    $TABBENCH_CACHE/names/         which entry a task's name means, and of which files it was made
    $TABBENCH_CACHE/suites/        suites that were fetched or unpacked
    $TABBENCH_CACHE/locks/         held while a task is fetched
"""
