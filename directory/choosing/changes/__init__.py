"""What the newest lists have changed about homes, and which authority has seen it."""
