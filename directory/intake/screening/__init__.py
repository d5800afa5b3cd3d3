"""Free text is screened before it is published: no child is in it, and nothing leads to a door.

Pure functions over text: no clock, no database. A screen finds patterns, not meaning; a second
person reads the text as well (`directory.records.release`).
"""
