"""Who someone can be. A role is always granted for one authority, except the two of the node."""

from enum import StrEnum


class Role(StrEnum):
    """What a person is to an authority of this node, or to the node."""

    NOBODY = "nobody"
    """Not signed in."""
    COMMISSIONER = "commissioner"
    """Of a placing authority: looks for homes, places children, sends notices."""
    NOMINATED_OFFICER = "nominated officer"
    """Of a placing authority: approves placements out of its area (2010 Regulations, reg 11(1))."""
    DIRECTOR = "director"
    """Of children's services: approves placements at a distance as well (reg 11(3))."""
    DUTY_OFFICER = "duty officer"
    """Of an area authority: receives notices and acknowledges them."""
    DUTY_LEAD = "duty lead"
    """Answers for the duty desk: keeps its partners current, and reviews what was opened in an
    emergency. Opens records with the role of a duty officer besides, or not at all."""
    GOVERNANCE_OFFICER = "information governance officer"
    """Reads the audit of an authority's records, sets legal holds, and answers subject access
    requests; opens no other record."""
    AUTHORITY_ADMINISTRATOR = "authority administrator"
    """Looks after an authority's people and systems, and reads none of its casework."""
    PROVIDER = "provider"
    """Of a provider, for whose staff the authority vouches: sees the provider's own homes."""
    NODE_ADMINISTRATOR = "node administrator"
    """Looks after the node and everybody's accounts, and reads no authority's casework."""
    OPERATOR = "operator"
    """At the command line of the node's machine, with its keys in reach."""


class Scope(StrEnum):
    """What a system of an authority's, or of a provider's, may be allowed with a token (RFC 6749
    section 3.3).
    """

    HOMES_READ = "homes:read"
    VACANCIES_READ = "vacancies:read"
    CHANGES_READ = "changes:read"
    CHANGES_MARK = "changes:mark"
    SHORTLISTS_WEIGH = "shortlists:weigh"
    DILIGENCE_CHECK = "diligence:check"
    PROVIDER_WORK = "provider:work"
    """For a provider's own system, which has no other scope."""
    PLACEMENTS_READ = "placements:read"
    PLACEMENTS_WRITE = "placements:write"
    NOTICES_SEND = "notices:send"
    NOTICES_READ = "notices:read"
    NOTICES_ACKNOWLEDGE = "notices:acknowledge"
    AUDIT_READ = "audit:read"


WHOLE_NODE = frozenset({Role.NODE_ADMINISTRATOR, Role.OPERATOR})
"""Roles that are not granted for one authority: they hold for each that the node serves."""
