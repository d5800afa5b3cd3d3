"""Benchmarks: each puts the thing beside its limit in the same run, and reports the ratio."""
