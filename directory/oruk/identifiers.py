"""Identifiers that everything in a feed keeps, whichever node is asked (RFC 9562, version 5).

They are made from what names the thing here, such as `home/SC123456`: so two nodes give one thing
one identifier, and nobody has to keep them.
"""

from uuid import UUID, uuid5

_NAMESPACE = UUID("5b0c2f0e-8f5d-5c39-9c40-5a3f0c1f7a11")


def identifier(name: str) -> str:
    """The UUID of what is named so."""
    return str(uuid5(_NAMESPACE, name))
