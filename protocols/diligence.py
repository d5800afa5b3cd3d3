"""That an authority has checked something of a provider's once, so that others can rely on it: a
policy of insurance, a registration, an accreditation, a policy, answers to a framework.

The document itself is in no record: whoever needs it asks the provider or who checked it. Who
checked is an authority and a role, never a person.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta, Struct

from protocols.errors import Malformed
from protocols.kinds import Code, Gss, Line, Urn
from protocols.publication import Publication

Item: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
Reference: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./_-]{0,59}\Z")]
Outcome: TypeAlias = Literal["in-order", "not-in-order", "withdrawn"]


class Check(
    Struct,
    frozen=True,
    gc=False,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="schema",
    tag="check/1",
):
    """What an authority found of an item on `checked_on`, with the item as it was then.

    An item is of a provider, or of one home (`urn`). Its id stays when it is renewed, and is the
    same in the checks of others.
    """

    publication: ClassVar = Publication.MEMBERS

    authority: Gss
    item: Item
    provider: Line
    kind: Code
    issuer: Line
    checked_on: date
    by: Code
    outcome: Outcome
    urn: Urn | None = None
    reference: Reference | None = None
    valid_from: date | None = None
    valid_until: date | None = None


def check_of_dates(one: Check) -> None:
    """Raise Malformed for an item that ends before it begins."""
    if one.valid_from and one.valid_until and one.valid_until < one.valid_from:
        raise Malformed("record: the item ends before it begins")
