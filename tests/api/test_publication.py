"""No surface serves a field above its class.

Said twice. By the schemas: every field has a class, and no operation answers with one above what
its action may show. And by looking: a word stands in every text of every class, every route is
asked for by everybody, and no answer holds a word above what that route may show to them.
"""

import secrets
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from flask import Flask
from marshmallow import Schema
from sqlalchemy import Connection, insert
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from directory.access import API, TABLE
from directory.api.application import describe
from directory.api.document import document
from directory.app import create_app
from directory.notices.arriving import receive
from directory.notices.received import read_received
from directory.notices.sent import send_notice
from directory.oruk.identifiers import identifier
from directory.providers.documents.answering import take_asking
from directory.providers.guides.writing import Guide, save_guide
from directory.providers.handins.own import keep_draft as keep_own_draft
from directory.providers.statements.desks import Desk
from directory.providers.statements.drafts import Draft, keep_draft
from directory.providers.vouching.models import provider_home
from directory.records.release.service import hand_in
from directory.records.unredacted.models import unredacted
from directory.security.rights.principal import NOBODY, Grant, Principal, operator
from directory.security.rights.roles import WHOLE_NODE, Role, Scope
from directory.security.rights.service import may
from directory.security.rights.table import RIGHTS, Action
from directory.security.systems.service import register
from directory.security.vault.service import Vault
from federation import Node, writing
from protocols import commissioning, notices, records, statements
from protocols.commissioning import Commissioning
from protocols.documents import DocumentAsking
from protocols.messages import Message
from protocols.notices import Acknowledgement, Contact, Notice, encode_body
from protocols.publication import Publication
from protocols.records import Home
from tests.api.planted import Words
from tests.api.systems import SystemClient
from tests.directory.people import signed_in
from tests.directory.worlds import KENT, LEEDS, Consortium, a_statement, consortium

URN = "SC199999"
CLAIM = "c" * 32
SHOWN_TO_ITS_OWNER = {"api.token": Publication.AUTHORITY}
"""A token goes to the system itself, which proves who it is by more than the table asks for."""


# --- By the schemas -------------------------------------------------------------------------------


def schemas() -> Iterator[type[Schema]]:
    assert document()  # which loads everything that has one
    waiting = list(Schema.__subclasses__())
    while waiting:
        one = waiting.pop()
        waiting += one.__subclasses__()
        if one.__module__.startswith("directory."):
            yield one


def test_every_field_of_every_schema_has_a_class() -> None:
    classless = [
        f"{schema.__module__}.{schema.__name__}.{name}"
        for schema in schemas()
        for name, field in schema._declared_fields.items()
        if not isinstance(field.metadata.get("publication"), Publication)
    ]
    assert not classless


def test_every_closed_type_has_a_class_and_no_record_has_a_child_s() -> None:
    for module in (records, commissioning, statements, notices):
        for one in vars(module).values():
            if (
                isinstance(one, type)
                and issubclass(one, msgspec.Struct)
                and one.__module__ == module.__name__
                and not one.__name__.startswith("_")
            ):
                assert isinstance(one.publication, Publication), one  # type: ignore[attr-defined]
                if module is not notices:
                    assert one.publication.within(Publication.MEMBERS), one  # type: ignore[attr-defined]


def test_no_operation_answers_with_a_field_above_what_its_action_may_show() -> None:
    whole = document()
    for path, operations in whole["paths"].items():
        for method in set(operations) & {"get", "post"}:
            name = operations[method]["operationId"]
            ceiling = ceiling_of(endpoint_of(path, method))
            answers = {
                status: answer
                for status, answer in operations[method]["responses"].items()
                if status != "304"
            }
            for status, answer in answers.items():
                found = list(classes(answer, whole))
                assert found, f"{name} {status}: no field"
                allowed = ceiling if status.startswith("2") else Publication.PUBLIC
                assert all(one.within(allowed) for one in found), f"{name} {status}"


def classes(described: Any, whole: dict[str, Any]) -> Iterator[Publication]:
    """The class of every field in a part of the document."""
    if isinstance(described, list):
        for one in described:
            yield from classes(one, whole)
    if isinstance(described, dict):
        if "$ref" in described:
            _, *steps = described["$ref"].split("/")
            target: Any = whole
            for step in steps:
                target = target[step]
            yield from classes(target, whole)
        if "x-publication" in described:
            yield Publication(described["x-publication"])
        for name, part in described.items():
            if name not in ("example", "examples", "headers"):
                yield from classes(part, whole)


def endpoint_of(path: str, method: str) -> str:
    app = Flask("only routes")
    describe(app)
    pattern = path.replace("{", "<").replace("}", ">")
    (found,) = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.rule == pattern and method.upper() in (rule.methods or ())
    ]
    return found


def ceiling_of(endpoint: str) -> Publication:
    action = TABLE[endpoint]
    assert isinstance(action, Action)
    return SHOWN_TO_ITS_OWNER.get(endpoint, RIGHTS[action].shows)


# --- By looking -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def words() -> Words:
    return Words()


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory, words: Words) -> Iterator[Consortium]:
    home = words.instance(Home, Publication.MEMBERS, urn=URN, authority=KENT)
    described = {"kent-node": [home]}
    with consortium(tmp_path_factory.mktemp("planted"), described) as one:
        one.say("kent-node", words.instance(Commissioning, Publication.PUBLIC, authority=KENT))
        one.say("kent-node", a_statement(URN, {"needs": words.word(Publication.MEMBERS, "needs")}))
        yield one


@pytest.fixture(scope="module")
def node(planted: Consortium) -> Node:
    return planted.reader


@pytest.fixture(scope="module")
def app(node: Node) -> Flask:
    return create_app(node)


@pytest.fixture(scope="module")
def samples(node: Node, words: Words) -> dict[str, str]:
    """What stands in addresses. Everything that a node can hold of a child is planted."""
    who, coming = operator("root"), secrets.token_hex(16)
    with writing(node.node_db) as connection:
        receive(connection, node, message(node, coming, a_notice(words)), node.now())
        read_received(
            connection,
            node,
            who,
            area=KENT,
            notice=coming,
            reason=words.word(Publication.CONFIDENTIAL, "reason"),
        )
        going = send_notice(connection, node, who, a_notice(words), placing=KENT, area=LEEDS)
        contact = words.instance(Contact, Publication.AUTHORITY)
        answer = Acknowledgement(going, contact, node.now())
        receive(connection, node, message(node, secrets.token_hex(16), answer), node.now())
        facts = {"Address": words.word(Publication.CONFIDENTIAL, "address")}
        sealed = Vault(connection, node).seal(
            "unredacted", "facts", URN, msgspec.json.encode(facts)
        )
        connection.execute(
            insert(unredacted).values(
                urn=URN, provider_type="Home", facts=sealed, imported_at=node.now()
            )
        )
        # What somebody writes, and what waits for release, is the authority's own.
        held = words.instance(Home, Publication.AUTHORITY, urn="SC188888", authority=KENT)
        hand_in(connection, node, who, [held])
        draft = {name: words.word(Publication.AUTHORITY, name) for name in ("needs", "ethos")}
        keep_draft(connection, node, who, Desk(KENT, URN), Draft(draft))  # type: ignore[arg-type]
        theirs = {"needs": words.word(Publication.AUTHORITY, "by its provider")}
        connection.execute(insert(provider_home).values(a_claim(node)))
        body = msgspec.json.encode(Draft(theirs))  # type: ignore[arg-type]
        keep_own_draft(connection, node, who, CLAIM, "statement", body)
        plant_what_is_not_published(connection, node, words)
    return {
        "received": coming,
        "sent": going,
        "urn": URN,
        "claim": CLAIM,
        "filename": "init.js",
        "matter": "ethos",
    }


def plant_what_is_not_published(connection: Connection, node: Node, words: Words) -> None:
    """A children's guide, and what others asked for with a reason."""
    guide = Guide({"care": words.word(Publication.AUTHORITY, "guide")})
    save_guide(connection, node, operator("root"), Desk(KENT, URN), guide)
    body = DocumentAsking(
        URN,
        "statement-of-purpose",
        words.word(Publication.CONFIDENTIAL, "why a document is asked for"),
        words.word(Publication.AUTHORITY, "who asks"),
    )
    take_asking(connection, node, body, asking="d" * 32, asker=LEEDS, authority=KENT)


def a_claim(node: Node) -> dict[str, object]:
    """That the provider for which all providers' staff of tests work runs the home."""
    return {
        "id": CLAIM,
        "through": KENT,
        "provider": "Acorn Care Ltd",
        "urn": URN,
        "authority": KENT,
        "state": "confirmed",
        "asked_by": "Kim",
        "asked_at": node.now(),
    }


def a_notice(words: Words) -> Notice:
    notice: Notice = words.instance(Notice, Publication.CHILD)
    return notice


def message(node: Node, number: str, body: Notice | Acknowledgement) -> Message:
    raw = msgspec.Raw(encode_body(body))
    return Message(1, number, LEEDS, KENT, node.now(), node.now(), raw)


def visitors(app: Flask, node: Node, words: Words) -> Iterator[tuple[Principal, Any]]:
    """Everybody: a person with each role, a system with each scope."""
    for role in set(Role) - {Role.OPERATOR}:
        held = None if role in WHOLE_NODE or role is Role.NOBODY else KENT
        who = NOBODY if role is Role.NOBODY else Principal("", "", frozenset({Grant(role, held)}))
        yield who, signed_in(app, role, KENT)
    for scope in Scope:
        with writing(node.node_db) as connection:
            name = words.word(Publication.AUTHORITY, "name of a system")
            client, secret = register(
                connection,
                node,
                operator("root"),
                authority=KENT,
                name=name,
                scopes=[scope],
                provider="Acorn Care Ltd" if scope is Scope.PROVIDER_WORK else None,
            )
        bearer = SystemClient(app, client, secret).bearer
        yield Principal("", "", frozenset({Grant(scope, KENT)})), Bearer(app, bearer)


class Bearer:
    """A system that asks with a token."""

    def __init__(self, app: Flask, bearer: str) -> None:
        self._app, self._headers = app, {"Authorization": bearer}

    def get(self, path: str, headers: dict[str, str]) -> TestResponse:
        return self._app.test_client().get(path, headers={**headers, **self._headers})


def addresses(app: Flask, rule: Rule, samples: dict[str, str]) -> Iterator[tuple[str, str | None]]:
    """Addresses that a route answers to, with the authority that each names."""
    kind = "sent" if "/sent" in rule.rule else "received"
    values = {**samples, "notice": samples[kind], "level": "0", "path": "000", "gss": KENT}
    values["number"] = identifier(f"home/{URN}")
    values |= {"token": "x" * 43, "person": "x", "system": "x", "version": "1"}
    for authority in (KENT, LEEDS) if "authority" in rule.arguments else (None,):
        with app.test_request_context():
            chosen = {
                name: authority if name == "authority" else values.get(name, "x")
                for name in rule.arguments
            }
            yield app.url_for(rule.endpoint, **chosen), authority


def test_no_answer_holds_a_word_above_its_class(
    app: Flask, node: Node, samples: dict[str, str], words: Words
) -> None:
    seen: set[str] = set()
    headers = {"Reason": "Looking for what should not be there"}
    for who, browser in visitors(app, node, words):
        is_system = isinstance(browser, Bearer)
        for rule in app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()):
                continue
            action = TABLE[rule.endpoint]
            for address, authority in addresses(app, rule, samples):
                answer = browser.get(address, headers=headers)
                shown = Publication.PUBLIC
                is_api = rule.endpoint.startswith(API)
                known = isinstance(action, Action) and is_api == is_system
                if known and may(who, action, authority):
                    shown = ceiling_of(rule.endpoint)
                found = words.in_(answer.text + str(answer.headers))
                answer.close()
                above = [word for word, of in found.items() if not of.within(shown)]
                assert not above, f"{address} shows {above} to {who.grants}"
                seen |= set(found)
    kept_back = {
        word
        for word, of in words.planted.items()
        if of in (Publication.PUBLIC, Publication.MEMBERS, Publication.CHILD) and word not in seen
    }
    assert not kept_back, "planted, and never found by who may see it: the test looks at nothing"
