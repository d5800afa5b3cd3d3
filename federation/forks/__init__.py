"""Forked logs: the proofs, who is told, and where two members hold two histories."""
