"""Reminding both authorities, once for each step, of notices not acknowledged in time."""
