"""The pages of an authority's placements."""
