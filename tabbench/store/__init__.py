"""A results folder: journals, shards, predictions and the database over them."""
