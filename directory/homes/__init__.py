"""Homes: what nodes claim of them, how people find them, and the pages that show them."""
