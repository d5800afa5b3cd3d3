"""The published list of fields of a notice, of which each partner is given those that it needs.

What is not on the list, the files that go with a notice among it, no partner is ever shown.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date, datetime
from types import MappingProxyType

from directory.country.authorities.service import authority_name
from directory.homes.labels import day
from directory.notices.labels import CONTACTS, DOCUMENTS, LEGAL_STATUSES, SETTINGS
from directory.notices.now import Now
from protocols.notices import Contact
from protocols.partners import Event, Said

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "placing-authority": "Placing authority",
        "given-name": "Given name",
        "family-name": "Family name",
        "born-on": "Date of birth",
        "identifier": "The placing authority’s identifier for the child",
        "legal-status": "Legal status",
        "setting": "Kind of placement",
        "urn": "URN of the home",
        "address": "Address of the placement",
        "starts-on": "Starts on",
        "emergency": "Whether it is an emergency",
        "at-a-distance": "Whether it is at a distance",
        **{name.replace("_", "-"): label for name, label in CONTACTS.items()},
        **{name.replace("_", "-"): label for name, label in DOCUMENTS.items()},
        "expected-end": "Expected to end on",
        "ended-on": "Ended, or ends, on",
    }
)
"""What each field is called, by its code, in the order in which they are shown."""


def said_by(
    now: Now, placing: str, fields: Collection[str], event: Event = "placed"
) -> tuple[Said, ...]:
    """What a notice by the authority `placing` says under these fields, and nothing else of it.

    Of one that has ended, on which day; of one that is withdrawn, nothing.
    """
    if event == "withdrawn" or now.withdrawal:
        return ()
    shown = fields if event != "ended" else {"ended-on"} & {*fields}
    every = _every(now, placing)
    return tuple(Said(one, text) for one in FIELDS if one in shown and (text := every[one]))


def day_said(text: str | None) -> date | None:
    """A day as a partner is told it, such as 17 May 2012; None for anything else."""
    with suppress(ValueError, TypeError):
        return datetime.strptime(text or "", "%d %B %Y").date()  # noqa: DTZ007 - a day, no time
    return None


def _every(now: Now, placing: str) -> dict[str, str | None]:
    says = now.says
    child, placed, status = says.child, says.placement, says.legal_status
    return {
        "placing-authority": authority_name(placing),
        "given-name": child.given_name,
        "family-name": child.family_name,
        "born-on": _day(child.born_on),
        "identifier": child.identifier,
        "legal-status": LEGAL_STATUSES[status] if status else None,
        "setting": SETTINGS[placed.setting],
        "urn": placed.urn,
        "address": placed.address,
        "starts-on": _day(placed.starts_on),
        "emergency": "Yes" if placed.emergency else "No",
        "at-a-distance": "Yes" if placed.at_a_distance else "No",
        **{name.replace("_", "-"): _called(getattr(says, name)) for name in CONTACTS},
        **{name.replace("_", "-"): getattr(says, name) for name in DOCUMENTS},
        "expected-end": _day(now.expected_end),
        "ended-on": _day(now.ended_on),
    }


def _day(when: date | None) -> str | None:
    return day(when) if when else None


def _called(one: Contact | None) -> str | None:
    if one is None:
        return None
    return "\n".join(filter(None, (one.name, one.role, one.telephone, one.email)))
