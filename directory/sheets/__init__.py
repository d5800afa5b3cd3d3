"""Spreadsheets that people keep: their rows, and which column says what, once and remembered."""
