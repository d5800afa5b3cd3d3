"""The demonstration's provider: homes in several areas, and what its staff say and give of them."""

from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO

from msgspec.structs import replace
from pypdf import PdfWriter

from directory.country.reference.working_days import london_day
from directory.demo.places import Place
from directory.providers.diligence.items import Facts, enter, subjects
from directory.providers.documents.handing_in import hand_in_document
from directory.providers.guides.handing_in import hand_in_guide
from directory.providers.guides.writing import Guide, Person, save_guide
from directory.providers.handins.sending import hand_in_own
from directory.providers.statements.desks import desk_of
from directory.providers.vacancies.rules import may_say
from directory.providers.vacancies.saying import say
from directory.providers.vouching.claims import claims_of, confirm
from directory.providers.vouching.register import known_homes
from directory.providers.vouching.running import homes_run
from directory.providers.vouching.staff import Workplace
from directory.providers.vouching.workplace import ask_for, own_homes
from directory.records.publishing.service import PROVIDER_SOURCE
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import reading, writing
from protocols.kinds import Source
from protocols.profiles import Answer, Profile
from protocols.records import Home
from protocols.vacancies import Vacancy

_WHO = operator("demo")
_GUIDE = Guide(
    {
        "welcome": "Hello. This home is made up.",
        "care": "We cook with you. We listen to you.",
        "support": "You have a key worker. They help with school and health.",
        "complaints": "Tell us if something is wrong. Or call the number below.",
        "advocacy": "An advocate speaks for you. It is free.",
    },
    Person("The manager (made up)", "01632 960111"),
    Person("The advocates (made up)", "01632 960222"),
)


def claim_homes(first: Place, places: Sequence[Place], provider: str, in_each: int) -> list[Home]:
    """Have the first site's provider claim so many homes at each of these."""
    theirs = [
        home
        for place in places
        for home in [one for one in place.homes if one.provider == provider][:in_each]
    ]
    workplace = Workplace(first.gss, provider)
    with writing(first.node.node_db) as connection, reading(first.node.replica) as replica:
        for home in known_homes(replica, [one.urn for one in theirs]).values():
            ask_for(connection, first.node, first.people[Role.PROVIDER], workplace, home)
    return theirs


def is_asked(place: Place) -> bool:
    """Whether a claim has come there."""
    with reading(place.node.node_db) as connection:
        return bool(claims_of(connection, _WHO, place.gss))


def confirm_all(place: Place) -> None:
    """Say of every claim there that it is true."""
    with writing(place.node.node_db) as connection, reading(place.node.replica) as replica:
        for claim in claims_of(connection, _WHO, place.gss):
            home = known_homes(replica, [claim.urn]).get(claim.urn)
            confirm(connection, place.node, _WHO, place.gss, claim.number, home)


def are_confirmed(place: Place, count: int) -> bool:
    """Whether so many homes are the provider's, as its staff there see it."""
    with reading(place.node.node_db) as connection:
        own = own_homes(connection, place.node, place.people[Role.PROVIDER])
    return sum(one.state == "confirmed" for one in own) == count


def say_vacancies(place: Place, homes: Sequence[Home]) -> None:
    """A bed in an emergency, none, one that nobody has confirmed for long, and one from a day."""
    today = london_day(place.node.now())
    soon = today + timedelta(days=9)
    said = (
        Vacancy("", 1, today, emergency=True),
        Vacancy("", 0, today),
        Vacancy("", 1, today - timedelta(days=9)),
        Vacancy("", 2, today, free_from=soon, sex="girls", youngest=10, oldest=14),
        Vacancy("", 1, today - timedelta(days=2)),
    )
    fit = [one for one in homes if may_say(one.places)]
    with writing(place.node.node_db) as connection, reading(place.node.replica) as replica:
        say(
            connection,
            replica,
            place.node,
            place.people[Role.PROVIDER],
            {home.urn: replace(one, urn=home.urn) for home, one in zip(fit, said, strict=False)},
        )


def give_diligence(place: Place) -> None:
    """A policy that ends soon, and one that waits to be checked, once for all authorities."""
    who, today = place.people[Role.PROVIDER], london_day(place.node.now())
    items = (
        Facts(
            "employers-liability-insurance",
            "Example Mutual (made up)",
            "MADE-UP 1",
            today - timedelta(days=345),
            today + timedelta(days=20),
        ),
        Facts("safeguarding-policy", "The provider (made up)", None, today - timedelta(days=60)),
    )
    with writing(place.node.node_db) as connection:
        subject = subjects(connection, place.node, who)[0]
        for facts in items:
            enter(connection, place.node, who, subject, facts)


def write_of_homes(place: Place) -> None:
    """What two homes say of themselves, handed in by their staff, here and in another area: with
    a children's guide and a full document, which is a blank page.
    """
    who, today = place.people[Role.PROVIDER], london_day(place.node.now())
    with writing(place.node.node_db) as connection:
        homes = homes_run(connection, place.node, who)
        for home in (homes[0], homes[-1]):
            said = Profile(
                home.urn,
                home.authority,
                Source(PROVIDER_SOURCE, today),
                "A made-up home that has begun to offer art therapy, and says so.",
                answers=(Answer("art-therapy", "yes"),),
            )
            hand_in_own(connection, place.node, who, home, said)
            save_guide(connection, place.node, who, desk_of(home), _GUIDE)
    hand_in_guide(place.node, who, homes[-1].claim)
    paper = BytesIO()
    blank = PdfWriter()
    blank.add_blank_page(595, 842)
    blank.write(paper)
    hand_in_document(place.node, who, homes[-1].claim, paper.getvalue())
