"""Whom to call at an authority today: in snapshots, which leave no trace of what was before."""
