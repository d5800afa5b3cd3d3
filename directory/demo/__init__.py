"""A whole consortium on one machine, to try and to measure: processes, keys, logs, databases."""
