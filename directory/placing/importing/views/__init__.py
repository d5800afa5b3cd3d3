"""The pages on which placements are imported."""
