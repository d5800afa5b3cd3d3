"""Witnesses: this node as one, for the logs of the charter; and those that cosign its own log."""
