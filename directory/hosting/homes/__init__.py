"""The home's own notice of who lives there, and its match with the placing authority's."""
