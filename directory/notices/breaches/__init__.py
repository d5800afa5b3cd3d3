"""Notices that told somebody of a child who had no need to know: looked into, and closed."""
