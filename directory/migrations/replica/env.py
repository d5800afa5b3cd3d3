"""Migrations of `replica.db`."""

from directory.migrations.environment import run

run("replica")
