"""Checks of a table: each family is a module of pure functions from a task with its table to findings."""

from __future__ import annotations

from tabbench.data.checks.every import check_data, check_task
from tabbench.data.checks.finding import Finding, Severity

__all__ = ["Finding", "Severity", "check_data", "check_task"]
