"""Drafting the next version of a charter: each change gives another draft."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from msgspec import UNSET

from directory.node.charters.errors import NoSuchThing
from protocols.charter import Charter, ErasedPayload, Group, Member
from protocols.encoding import b64url
from protocols.keys import Purpose
from protocols.members import Key, Pin
from protocols.note import NoteVerifier

DEADLINES = {
    "notice": "notice_days",
    "ending": "ending_days",
    "acknowledgement": "acknowledgement_days",
}
"""What is owed, and the rule that says in how many working days."""


def begin(before: Charter, digest: str, expires: datetime) -> Charter:
    """The next version, in which nothing but the end has changed yet."""
    return msgspec.structs.replace(
        before,
        version=before.version + 1,
        previous=digest,
        expires=expires.replace(microsecond=0),
        erased=UNSET,
    )


def with_member(draft: Charter, described: Member) -> Charter:
    """With a node added, or as it describes itself now: address, authorities and keys.

    Its log's origin and its log keys that there were stay as they are. What it serves, nobody else
    does any more.
    """
    others = tuple(_without(one, described) for one in draft.members)
    draft = msgspec.structs.replace(draft, members=others)
    held = draft.member(described.node)
    if held is None:
        return msgspec.structs.replace(draft, members=(*draft.members, described))
    known = {key.public for key in held.log_keys}
    new = tuple(key for key in described.log_keys if key.public not in known)
    rest = tuple(key for key in described.keys if key.purpose is not Purpose.LOG)
    changed = msgspec.structs.replace(
        held,
        url=described.url,
        keys=(*held.log_keys, *new, *rest),
        authorities=described.authorities,
    )
    return _replaced(draft, changed)


def suspended(draft: Charter, node: str, reason: str | None) -> Charter:
    """With a member suspended, and why."""
    changed = msgspec.structs.replace(
        member_of(draft, node), status="suspended", reason=reason or UNSET
    )
    return _replaced(draft, changed)


def reinstated(draft: Charter, node: str) -> Charter:
    """With a member taken back."""
    return _replaced(
        draft, msgspec.structs.replace(member_of(draft, node), status="active", reason=UNSET)
    )


def holder_of(draft: Charter, public: str) -> tuple[Member, Key]:
    """Whose a key is, by the first characters of its public half, which fit no other."""
    found = [
        (member, key)
        for member in draft.members
        for _, key in member.every_key
        if key.public.startswith(public)
    ]
    if len(found) != 1:
        raise NoSuchThing(
            f"{len(found)} keys in the charter begin with {public!r}. Nothing was drafted; 'hearth "
            "keys list' and the charter itself show them in full."
        )
    return found[0]


def with_key_ended(draft: Charter, public: str, pin: Pin | None) -> Charter:
    """With a log key ended where its log stands at `pin`; another key is left out."""
    member, ended = holder_of(draft, public)
    if ended.purpose is Purpose.LOG and pin is not None:
        changed = msgspec.structs.replace(ended, until=pin.size, root=b64url(pin.root))
        keys = tuple(changed if key == ended else key for key in member.keys)
        return _replaced(draft, msgspec.structs.replace(member, keys=keys))
    authorities = tuple(
        msgspec.structs.replace(one, keys=tuple(key for key in one.keys if key != ended))
        for one in member.authorities
    )
    keys = tuple(key for key in member.keys if key != ended)
    return _replaced(draft, msgspec.structs.replace(member, keys=keys, authorities=authorities))


def with_signers(draft: Charter, added: Sequence[str], dropped: Sequence[str]) -> Charter:
    """With other charter keys: `added` are verifier keys, `dropped` are their names."""
    names = {NoteVerifier.from_vkey(one, Purpose.CHARTER).name: one for one in draft.charter_keys}
    if unknown := set(dropped) - set(names):
        raise NoSuchThing(f"No charter key is called {min(unknown)}. Nothing was drafted.")
    kept = tuple(vkey for name, vkey in names.items() if name not in dropped)
    return msgspec.structs.replace(draft, charter_keys=(*kept, *added))


def with_group(draft: Charter, name: str, authorities: Sequence[str]) -> Charter:
    """With a group of these authorities (GSS codes); without it where there are none."""
    others = tuple(group for group in draft.groups if group.name != name)
    if not authorities and len(others) == len(draft.groups):
        raise NoSuchThing(f"No group is called {name}. Nothing was drafted.")
    made = (Group(name, tuple(authorities)),) if authorities else ()
    return msgspec.structs.replace(draft, groups=(*others, *made))


def with_witnesses(draft: Charter, policy: str) -> Charter:
    """With another committee, as a C2SP tlog-policy; none where that is empty."""
    return msgspec.structs.replace(draft, witness_policy=policy)


def with_vacancy_days(draft: Charter, days: int) -> Charter:
    """With vacancies that count for so many days without being confirmed."""
    rules = msgspec.structs.replace(draft.rules, vacancy_days=days)
    return msgspec.structs.replace(draft, rules=rules)


def with_deadline(draft: Charter, owed: str, days: int) -> Charter:
    """With so many working days for what is owed, one of DEADLINES, at the latest."""
    rules = msgspec.structs.replace(draft.rules, **{DEADLINES[owed]: days})
    return msgspec.structs.replace(draft, rules=rules)


def with_erased(draft: Charter, payloads: Iterable[ErasedPayload]) -> Charter:
    """With payloads that every member destroys."""
    named = sorted(set(payloads), key=lambda one: (one.node, one.index))
    return msgspec.structs.replace(draft, erased=tuple(named) or UNSET)


def _without(member: Member, described: Member) -> Member:
    """Another member without the authorities that a node describes as its own."""
    if member.node == described.node:
        return member
    left = tuple(one for one in member.authorities if one.gss not in described.area)
    return msgspec.structs.replace(member, authorities=left)


def member_of(draft: Charter, node: str) -> Member:
    """The member of this name; raises NoSuchThing."""
    member = draft.member(node)
    if member is None:
        raise NoSuchThing(f"The charter names no node {node}. Nothing was drafted.")
    return member


def _replaced(draft: Charter, changed: Member) -> Charter:
    members = tuple(changed if one.node == changed.node else one for one in draft.members)
    return msgspec.structs.replace(draft, members=members)
