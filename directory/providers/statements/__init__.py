"""Statements of purpose: written down, checked, released by a second person, read by members."""
