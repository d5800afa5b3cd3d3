"""Who someone can be. A role is always granted for one authority, except the two of the node."""

from enum import StrEnum


class Role(StrEnum):
    """What a person is to an authority of this node, or to the node."""

    NOBODY = "nobody"
    """Not signed in."""
    COMMISSIONER = "commissioner"
    """Of a placing authority: looks for homes, places children, sends notices."""
    DUTY_OFFICER = "duty officer"
    """Of an area authority: receives notices and acknowledges them."""
    GOVERNANCE_OFFICER = "information governance officer"
    """Reads the audit of an authority's records, and no record itself."""
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
    NOTICES_SEND = "notices:send"
    NOTICES_READ = "notices:read"
    NOTICES_ACKNOWLEDGE = "notices:acknowledge"
    AUDIT_READ = "audit:read"


WHOLE_NODE = frozenset({Role.NODE_ADMINISTRATOR, Role.OPERATOR})
"""Roles that are not granted for one authority: they hold for each that the node serves."""
