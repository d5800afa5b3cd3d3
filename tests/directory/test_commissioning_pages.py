"""The pages of what authorities want: written in a form, checked, released, read by everybody."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.security.rights.roles import Role
from federation import sequence
from protocols.commissioning import Demand, Framework, NeedTotal, Planned
from tests.directory.people import form_token, signed_in
from tests.directory.visiting import HOSTILE, row, words_of
from tests.directory.worlds import KENT, LEEDS, LEWISHAM, Consortium, consortium, wants

EDIT = f"/authorities/{KENT}/commissioning"
ATOM = "{http://www.w3.org/2005/Atom}"
ANSWERS = {
    "referrals-name": "Placements team",
    "referrals-email": "placements@kent.example",
    "referrals-telephone": "01632 960200",
    "notices-name": "Duty desk",
    "notices-email": "notices@kent.example",
    "statement-title": "Homes for children in Kent",
    "statement-address": "https://www.kent.example/2026-05-17/statement.pdf",
    "statement-dated-day": "12",
    "statement-dated-month": "1",
    "statement-dated-year": "2026",
    "frameworks-1-name": "Small homes",
    "frameworks-1-purpose": "Homes for up to three children",
    "frameworks-1-joining": "Answer the questionnaire\r\non the portal.",
    "frameworks-1-closes-day": "31",
    "frameworks-1-closes-month": "1",
    "frameworks-1-closes-year": "2029",
    "frameworks-1-open_list": "yes",
    "calendar-1-what": "Meeting of providers",
    "calendar-1-on-day": "14",
    "calendar-1-on-month": "4",
    "calendar-1-on-year": "2027",
    "demand-since-day": "1",
    "demand-since-month": "4",
    "demand-since-year": "2026",
    "demand-until-day": "31",
    "demand-until-month": "3",
    "demand-until-year": "2027",
    "demand-autism": "33",
    "demand-self-harm": "4",
    "demand-missing": "<5",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Consortium]:
    with consortium(tmp_path, {}) as one:
        yield one


@pytest.fixture
def app(world: Consortium) -> Flask:
    return create_app(world.reader)


@pytest.fixture
def officer(app: Flask) -> FlaskClient:
    return signed_in(app, Role.COMMISSIONER, KENT, name="Ada Author")


def send(client: FlaskClient, step: str, **changes: str) -> TestResponse:
    token = form_token(client, EDIT)
    return client.post(EDIT, data={**ANSWERS, **changes, "step": step, "csrf_token": token})


def published(world: Consortium) -> None:
    """As the worker does."""
    sequence(world.reader)
    world.follow_all(world.reader, ["kent-node"])


def test_an_officer_says_it_another_releases_it_and_everybody_reads_it(
    world: Consortium, app: Flask, officer: FlaskClient
) -> None:
    check = send(officer, "check")
    assert check.status_code == 200
    assert row(check, "How to join") == "Answer the questionnaire on the portal."
    shown = words_of(check)
    assert "Autism 35" in shown
    assert "Self-harm Fewer than 5" in shown
    assert "Going missing Fewer than 5" in shown
    answer = send(officer, "publish")
    assert (answer.status_code, answer.location) == (303, f"{EDIT}/waiting")
    assert "waits for release" in words_of(officer.get(answer.location))
    assert "has not said yet" in words_of(officer.get(f"/commissioning/{KENT}"))
    assert "Ada Author handed in on" in words_of(officer.get(EDIT))

    reader = signed_in(app, Role.COMMISSIONER, KENT, name="Bea Reader")
    waiting = f"/authorities/{KENT}/releases"
    page = reader.get(waiting)
    assert "What Kent wants" in words_of(page)
    assert "Framework 1: how to join Nothing yet Answer the questionnaire" in words_of(page)
    number = page.text.partition(f"{waiting}/")[2].partition("/")[0]
    token = form_token(reader, waiting)
    reader.post(f"{waiting}/{number}/release", data={"csrf_token": token})
    published(world)

    provider = signed_in(app, Role.PROVIDER, KENT)
    shown = words_of(provider.get(f"/commissioning/{KENT}"))
    for said in ("01632 960200", "Homes for children in Kent", "Open list", "14 April 2027"):
        assert said in shown
    assert "Change what Kent says" not in shown
    overview = words_of(provider.get("/commissioning"))
    assert "31 January 2029 Small homes Homes for up to three children Open Kent" in overview
    assert "Autism 35" in overview
    # Days and numbers alone need nobody.
    assert send(officer, "publish", **{"demand-autism": "41"}).location == f"{EDIT}/published"
    published(world)
    assert "Autism 40" in words_of(provider.get(f"/commissioning/{KENT}"))
    assert send(officer, "publish", **{"demand-autism": "41"}).location == f"{EDIT}/unchanged"


def test_what_is_wrong_stands_beside_its_field_and_everything_else_stays(
    officer: FlaskClient,
) -> None:
    wrong = {
        "referrals-email": "somebody at kent",
        "notices-name": "",
        "statement-address": "javascript:alert(1)",
        "frameworks-1-closes-month": "13",
        "calendar-1-on-year": "",
        "demand-autism": "about ten",
        "frameworks-1-purpose": HOSTILE,
    }
    answer = send(officer, "check", **wrong)
    assert answer.status_code == 400
    for field, said in (
        ("referrals-email", "Enter an email address in the correct format for referrals"),
        ("notices-name", "Enter the name of the team for notices"),
        ("statement-address", "Enter a web address that begins with https://"),
        ("frameworks-1-closes-day", "Day on which it closes must be a real date"),
        ("calendar-1-on-day", "Day must include a year"),
        ("demand-autism", "Number of children must be a whole number"),
    ):
        assert f'href="#{field}"' in answer.text, field
        assert said in words_of(answer)
    assert 'value="somebody at kent"' in answer.text
    assert 'value="Homes for children in Kent"' in answer.text
    assert HOSTILE not in answer.text
    assert "<script>alert" not in answer.text


def test_words_that_must_not_be_published_are_refused_beside_their_field(
    officer: FlaskClient,
) -> None:
    changes = {
        "frameworks-2-name": "For the boy of 17/05/2012",
        "frameworks-2-purpose": "A home",
        "frameworks-2-joining": "Ask",
        "frameworks-1-name": "",
        "frameworks-1-purpose": "",
        "frameworks-1-joining": "",
        "frameworks-1-open_list": "",
        **{f"frameworks-1-closes-{part}": "" for part in ("day", "month", "year")},
    }
    answer = send(officer, "publish", **changes)
    assert answer.status_code == 400
    assert 'href="#frameworks-2-name"' in answer.text
    assert "which may be a child" in words_of(answer)
    assert 'value="For the boy of 17/05/2012"' in answer.text


def test_more_is_added_and_taken_away_without_a_script(officer: FlaskClient) -> None:
    answer = send(officer, "add-frameworks")
    assert answer.status_code == 200
    assert 'name="frameworks-2-name"' in answer.text
    assert 'name="frameworks-3-name"' not in answer.text
    more = {"frameworks-2-name": "Block beds", "frameworks-3-name": "Third"}
    answer = send(officer, "remove-frameworks-2", **more)
    assert 'name="frameworks-2-name" type="text" value="Third"' in answer.text
    assert "Block beds" not in answer.text
    same = {f"frameworks-2-{name}": "Small homes" for name in ("name", "purpose", "joining")}
    answer = send(officer, "check", **same)
    assert 'href="#frameworks-2-name"' in answer.text
    assert "Small homes stands above already" in words_of(answer)
    for nonsense in ("remove-frameworks-99", "add-homes", "remove-calendar-0", "x" * 5000):
        assert send(officer, nonsense).status_code == 200
    many = {f"calendar-{n}-what": "Meeting" for n in range(60)}
    assert 'name="calendar-41-what"' not in send(officer, "add-calendar", **many).text


def test_a_form_that_is_too_long_is_refused(officer: FlaskClient) -> None:
    long = {
        f"frameworks-{n}-{field}": text
        for n in range(1, 21)
        for field, text in (("name", f"List {n}"), ("purpose", "Homes"), ("joining", "Ask. " * 790))
    }
    answer = send(officer, "publish", **long)
    assert answer.status_code == 400
    assert "All together it is too long" in words_of(answer)
    assert officer.post(EDIT, data={"referrals-name": "x" * 600_000}).status_code in (400, 413)


def test_nothing_said_yet_is_said_in_words(app: Flask) -> None:
    visitor = signed_in(app, Role.DUTY_OFFICER, KENT)
    shown = words_of(visitor.get("/commissioning"))
    assert "No authority has said yet what it wants" in shown
    assert "Leeds has not said yet what it wants" in words_of(
        visitor.get(f"/commissioning/{LEEDS}")
    )
    for nonsense in ("E99999999", "x", "%00", "e10000016", "..%2f"):
        assert visitor.get(f"/commissioning/{nonsense}").status_code == 404


def test_the_overview_is_narrowed_to_a_region(world: Consortium, app: Flask) -> None:
    closes = Framework("Small homes", "Homes", "Ask", closes=date(2027, 1, 1))
    planned = (Planned("Meeting", date(2027, 2, 1)),)
    period = date(2026, 4, 1), date(2027, 3, 31)
    told = Demand(*period, (NeedTotal("autism"), NeedTotal("missing", 5)))
    world.say("leeds-node", wants(LEEDS, frameworks=(closes,), calendar=planned, demand=told))
    world.say("lewisham-node", wants(LEWISHAM, demand=told))
    visitor = signed_in(app, Role.COMMISSIONER, KENT)
    london = words_of(visitor.get("/commissioning?region=London"))
    assert "None has a closing day from today on" in london
    assert "Lewisham London" in london
    assert "Leeds" not in london
    assert "Autism Fewer than 5" in london
    assert "No authority in Wales has said" in words_of(visitor.get("/commissioning?region=Wales"))
    for nonsense in ("x", "London&region=Wales", "%00", "%F0%9F%98%80"):
        assert visitor.get(f"/commissioning?region={nonsense}").status_code == 200


def test_the_feed_is_open_to_every_reader_and_says_what_is_public(
    world: Consortium, app: Flask
) -> None:
    anybody = app.test_client()
    empty = ET.fromstring(anybody.get("/commissioning.atom").data)
    assert empty.findall(f"{ATOM}entry") == []
    closes = Framework(HOSTILE, "Homes", "Ask", closes=date(2027, 1, 1))
    world.say("leeds-node", wants(LEEDS, frameworks=(closes,)))
    answer = anybody.get("/commissioning.atom", headers={"Host": "evil.example"})
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert "Set-Cookie" not in answer.headers
    assert "evil.example" not in answer.text
    (entry,) = ET.fromstring(answer.data).findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Leeds: as at 2 November 2026"
    summary = entry.findtext(f"{ATOM}summary") or ""
    assert "closes on 1 January 2027" in summary
    assert "<script" not in summary  # which readers show as HTML
    known = {"If-None-Match": answer.headers["ETag"]}
    assert anybody.get("/commissioning.atom", headers=known).status_code == 304
    world.say("leeds-node", wants(LEEDS, as_at=date(2026, 11, 5)))
    again = anybody.get("/commissioning.atom", headers=known)
    assert again.status_code == 200
    (changed,) = ET.fromstring(again.data).findall(f"{ATOM}entry")
    assert changed.findtext(f"{ATOM}id") == entry.findtext(f"{ATOM}id")
