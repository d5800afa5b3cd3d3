"""The accessibility statement of a node’s pages."""
