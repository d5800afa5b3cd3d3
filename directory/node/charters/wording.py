"""What one version of a charter changes against another, in plain words, for whoever signs it."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from msgspec import UNSET
from msgspec.structs import replace

from directory.node.charters.drafting import DEADLINES
from protocols.charter import Charter, Member
from protocols.keys import Purpose
from protocols.members import Key
from protocols.note import NoteVerifier

_SHOWN = 12
_OWED = {
    "notice": "A notice of a placement that was made in an emergency",
    "ending": "A notice that a placement has ended",
    "acknowledgement": "An acknowledgement",
}


class Agreed(NamedTuple):
    """A time that a charter sets: what is owed, one of DEADLINES, and in how many working days."""

    owed: str
    days: int
    words: str


def deadlines(charter: Charter) -> list[Agreed]:
    """The times that a charter sets, none in most."""
    return [
        Agreed(
            owed,
            days,
            f"{_OWED[owed]} is due within {days} working days, or sooner where the law says so.",
        )
        for owed, rule in DEADLINES.items()
        if (days := getattr(charter.rules, rule)) is not UNSET
    ]


def differences(before: Charter, after: Charter) -> list[str]:
    """Every difference between two versions, a sentence each; never none, since one has an end."""
    return [
        *_renamed(before, after),
        *_members(before, after),
        *_erased(after),
        *_signers(before, after),
        *_groups(before, after),
        *_rules(before, after),
        f"It lasts until {after.expires:%d %B %Y}; the version before, until "
        f"{before.expires:%d %B %Y}.",
    ]


def _renamed(before: Charter, after: Charter) -> Iterator[str]:
    if before.name != after.name:
        yield f"The consortium {before.name} is called {after.name}."


def _members(before: Charter, after: Charter) -> Iterator[str]:
    for member in after.members:
        held = before.member(member.node)
        if held is None:
            served = ", ".join(f"{one.name} ({one.gss})" for one in member.authorities) or "nobody"
            yield (
                f"{member.node} joins, at {member.url}, with the log {member.origin}. It serves "
                f"{served}."
            )
            yield from _member(_without_keys(member), member)
        else:
            yield from _member(held, member)


def _without_keys(member: Member) -> Member:
    """A newcomer as if it had been there already, in full and without keys."""
    bare = (replace(one, keys=()) for one in member.authorities)
    return replace(member, status="active", reason=UNSET, keys=(), authorities=tuple(bare))


def _member(old: Member, new: Member) -> Iterator[str]:
    name = new.node
    if old.status != new.status and new.status == "suspended":
        why = f": {new.reason}" if new.reason else ". The charter does not say why"
        yield f"{name} is suspended. It reads nothing more, and nothing is taken from it{why}."
    elif old.status != new.status:
        yield f"{name} is a member in full again."
    elif old.reason != new.reason:
        yield f"{name} stays suspended, for another reason: {new.reason or 'none is given'}."
    if old.url != new.url:
        yield f"{name} moves from {old.url} to {new.url}."
    served, serves = ({one.gss: one for one in member.authorities} for member in (old, new))
    for gss in sorted(serves.keys() - served.keys()):
        yield f"{name} serves {serves[gss].name} ({gss})."
        yield from _keys(f"{serves[gss].name} ({gss})", (), serves[gss].keys)
    for gss in sorted(served.keys() - serves.keys()):
        yield f"{name} no longer serves {served[gss].name} ({gss})."
    for gss in sorted(serves.keys() & served.keys()):
        if serves[gss].name != served[gss].name:
            yield f"{served[gss].name} ({gss}) is called {serves[gss].name}."
        yield from _keys(f"{serves[gss].name} ({gss})", served[gss].keys, serves[gss].keys)
    yield from _keys(name, old.keys, new.keys)


def _keys(who: str, old: Iterable[Key], new: Iterable[Key]) -> Iterator[str]:
    held, holds = {key.public: key for key in old}, {key.public: key for key in new}
    for public, key in holds.items():
        if public not in held:
            begins = f", from size {key.since} of its log" if key.purpose is Purpose.LOG else ""
            yield f"{who} has a new {key.purpose} key{begins}: {_short(key)}."
        elif key.until != held[public].until:
            yield (
                f"{who}: the {key.purpose} key {_short(key)} ends at size {key.until} of its log. "
                "Nothing larger that it has signed counts."
            )
    for public, key in held.items():
        if public not in holds:
            yield f"{who}: the {key.purpose} key {_short(key)} is given up."


def _erased(after: Charter) -> Iterator[str]:
    for node, payloads in groupby(after.payloads_erased, key=lambda one: one.node):
        entries = ", ".join(str(one.index) for one in payloads)
        yield (
            f"Every member destroys for good what these entries of the log of {node} published: "
            f"{entries}. That cannot be taken back."
        )


def _signers(before: Charter, after: Charter) -> Iterator[str]:
    held, holds = (
        {NoteVerifier.from_vkey(one, Purpose.CHARTER) for one in charter.charter_keys}
        for charter in (before, after)
    )
    for one in sorted(holds - held, key=lambda one: one.name):
        yield f"The charter key {one.vkey} may sign the next version."
    for one in sorted(held - holds, key=lambda one: one.name):
        yield f"The charter key {one.vkey} signs no more."
    if holds != held:
        yield (
            "Other charter keys need every signature; or for each that is given up its own, and no "
            "more new ones; or two thirds, no other change, and a wait of 14 days on every node."
        )


def _groups(before: Charter, after: Charter) -> Iterator[str]:
    held, holds = ({one.name: one for one in charter.groups} for charter in (before, after))
    for name, group in holds.items():
        if held.get(name) != group:
            yield f"The group {name} is of {', '.join(group.authorities)}."
    for name in held.keys() - holds.keys():
        yield f"There is no group {name}."


def _rules(before: Charter, after: Charter) -> Iterator[str]:
    most = after.rules.max_entries_per_log
    if most != before.rules.max_entries_per_log:
        yield f"A log may have {most:,} entries; so far {before.rules.max_entries_per_log:,}."
    days = after.rules.days_of_vacancies
    if days != before.rules.days_of_vacancies:
        yield (
            f"A vacancy that nobody confirms counts for {days} days; so far, for "
            f"{before.rules.days_of_vacancies}."
        )
    held = deadlines(before)
    yield from (one.words for one in deadlines(after) if one not in held)
    yield from (
        f"{_OWED[one.owed]} is due when the law says."
        for one in held
        if getattr(after.rules, DEADLINES[one.owed]) is UNSET
    )
    if before.witness_policy != after.witness_policy and not after.witness_policy:
        yield "There are no witnesses any more."
    elif before.witness_policy != after.witness_policy:
        yield "The witnesses are these, by the policy:\n" + after.witness_policy.rstrip("\n")


def _short(key: Key) -> str:
    return f"{key.public[:_SHOWN]}…"
