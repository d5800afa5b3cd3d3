"""A home as pages show it: a card in a list, and all that is known in sections.

What is unknown has words of its own (`directory.homes.labels`), and a judgement never stands
without its date.
"""

from dataclasses import dataclass
from datetime import date

from directory.country.authorities.service import authority_name
from directory.homes import labels
from directory.homes.addresses import ofsted_address
from directory.homes.facts import Fact, Section
from directory.homes.history import Version
from directory.homes.index import SAMPLE
from directory.homes.nearness import Origin
from directory.homes.profile_facts import care, offers
from directory.homes.query import NOT_INSPECTED
from directory.homes.said import Said, said_of, said_of_profile
from directory.homes.service import FoundHome
from protocols.kinds import Source
from protocols.profiles import Profile
from protocols.records import Home, Judgement


@dataclass(frozen=True, slots=True)
class Tag:
    """A word that stands out beside a home's name, in one of GOV.UK's tag colours."""

    text: str
    colour: str


def title(home: Home) -> str:
    """What a home is called where its URN stands beside it."""
    return home.name or labels.NAME_UNKNOWN


def kind(home: Home) -> str:
    """Type and sector in a few words."""
    return f"{home.provision}, {labels.SECTORS[home.sector].lower()}"


def tags(found: FoundHome) -> list[Tag]:
    """What must not be overlooked."""
    shown = []
    if found.contested:
        shown.append(Tag("Contested", "red"))
    if found.record.status == "Suspended":
        shown.append(Tag("Registration suspended", "red"))
    if found.said is None:
        shown.append(Tag("Not yet described", "grey"))
    if found.record.urn.startswith(SAMPLE):
        shown.append(Tag("Sample, not a real home", "purple"))
    if found.record.short_breaks_only:
        shown.append(Tag("Short breaks only", "yellow"))
    return shown


def card_facts(
    found: FoundHome, origin: Origin | None, *, near_avoided: bool = False
) -> list[Fact]:
    """What a list says of a home, with its distance from an origin if there is one; `near_avoided`
    is it where its authority borders on one to keep away from.
    """
    home = found.record
    noted = [f"{origin.band(home.authority)} from {origin.name}"] if origin else []
    if near_avoided:
        noted.append("borders on where to keep away from")
    return [
        Fact("Area", f"{found.authority_name}, {found.region}", note="; ".join(noted)),
        Fact("Provider", home.provider or labels.PROVIDER_UNKNOWN),
        Fact("Places", _places(home)),
        _overall(home),
        _lives_there(found.said),
        Fact("Vouched for by", f"Node {found.node}, since {labels.day(found.published_at)}"),
    ]


def sections(found: FoundHome, today: date) -> list[Section]:
    """All that a claim says of a home, each part with the record it is from and how old that is."""
    home, said = found.record, found.said
    register = _origin("the record of the home", home.source, today)
    parts = [Section("The home", _about(found), register)]
    told = register if said is None or said.record == "home" else ""
    if found.profile and said:
        published = labels.day(found.profile.published_at)
        told = (
            f"{_origin('its profile', said.source, today)} Published by {found.node} on "
            f"{published}, entry {found.profile.entry}."
        )
    parts.append(Section("Who it cares for", care(said), told))
    if more := offers(said):
        parts.append(Section("What it offers", more, told))
    return [*parts, Section("Ofsted", _inspection(home), register)]


def _origin(record: str, source: Source, today: date) -> str:
    return (
        f"From {record}: {source.name}, as at {labels.day(source.as_at)}, "
        f"{labels.ago(source.as_at, today)}."
    )


def vouched(found: FoundHome) -> list[Fact]:
    """Who stands behind a claim, since when, and where anybody can check it."""
    source = found.record.source
    checked = found.log.verified_at
    return [
        Fact("Node", found.node),
        Fact("Published", labels.moment(found.published_at)),
        Fact("Source", source.name, note=f"As at {labels.day(source.as_at)}."),
        Fact("Log", found.log.origin, note=f"Entry {found.entry}."),
        Fact("Log last checked here", labels.moment(checked) if checked else "Not yet"),
    ]


@dataclass(frozen=True, slots=True)
class VersionCard:
    """A version of a home as its history shows it."""

    title: str
    state: str
    colour: str
    facts: list[Fact]


def version_card(version: Version) -> VersionCard:
    """What a node said, from when to when, and where that stands; and what of it there is."""
    record, log = version.record, version.log
    start = "Its profile, as" if isinstance(record, Profile) else "As"
    until = labels.moment(version.ended_at) if version.ended_at else "now"
    return VersionCard(
        title=f"{start} node {log.node} said on {labels.moment(version.published_at)}",
        state=labels.ENDINGS[version.ended_by] if version.ended_by else "Current",
        colour="grey" if version.ended_by else "green",
        facts=[
            Fact("Current", f"From {labels.moment(version.published_at)} to {until}"),
            Fact("Log", log.origin, note=f"Entry {version.entry}."),
            Fact("Source", record.source.name, note=f"As at {labels.day(record.source.as_at)}."),
            *_version_facts(record),
        ],
    )


def _version_facts(record: Home | Profile) -> list[Fact]:
    if isinstance(record, Profile):
        said = said_of_profile(record)
        return [*care(said), *offers(said)]
    return [
        Fact("Name", title(record)),
        Fact("Area", authority_name(record.authority)),
        Fact("Provider", record.provider or labels.PROVIDER_UNKNOWN),
        Fact("Places", _places(record)),
        *care(said_of(record, None)),
        *_inspection(record),
    ]


def differing(claims: list[FoundHome]) -> set[str]:
    """The facts in which claims about one home differ, apart from who makes them."""
    facts = [
        [*_about(claim), *care(claim.said), *offers(claim.said), *_inspection(claim.record)]
        for claim in claims
    ]
    return {fact.key for claim in facts for fact in claim for other in facts if fact not in other}


def _about(found: FoundHome) -> list[Fact]:
    home = found.record
    return [
        Fact("Name", title(home)),
        Fact("URN", home.urn),
        Fact("Type", home.provision),
        Fact(
            "Area",
            f"{found.authority_name}, {found.region}",
            note="Where a home stands is published by authority and never more closely, to "
            "protect the children who live there.",
        ),
        Fact("Provider", home.provider or labels.PROVIDER_UNKNOWN),
        Fact("Sector", labels.SECTORS[home.sector]),
        Fact("Places", _places(home), note="Registered places. Not how many are free."),
        Fact("Short breaks only", "Yes" if home.short_breaks_only else "No"),
        Fact("More than one building", "Yes" if home.multi_building else "No"),
    ]


def _inspection(home: Home) -> list[Fact]:
    judged = home.judgement
    address = ofsted_address(home)
    registration = [
        Fact("Registration", f"{home.status}, first registered {labels.day(home.registered_on)}")
    ]
    if address:
        link = (address, "Reports on Ofsted’s website", f"of URN {home.urn}")
        registration.append(Fact("Inspection reports", "", link=link))
    if judged is None:
        return [Fact("Overall judgement", NOT_INSPECTED), *registration]
    return [
        Fact("Overall judgement", judgement(judged)),
        Fact("How well children are helped and protected", _part(judged, judged.protection)),
        Fact("Effectiveness of leaders and managers", _part(judged, judged.leadership)),
        *registration,
    ]


def judgement(judged: Judgement) -> str:
    """Such as "Good, inspected on 3 March 2026"."""
    return f"{judged.overall}, inspected on {labels.day(judged.inspected_on)}"


def _part(judged: Judgement, grade: str | None) -> str:
    return f"{grade}, inspected on {labels.day(judged.inspected_on)}" if grade else labels.NOT_GIVEN


def _places(home: Home) -> str:
    return str(home.places) if home.places is not None else labels.PLACES_UNKNOWN


def _overall(home: Home) -> Fact:
    address = ofsted_address(home)
    return Fact(
        "Ofsted judgement",
        judgement(home.judgement) if home.judgement else NOT_INSPECTED,
        link=(address, "Ofsted’s page", f"of URN {home.urn}") if address else None,
    )


def _lives_there(said: Said | None) -> Fact:
    if said is None:
        return Fact("Cares for", labels.NOT_DESCRIBED)
    return Fact("Cares for", labels.who_lives_there(said), items=tuple(labels.needs_of(said)))
