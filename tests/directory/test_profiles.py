"""What a home says that it offers: published beside the home, found, shown, written down."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace
from sqlalchemy import delete, update

from directory.app import create_app
from directory.country.codes.service import code_list
from directory.homes.models import profile, quarantine
from directory.homes.query import SearchQuery
from directory.homes.reconsidering import Reconsider
from directory.homes.service import Results, home_claims, search
from directory.providers.profiles import schemas
from directory.records.publishing.withdrawing import erase_record, retire_record
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import Node, finish_erasure, reading, sequence, writing
from tests.databases import Databases
from tests.directory.command_line import succeed
from tests.directory.people import form_token, signed_in
from tests.directory.visiting import row, words_of
from tests.directory.worlds import KENT, LEEDS, Consortium, a_home, consortium, described, says

HOME = a_home("SC100001", name="Rowan House", description=described("Calm.", "autism"))
PROFILE = says("SC100001", adhd="yes", missing="partly", step_down="no", later_code="yes")
PAGE = f"/authorities/{KENT}/homes/SC100001/profile"
both = pytest.mark.both_databases


def ask(node: Node, **query: str) -> Results:
    with reading(node.replica) as connection:
        return search(connection, SearchQuery(**query))  # type: ignore[arg-type]


def found(node: Node, **query: str) -> list[str]:
    return [one.record.urn for one in ask(node, **query).homes]


@both
@pytest.mark.parametrize("order", ["home first", "profile first", "together"])
def test_a_home_is_found_by_its_profile_whichever_came_first(
    tmp_path: Path, database: Databases, order: str
) -> None:
    parts = {"home first": [[HOME], [PROFILE]], "profile first": [[PROFILE], [HOME]]}
    with consortium(tmp_path, {}, database) as one:
        for part in parts.get(order, [[HOME, PROFILE]]):
            one.publish("kent-node", part)
            one.follow_all(one.reader)
        for query in ({"need": "adhd"}, {"need": "missing"}, {"words": "hyperactivity"}):
            assert found(one.reader, **query) == ["SC100001"]
        # The profile is read in place of the description, and what it does not offer is no word.
        for query in ({"need": "autism"}, {"offer": "step-down"}, {"words": "calm"}):
            assert found(one.reader, **query) == []
        results = ask(one.reader, profile="Described")
        assert results.counts["need"] == {"adhd": 1, "missing": 1}
        assert results.counts["offer"] == {"later-code": 1}


@both
def test_a_profile_that_is_retired_or_erased_leaves_the_home(
    tmp_path: Path, database: Databases
) -> None:
    bare, operating = a_home("SC100002"), operator("ada")
    told = (says("SC100001", adhd="yes"), says("SC100002", adhd="yes"))
    with consortium(tmp_path, {"kent-node": [HOME, bare, *told]}, database) as one:
        node = one.reader
        with writing(node.node_db) as connection:
            retire_record(connection, node, operating, "profile/SC100001", "It is wrong.")
        with writing(node.node_db) as connection:
            named = erase_record(connection, node, operating, "profile/SC100002", "It is wrong.")
        finish_erasure(node, named)
        sequence(node)
        one.follow_all(node)
        assert found(node, need="adhd") == []
        assert found(node, need="autism") == ["SC100001"]
        assert found(node, profile="Not yet described") == ["SC100002"]


def test_with_a_home_its_profile_is_erased(tmp_path: Path) -> None:
    with consortium(tmp_path, {"kent-node": [HOME, PROFILE]}) as one:
        node = one.reader
        with writing(node.node_db) as connection:
            named = erase_record(connection, node, operator("ada"), "home/SC100001", "A mistake.")
        assert len(named) == 2
        finish_erasure(node, named)
        sequence(node)
        one.follow_all(node)
        assert found(node) == []


def test_a_profile_of_another_s_area_or_in_another_log_says_nothing(tmp_path: Path) -> None:
    abroad = says("SC100001", KENT, adhd="yes")
    own = says("SC100001", LEEDS, adhd="yes")
    with consortium(tmp_path, {"kent-node": [HOME], "leeds-node": [abroad]}) as one:
        assert found(one.reader, need="adhd") == []
        one.publish("leeds-node", [own])
        one.follow_all(one.reader)
        assert found(one.reader, need="adhd") == []


def test_a_profile_that_an_older_release_kept_unread_counts_after_the_upgrade(
    tmp_path: Path,
) -> None:
    with consortium(tmp_path, {"kent-node": [HOME]}) as one:
        node = one.reader
        one.publish("kent-node", [replace(PROFILE, authority=LEEDS)])
        one.follow_all(node)
        with writing(node.replica) as connection:  # as the older release noted it
            connection.execute(update(quarantine).values(reason="UnknownSchema", detail=""))
            connection.execute(delete(profile))
        Reconsider()(node)
        assert found(node, need="adhd") == []  # it is out of its author's area still
        one.publish("kent-node", [PROFILE])
        one.follow_all(node)
        assert found(node, need="adhd") == ["SC100001"]


def test_what_is_not_described_is_a_state_and_never_a_no(tmp_path: Path) -> None:
    silent = a_home("SC100002")
    with consortium(tmp_path, {"kent-node": [HOME, silent, PROFILE]}) as one:
        results = ask(one.reader, need="adhd")
        assert (results.urns, results.undescribed) == (1, 1)
        assert ask(one.reader).counts["profile"] == {"Described": 1, "Not yet described": 1}
        visitor = signed_in(create_app(one.reader), Role.COMMISSIONER)
        shown = words_of(visitor.get("/homes/SC100002"))
        assert "Not yet described" in shown
        assert "does not mean that it cannot" in shown


def test_each_part_of_a_home_says_from_which_record_and_how_old(tmp_path: Path) -> None:
    with consortium(tmp_path, {"kent-node": [HOME, PROFILE]}) as one:
        visitor = signed_in(create_app(one.reader), Role.COMMISSIONER)
        answer = visitor.get("/homes/SC100001")
        shown = words_of(answer)
        assert "as at 31 March 2025, 19 months ago" in shown
        assert "as at 1 November 2026, 19 days ago. Published by kent-node" in shown
        needs = row(answer, "Needs")
        assert needs.startswith("Attention deficit hyperactivity disorder Going missing (in part)")
        assert "Not offered: Step-down" in row(answer, "Arrangements")
        assert row(answer, "Therapies") == "Nothing said"
        assert "later-code (not in this node’s list)" in row(answer, "Other answers")


# --- Writing it down ------------------------------------------------------------------------------


def filled(visitor: FlaskClient, **typed: str) -> dict[str, str]:
    return {"csrf_token": form_token(visitor, PAGE), **typed}


@pytest.fixture
def kent(tmp_path: Path) -> Iterator[Consortium]:
    with consortium(tmp_path, {"kent-node": [HOME]}) as one:
        yield one


def test_answers_are_published_at_once_and_words_wait_for_somebody_else(kent: Consortium) -> None:
    visitor = signed_in(create_app(kent.reader), Role.COMMISSIONER)
    typed = {"met-adhd": "yes", "youngest": "8", "oldest": "14"}
    sent = visitor.post(PAGE, data=filled(visitor, **typed))
    assert sent.status_code == 303
    assert sent.location.endswith("done=published")
    sequence(kent.reader)
    kent.follow_all(kent.reader)
    assert found(kent.reader, need="adhd") == ["SC100001"]
    typed = {"met-adhd": "no", "words-therapy": "We sing."}
    sent = visitor.post(PAGE, data=filled(visitor, **typed))
    assert sent.location.endswith("done=waiting")
    sequence(kent.reader)
    kent.follow_all(kent.reader)
    assert found(kent.reader, need="adhd") == ["SC100001"]
    again = visitor.get(PAGE)
    assert "waits for release" in words_of(again)
    assert "We sing." in again.text
    waiting = words_of(visitor.get(f"/authorities/{KENT}/releases"))
    assert "What URN SC100001 offers" in waiting
    assert "More about: Therapies Nothing yet We sing." in waiting


MISTAKES = {
    "youngest": ({"youngest": "1_0", "oldest": "11"}, "Youngest age must be a whole number"),
    "oldest": ({"youngest": "15", "oldest": "9"}, "Oldest age must not be below the youngest"),
    "qualified": ({"staff": "3", "qualified": "4"}, "Qualified must not be more than care staff"),
    "met-adhd": ({"met-adhd": "perhaps"}, "choose an answer from the list"),
    "summary": ({"summary": "The boy was born on 3 March 2012."}, "Characters"),
    "words-need": ({"words-need": "x" * 4001}, "Write 4,000 characters or fewer"),
}


def test_a_mistake_is_named_beside_its_field_and_the_rest_is_kept(kent: Consortium) -> None:
    visitor = signed_in(create_app(kent.reader), Role.COMMISSIONER)
    for name, (typed, said) in MISTAKES.items():
        sent = filled(visitor, **{"words-faith": "As each wishes.", **typed})
        answer = visitor.post(PAGE, data=sent)
        assert answer.status_code == 400
        assert said in words_of(answer)
        assert "As each wishes." in answer.text
        assert f'href="#{name}"' in answer.text


def test_a_home_that_this_node_does_not_publish_has_no_such_page(kent: Consortium) -> None:
    visitor = signed_in(create_app(kent.reader), Role.COMMISSIONER)
    assert visitor.get(f"/authorities/{KENT}/homes/SC999999/profile").status_code == 404


def test_what_is_written_comes_back_as_it_was(kent: Consortium) -> None:
    visitor = signed_in(create_app(kent.reader), Role.COMMISSIONER)
    typed = {"met-dbt": "partly", "by-dbt": "health-service", "sex": "girls", "staff": "9"}
    visitor.post(PAGE, data=filled(visitor, **typed))
    sequence(kent.reader)
    kent.follow_all(kent.reader)
    with reading(kent.reader.replica) as connection:
        (claim,) = home_claims(connection, "SC100001")
    assert schemas.written(claim.said) == typed


# --- The code list --------------------------------------------------------------------------------


def test_every_code_stands_once_in_a_group_and_fits_its_form() -> None:
    known = code_list()
    codes = [one.code for one in known.codes]
    assert len(set(codes)) == len(codes) <= 300
    assert {one.group for one in known.codes} == {one.code for one in known.groups}
    every = says("SC100001", **{code.replace("-", "_"): "yes" for code in codes})
    assert len(every.answers) == len(codes)


def test_anybody_may_read_the_code_list(kent: Consortium) -> None:
    answer = create_app(kent.reader).test_client().get("/api/v1/codes")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert json.loads(answer.data) == succeed("codes")
