"""Placements that arrive from elsewhere: a return, a spreadsheet, a case system.

What arrives is held against the register first, and shown. The same twice changes nothing.
"""
