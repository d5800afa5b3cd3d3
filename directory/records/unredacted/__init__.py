"""Ofsted's list for authorities alone, with where every home is: it stays in the node."""
