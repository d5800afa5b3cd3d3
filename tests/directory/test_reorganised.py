"""Authorities that were merged or divided: what followed, what waits for people, what is said."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from directory.app import create_app
from directory.choosing.shortlists.models import shortlist
from directory.homes.errors import NoSuchPlace
from directory.homes.models import home, quarantine
from directory.homes.nearness import find_origin
from directory.homes.reconsidering import Reconsider
from directory.providers.documents.keeping import keep_cleaned
from directory.providers.guides.links import make_link
from directory.providers.guides.writing import Guide, Person, save_guide
from directory.providers.statements.desks import Desk
from directory.providers.statements.drafts import Draft, keep_draft
from directory.providers.vouching.following import FollowMergers
from directory.providers.vouching.models import home_claim, provider_home
from directory.records.publishing.service import reference_of
from directory.records.release.held import hold_back
from directory.records.release.service import release
from directory.security.audit.models import audit_row
from directory.security.people.models import role_grant
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import Node, OwnLog, follow, reading, sequence, stage, writing
from protocols.records import encode_record
from tests.directory.people import carrying, make_person, session_for, signed_in
from tests.directory.providers import OURS, claim
from tests.directory.visiting import words_of
from tests.directory.worlds import NOW, a_home, says, serving

POOLE, TODAY, CUMBRIA, CUMBERLAND = "E06000029", "E06000058", "E10000006", "E06000063"
SERVED = {TODAY: "Bournemouth, Christchurch and Poole", CUMBERLAND: "Cumberland"}
ACORN = "Acorn Care Ltd"
TOLD, CALL = ("care", "support", "complaints", "advocacy"), Person("Bea", "01632 960111")
MERGED, DIVIDED = "SC100001", "SC100002"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """It serves what Poole was merged into, and one of the two that Cumbria was divided into."""
    with serving(tmp_path, SERVED) as one:
        records = [
            a_home(MERGED, authority=POOLE, name="Rowan House", provider=ACORN),
            says(MERGED, POOLE, autism="yes"),
            a_home(DIVIDED, authority=CUMBRIA, name="Elm House", provider=ACORN),
        ]
        with writing(one.node_db) as connection:
            stage(connection, one, ((reference_of(it), encode_record(it)) for it in records))
        sequence(one)
        follow(one, one.member, OwnLog(one.node_db))
        yield one


@pytest.fixture
def app(node: Node) -> Flask:
    return create_app(node)


def test_a_home_and_its_profile_stand_in_the_authority_that_theirs_was_merged_into(
    app: Flask, node: Node
) -> None:
    officer = signed_in(app, Role.COMMISSIONER, TODAY)
    found = words_of(officer.get(f"/homes?authority={TODAY}&words=autism"))
    assert "1 home" in found
    assert "Rowan House" in found
    with writing(node.replica) as connection:  # as an older version had it, before the merger
        connection.execute(update(home).values(authority=POOLE, authority_name="Poole"))
    Reconsider()(node)
    with reading(node.replica) as connection:
        row = connection.execute(select(home.c.authority, home.c.authority_name)).one()
    assert tuple(row) == (TODAY, SERVED[TODAY])


def test_a_home_of_a_divided_authority_waits_and_its_claim_says_for_whom(
    app: Flask, node: Node
) -> None:
    said = (
        "Cumbria ended on 31 March 2023. Cumberland or Westmorland and Furness answers for its "
        "area today"
    )
    with reading(node.replica) as connection:
        (why,) = connection.scalars(select(quarantine.c.detail))
    assert why == f"{said}."
    Reconsider()(node)  # which changes nothing of it, and may be done at every start
    staff = carrying(app, session_for(node, make_person(node, (Role.PROVIDER, TODAY))))
    answer = claim(staff, DIVIDED)
    assert answer.status_code == 400
    assert f"{DIVIDED} is published as standing in Cumbria. {said}; one of them" in words_of(answer)
    assert f'value="{DIVIDED}"' in answer.text, "what was typed is kept"


def test_claims_and_staff_follow_a_merger_and_the_roles_of_officers_do_not(
    app: Flask, node: Node
) -> None:
    staff = make_person(node, (Role.PROVIDER, POOLE))
    both = make_person(node, (Role.PROVIDER, POOLE), (Role.PROVIDER, TODAY))
    officer = make_person(node, (Role.COMMISSIONER, POOLE))
    with writing(node.node_db) as connection:
        common = {
            "provider": ACORN,
            "urn": MERGED,
            "authority": POOLE,
            "state": "confirmed",
            "asked_by": "Sam",
            "asked_at": NOW,
            "through": POOLE,
        }
        connection.execute(insert(provider_home).values(**common, id="a" * 32))
        connection.execute(insert(home_claim).values(**common, id="a" * 32, number="b" * 32))
    browser = carrying(app, session_for(node, staff))
    assert "Rowan House" not in words_of(browser.get(OURS))
    FollowMergers()(node)
    FollowMergers()(node)
    ours = words_of(carrying(app, session_for(node, staff)).get(OURS))
    assert "Rowan House" in ours
    assert f"{SERVED[TODAY]} Yours" in ours
    page = signed_in(app, Role.COMMISSIONER, TODAY).get(f"/authorities/{TODAY}/providers")
    assert "Rowan House, URN SC100001" in words_of(page)
    with reading(node.node_db) as connection:
        held = connection.execute(
            select(role_grant.c.person, role_grant.c.authority).where(
                role_grant.c.person.in_([both, officer])
            )
        ).all()
        rows = connection.scalars(
            select(audit_row.c.detail).where(audit_row.c.action == "follow a merger of authorities")
        ).all()
    assert set(map(tuple, held)) == {(both, TODAY), (officer, POOLE)}
    assert rows == [f"what providers have with {POOLE}, and what is kept of its homes"]


def test_what_is_kept_of_homes_follows_a_merger_and_can_be_used_as_before(
    app: Flask, node: Node
) -> None:
    ada, desk = operator("ada"), Desk(POOLE, MERGED)
    said = "We sing, quillfeather."
    listed = shortlist.insert().values(
        id="c" * 32, authority=POOLE, weighed=b"", made_by="Ada", made_at=NOW
    )
    with writing(node.node_db) as connection:
        keep_draft(connection, node, ada, desk, Draft(sections={"ethos": said}))
        save_guide(
            connection, node, ada, desk, Guide(dict.fromkeys(TOLD, "We listen."), CALL, CALL)
        )
        token = make_link(connection, node, ada, desk)
        waits = msgspec.structs.replace(says(MERGED, POOLE), summary="They wait.")
        number = hold_back(connection, node, ada, waits, None)
        keep_cleaned(connection, node, ada, POOLE, MERGED, "application/pdf", b"%PDF-")
        connection.execute(listed)
    FollowMergers()(node)
    officer = signed_in(app, Role.COMMISSIONER, TODAY)
    there = f"/authorities/{TODAY}/statements/{MERGED}"
    assert said in officer.get(f"{there}/sections/ethos").text
    assert "We listen." in officer.get(f"{there}/guide").text
    assert "We listen." in words_of(app.test_client().get(f"/guides/{token}"))
    assert "A PDF is kept" in words_of(officer.get(f"{there}/document"))
    with writing(node.node_db) as connection:
        released = release(connection, node, operator("bea"), TODAY, number)
        assert connection.scalar(select(shortlist.c.authority)) == TODAY
    assert released.authority == TODAY


def test_what_was_written_for_a_divided_authority_says_what_became_of_it(
    app: Flask, node: Node
) -> None:
    staff = make_person(node, (Role.PROVIDER, TODAY))
    with writing(node.node_db) as connection:
        connection.execute(
            insert(provider_home).values(
                id="d" * 32,
                through=TODAY,
                provider=ACORN,
                urn=DIVIDED,
                authority=CUMBRIA,
                state="confirmed",
                asked_by="Sam",
                asked_at=NOW,
            )
        )
    FollowMergers()(node)
    page = words_of(carrying(app, session_for(node, staff)).get(f"{OURS}/{'d' * 32}"))
    assert "Cumbria ended on 31 March 2023. Cumberland or Westmorland and Furness answers" in page
    assert "what waited there is decided by nobody any more" in page


@pytest.mark.parametrize("typed", ["Cumbria", "cumbria county council", CUMBRIA])
def test_a_search_near_a_former_authority_says_which_there_are(typed: str) -> None:
    with pytest.raises(NoSuchPlace, match="Cumberland or Westmorland and Furness answers for"):
        find_origin(typed)
