"""Engines that run jobs on other machines: bundles of jobs, handed to SLURM or Ray."""
