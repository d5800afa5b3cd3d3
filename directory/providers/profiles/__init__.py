"""Profiles: what a home says that it offers, written down and handed in for publication."""
