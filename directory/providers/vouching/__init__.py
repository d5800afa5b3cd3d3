"""Providers: their staff, the homes that they run, and who has confirmed that they do."""
