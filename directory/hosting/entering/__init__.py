"""Notices that came otherwise than from a node: entered here, so that one register is complete."""
