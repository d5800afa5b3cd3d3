"""An authority's own systems: registered with scopes, known by the tokens that they ask for."""
