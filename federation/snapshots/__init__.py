"""Snapshots: each node serves one to members, and keeps the latest of every other.

They lie in files of their own, one a member, in no database and so in no backup: whatever replaces
one leaves nothing of it in pages, journals and copies.
"""
