"""Homes that do not exist, for trying the directory out without anybody's real ones."""
