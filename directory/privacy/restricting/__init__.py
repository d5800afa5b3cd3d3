"""Restricted records: of a colleague's relative, say, which only named people may open."""
