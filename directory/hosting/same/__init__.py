"""Notices that are perhaps of the same child: found by the machine, settled by a person, undone."""
