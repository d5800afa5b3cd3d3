"""Checking a log as an outsider does, by its address and the key that it signs with alone."""
