"""Due diligence once: given by a provider, checked by an authority, relied on by the others, and
what nobody gets past.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.providers.diligence.models import check, diligence_item
from directory.providers.diligence.presenters import validity
from directory.providers.vouching.models import provider_home
from directory.security.audit.models import audit_row
from directory.security.rights.roles import Role
from directory.security.rights.table import Action
from federation import Node, OwnLog, follow, reading, sequence, writing
from protocols.diligence import Check
from tests.databases import Databases
from tests.directory.people import signed_in
from tests.directory.providers import send, staff_of
from tests.directory.visiting import HOSTILE, words_of
from tests.directory.worlds import KENT, LEEDS, NOW, Consortium, a_home, consortium

OURS = "/our-homes/due-diligence"
CHECKS = f"/authorities/{KENT}/due-diligence"
URN, THEIRS = "SC100001", "SC100002"
ACORN = "Acorn Care Ltd"
HOMES = {
    "kent-node": [
        a_home(URN, name="Rowan House", provider="ACORN CARE LIMITED"),
        a_home(THEIRS, provider="Birch Homes Ltd"),
    ]
}
WHY = "The certificate names another company"
TYPED = {
    "kind": "public-liability-insurance",
    "issuer": "Hartwell Mutual",
    "reference": "PL/204-77",
    "valid_until-day": "31",
    "valid_until-month": "1",
    "valid_until-year": "2027",
}


@dataclass
class Office:
    """Kent, where the provider's staff have their accounts; and Leeds, which relies on Kent."""

    one: Consortium
    app: Flask
    staff: FlaskClient
    officer: FlaskClient
    leeds: FlaskClient

    @property
    def node(self) -> Node:
        return self.one.reader

    def give(self, at: str = OURS, urn: str = "", **typed: str) -> TestResponse:
        about = f"{KENT}/{urn}/{ACORN}"
        return send(self.staff, at, OURS, **{"about": about, **TYPED, **typed})

    def item(self) -> str:
        with reading(self.node.node_db) as connection:
            return str(connection.scalars(select(diligence_item.c.id)).all()[-1])

    def seen(self) -> str:
        return re.findall('name="seen" value="([0-9a-f]+)"', self.officer.get(CHECKS).text)[-1]

    def decide(self, outcome: str, **typed: str) -> TestResponse:
        fields = {"outcome": outcome, "seen": self.seen(), **typed}
        return send(self.officer, f"{CHECKS}/{self.item()}", CHECKS, **fields)

    def publish(self) -> None:
        """Into Kent's log, and from there to Kent's and Leeds' own tables."""
        sequence(self.node)
        for reader in (self.node, self.one.nodes["leeds-node"]):
            follow(reader, self.node.member, OwnLog(self.node.node_db))

    def relied_on(self) -> str:
        """What Leeds sees of the provider."""
        return words_of(self.leeds.get("/due-diligence?provider=acorn+care+limited"))


@pytest.fixture
def office(tmp_path: Path, database: Databases) -> Iterator[Office]:
    with consortium(tmp_path, HOMES, database) as one:
        one.follow_all(one.nodes["leeds-node"])
        app = create_app(one.reader)
        officer = signed_in(app, Role.COMMISSIONER, KENT, name="Olu Officer")
        leeds = signed_in(create_app(one.nodes["leeds-node"]), Role.COMMISSIONER, LEEDS)
        yield Office(one, app, staff_of(app, one.reader), officer, leeds)


@pytest.mark.both_databases
def test_what_one_authority_has_checked_another_relies_on(office: Office) -> None:
    assert office.give().status_code == 303
    assert "Waits to be checked" in words_of(office.staff.get(OURS))
    assert "1 to check" in words_of(office.officer.get("/"))
    assert office.decide("in-order").status_code == 303
    office.publish()
    said = "Checked by Kent on 20 November 2026, valid until 31 January 2027"
    assert said in office.relied_on()
    home = words_of(office.leeds.get(f"/homes/{URN}"))
    assert f"Public liability insurance, of the provider {said} Hartwell Mutual, PL/204-77" in home
    assert said not in words_of(office.leeds.get(f"/homes/{THEIRS}"))
    assert "In order" in words_of(office.staff.get(OURS))
    with reading(office.node.node_db) as connection:
        rows = connection.execute(select(audit_row.c.action, audit_row.c.detail)).all()
    assert (Action.GIVE_DILIGENCE, Action.CHECK_DILIGENCE) == tuple(row.action for row in rows[-2:])
    assert rows[-1].detail == f"public-liability-insurance of {ACORN}: in-order"


def test_no_name_of_a_person_and_no_reason_leaves_the_authority(office: Office) -> None:
    office.give()
    office.decide("not-in-order", reason=WHY)
    office.publish()
    shown = office.relied_on()
    assert "Checked, and not in order, by Kent on 20 November 2026" in shown
    assert WHY not in shown
    assert "Olu" not in shown
    with reading(office.one.nodes["leeds-node"].replica) as connection:
        assert connection.scalar(select(check.c.authority)) == KENT
    assert WHY in words_of(office.staff.get(OURS))


def test_a_check_is_corrected_and_taken_back_with_a_reason(office: Office) -> None:
    office.give()
    office.decide("in-order")
    assert office.decide("withdrawn").status_code == 400
    assert office.decide("withdrawn", reason=WHY).status_code == 303
    office.publish()
    assert "Check withdrawn by Kent on 20 November 2026" in office.relied_on()
    assert "valid until" not in office.relied_on()
    office.decide("in-order")
    office.publish()
    assert "Checked by Kent" in office.relied_on()
    assert "withdrawn" not in office.relied_on()


def test_what_is_renewed_waits_again_and_the_earlier_check_stands_until_then(
    office: Office,
) -> None:
    office.give()
    office.decide("in-order")
    office.publish()
    renewed = {"valid_until-year": "2028", "reference": "PL/205"}
    assert office.give(f"{OURS}/{office.item()}", **renewed).status_code == 303
    assert "valid until 31 January 2027" in office.relied_on()
    office.decide("in-order")
    office.publish()
    assert "valid until 31 January 2028" in office.relied_on()
    assert "2027" not in office.relied_on()


def test_another_authority_checks_it_too_and_both_stand_beside_each_other(office: Office) -> None:
    with writing(office.node.node_db) as connection:
        connection.execute(provider_home.insert().values(**_confirmed()))
    assert office.give(urn=URN).status_code == 303
    office.decide("in-order")
    office.publish()
    page = "/due-diligence?provider=Acorn+Care+Ltd"
    seen = re.findall('name="seen" value="([0-9a-f]+)"', office.leeds.get(page).text)[0]
    there = f"/authorities/{LEEDS}/due-diligence/{office.item()}"
    fields = {"outcome": "in-order", "seen": seen, "then": "provider"}
    assert send(office.leeds, there, page, **fields).status_code == 303
    leeds = office.one.nodes["leeds-node"]
    sequence(leeds)
    follow(office.node, leeds.member, OwnLog(leeds.node_db))
    shown = words_of(office.officer.get(page))
    assert "Checked by Leeds" in shown
    assert "Checked by Kent" in shown
    assert "Rowan House, URN SC100001" in shown


def _confirmed() -> dict[str, object]:
    return {
        "id": "c" * 32,
        "through": KENT,
        "provider": ACORN,
        "urn": URN,
        "authority": KENT,
        "state": "confirmed",
        "asked_by": "Sam",
        "asked_at": NOW,
    }


def test_an_item_is_for_a_home_only_once_that_is_confirmed(office: Office) -> None:
    for urn in (URN, THEIRS):
        answer = office.give(urn=urn)
        assert answer.status_code == 400
        assert "a home that is confirmed as yours" in words_of(answer)
        assert "Hartwell Mutual" in answer.text, "the rest is kept"


def test_nobody_gives_for_another_provider_or_sees_what_was_found_of_one(office: Office) -> None:
    office.give()
    office.decide("in-order")
    office.publish()
    rival = staff_of(office.app, office.node, "Birch Homes Ltd")
    about = {"about": f"{KENT}//{ACORN}", **TYPED}
    assert send(rival, OURS, OURS, **about).status_code == 400
    at = f"{OURS}/{office.item()}"
    assert rival.get(at).status_code == 404
    mine = {"about": f"{KENT}//Birch Homes Ltd", **TYPED}
    assert send(rival, at, OURS, **mine).status_code == 409
    assert send(rival, f"{at}/back", OURS).status_code == 409
    assert "Hartwell" not in rival.get(OURS).text
    assert "Hartwell" not in rival.get(f"/homes/{URN}").text
    assert rival.get(f"/due-diligence?provider={ACORN}").status_code == 403


def test_what_was_changed_since_it_was_shown_is_not_checked_unseen(office: Office) -> None:
    office.give()
    seen = office.seen()
    office.give(f"{OURS}/{office.item()}", issuer="Another Mutual")
    answer = office.decide("in-order", seen=seen)
    assert answer.status_code == 400
    assert "has changed this item since" in words_of(answer)
    assert "Another Mutual" in words_of(answer)


def test_what_has_expired_is_never_in_order(office: Office) -> None:
    assert "It has expired" in words_of(office.give(**{"valid_until-year": "2025"}))
    office.give()
    with writing(office.node.node_db) as connection:
        over = office.node.now().date() - timedelta(days=1)
        connection.execute(diligence_item.update().values(valid_until=over))
    assert "It has expired, so it is not in order" in words_of(office.decide("in-order"))
    shown = words_of(office.staff.get("/"))
    assert "1 to be renewed, 1 expired" in shown


def test_what_must_not_be_published_is_refused_beside_its_field(office: Office) -> None:
    answer = office.give(issuer="Born on 3 May 2012", reference="x" * 61)
    assert answer.status_code == 400
    assert "Leave out characters" in words_of(answer)
    assert "60 characters or fewer" in words_of(answer)
    office.give(issuer=HOSTILE)
    for browser, page in ((office.staff, OURS), (office.officer, CHECKS)):
        assert "<script>alert" not in browser.get(page).text


def test_a_check_in_another_authoritys_name_is_set_aside(office: Office) -> None:
    record = Check(
        LEEDS, "0" * 32, ACORN, "accreditation", "ISO", date(2026, 5, 3), "commissioner", "in-order"
    )
    office.one.say("kent-node", record)
    office.publish()
    assert "No authority has published a check" in office.relied_on()


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (date(2026, 11, 19), ("expired on 19 November 2026", "red")),
        (date(2026, 11, 20), ("expires today, on 20 November 2026", "yellow")),
        (date(2026, 12, 19), ("expires in 29 days, on 19 December 2026", "yellow")),
        (date(2026, 12, 20), ("valid until 20 December 2026", "")),
        (None, ("without an end", "")),
    ],
)
def test_words_say_what_is_expired_and_what_soon_is(until: date, said: tuple[str, str]) -> None:
    assert validity(until, date(2026, 11, 20)) == said
