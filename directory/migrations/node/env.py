"""Migrations of `node.db`."""

from directory.migrations.environment import run

run("node")
