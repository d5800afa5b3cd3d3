"""Searches that somebody keeps, and what is new, changed or closed since they last looked."""
