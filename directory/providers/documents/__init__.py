"""Homes' full documents: kept by the authority of their area, asked for with a reason, given."""
