"""Homes of an area that have places, and of which no notice has come for a year."""
