"""`python -m directory.cli`: the command `hearth`, for processes that start one another."""

from directory.cli import main

main(prog_name="hearth")
