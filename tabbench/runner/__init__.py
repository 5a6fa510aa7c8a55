"""From settings to rows: plan, jobs, supervisors, fits, executors."""
