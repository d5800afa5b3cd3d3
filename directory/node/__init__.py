"""The node itself: its processes, charter, state and backups."""
