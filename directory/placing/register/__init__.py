"""The placements of an authority's children, wherever they are: sealed, and in this node alone."""
