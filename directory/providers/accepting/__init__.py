"""Guides and full documents that providers' staff handed in: an officer accepts or returns each."""
