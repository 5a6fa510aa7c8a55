"""Benchmark machine learning on tables: run, store, rank and publish."""

__version__ = "0.1.0"
