"""What a placing authority keeps and does: its placements, approvals, and who has to be told."""
