"""A restricted record stays closed to somebody with every role, by whatever route they come.

The routes are those of the table of access, so a new one is walked without being named here. Every
address is tried with the ids of the record and of all else that is held about the same child, and
with forms that are filled in. A colleague who is named walks first, so that the walk is known to
reach the child wherever a page shows one.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from io import BytesIO
from itertools import groupby
from operator import itemgetter
from secrets import token_hex
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from directory.access import API, TABLE
from directory.app import create_app
from directory.database import node_metadata
from directory.notices.received import acknowledge, read_received
from directory.notices.sent import read_sent
from directory.placing.exporting.rows import export
from directory.placing.reconciling.service import reconcile
from directory.privacy.restricting.errors import Restricted
from directory.privacy.restricting.messages import closed_messages
from directory.privacy.restricting.service import restrict
from directory.privacy.subject_access.finding import Sought, find
from directory.security.people.grants import grants_of
from directory.security.rights.principal import Principal, operator
from directory.security.rights.roles import WHOLE_NODE, Role, Scope
from directory.security.rights.table import RIGHTS, Action
from directory.security.systems.service import register
from federation import Node, dispatches, reading, writing
from federation import node_metadata as federation_metadata
from protocols.publication import Publication
from tests.api.systems import SystemClient
from tests.directory.command_line import hearth
from tests.directory.one_child import (
    AREA,
    BORN,
    CALL,
    HOME,
    NAMED,
    PLACING,
    SAYS,
    WORDS,
    Held,
    hold_everything,
)
from tests.directory.people import carrying, form_token, make_person, session_for
from tests.directory.test_access import SAMPLES
from tests.directory.test_reconciling import row, table
from tests.directory.worlds import two_served

ROLES = sorted(set(Role) - {Role.OPERATOR, Role.NOBODY, Role.PROVIDER})
BY_DESIGN = frozenset({"emergencies.open_one", "emergencies.reviews", "restricting.one"})
"""Opening in an emergency, and its review; and the page on which who may open it is said."""
SHARED = frozenset({Publication.PUBLIC, Publication.MEMBERS})
OF_NO_CHILD = (
    *("our_", "providers.", "people.", "account.", "choose.", "status.", "releases.", "searches."),
    *("shortlists.", "statement", "guide.", "documents", "diligence", "commissioning", "profiles."),
)
"""How the endpoints begin at which nobody of an authority finds anything about a child."""
REACHED = frozenset(
    {
        *("notices_received.one", "entering.one", "consulted.one", "told_to_us.one"),
        *("register.page", "register.save", "home_notices.one", "placements_asked.one"),
        *("notices_sent.one", "placement.one", "placements.find", "approving.step"),
        *("telling.one", "telling.recipient", "telling.letter", "subject_access.export"),
    }
)
"""Where a colleague who is named is shown the child: so the walk is known to get there."""
WHY = "Because I am asked"
TYPED = {
    **dict.fromkeys(("reason_other", "why_here", "emergency", "because", "text", "said"), WHY),
    **{"name": "Ann Aunt", "role": "Duty officer", "telephone": "01632 960999", "reason": "other"},
    **{"step": "wishes", "became": "never began", "approved": "yes", "do": "reach"},
    **{"view": "against", "outcome": "approved", "why": WHY, "without": WHY, "kind": "end"},
}
SOUGHT = {
    **{"given_name": NAMED[0], "family_name": NAMED[1]},
    **{"born_on-day": "9", "born_on-month": "4", "born_on-year": "2012"},
}
"""Of whom somebody asks where that is asked; what others type of a child is shown to them again."""


@dataclass(frozen=True)
class World:
    node: Node
    app: Flask
    held: Held


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with two_served(tmp_path_factory.mktemp("node")) as node:
        yield World(node, create_app(node), hold_everything(node))


def somebody(world: World, name: str) -> Principal:
    held = [
        (role, None if role in WHOLE_NODE else gss)
        for role in ROLES
        for gss in (PLACING, AREA)
        if role not in WHOLE_NODE or gss == AREA
    ]
    number = make_person(world.node, *held, name=name)
    with reading(world.node.node_db) as connection:
        return Principal(f"person:{number}", name, grants_of(connection, number))


@pytest.fixture(scope="module")
def bob(world: World) -> Principal:
    return somebody(world, "Bob Brown")


@pytest.fixture(scope="module")
def ann(world: World, bob: Principal) -> Principal:
    """Everything is restricted to Bob by one record at each authority."""
    with writing(world.node.node_db) as connection:
        for gss, record in (
            (AREA, f"notice/{world.held.notice}"),
            (PLACING, f"placement/{world.held.placement}"),
        ):
            restrict(connection, world.node, bob, gss, record, [bob.id], "A colleague's nephew")
    return somebody(world, "Ann Aunt")


def browser(world: World, who: Principal) -> FlaskClient:
    return carrying(world.app, session_for(world.node, who.id.removeprefix("person:")))


def addresses(world: World, rule: Rule) -> list[tuple[str, str]]:
    """Addresses of a route at both authorities, with the ids that fit there."""
    held = asdict(world.held)
    of = {
        "home_notices": {"number": [held["stay"], held["notice"]]},
        "telling": {"number": [held["telling"]]},
        "placements_asked": {"number": [held["asked"]]},
        "restricting": {"number": [held["notice"], held["placement"]]},
    }.get(rule.endpoint.partition(".")[0], {})
    known = {
        "notice": [held["notice"], held["entered"]],
        "placement": [held["placement"], held["later"]],
        "number": list(held.values()),
        "consultation": [held["consultation"]],
        "told": [held["partner_told"], held["told"]],
        "stay": [held["stay"]],
        "breach": [held["breach"]],
        "message": [held["change"]],
        "question": [held["question"]],
        "sender": [PLACING],
        "kind": ["change", "end"],
        "what": ["confirm", "apart"],
        "party": ["home", "placing"],
        "of": ["notice", "placement"],
        "authority": [AREA, PLACING],
    } | of
    found: list[dict[str, str]] = [{}]
    for name in sorted(rule.arguments):
        values = known.get(name) or [SAMPLES[name]]
        found = [one | {name: value} for one in found for value in values]
    with world.app.test_request_context():
        return [
            (one.get("authority", ""), world.app.url_for(rule.endpoint, **one)) for one in found
        ]


def casework(world: World) -> dict[str, list[tuple[object, ...]]]:
    """All that is kept of the child, and what is on its way."""
    mine = {
        *("child", "placement", "telling", "approval", "sent_notice", "received_notice"),
        *("notice_event", "sent_consultation", "received_consultation", "told_to_us"),
        *("home_notice", "home_notice_kept_apart", "resident_asked", "resident_asking"),
        *("partner_told", "notice_breach", "restriction", "restriction_named", "outbox"),
    }
    every = (*node_metadata.sorted_tables, *federation_metadata.sorted_tables)
    tables = {one.name: one for one in every if one.name in mine}
    assert tables.keys() == mine
    with reading(world.node.node_db) as connection:
        return {
            name: sorted(
                tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))
            )
            for name, table in tables.items()
        }


def forms(world: World, endpoint: str, gss: str) -> list[dict[str, object]]:
    """What is typed into the forms of a route: an action, then a search."""
    held = world.held
    records = {
        PLACING: [f"child/{held.child}", f"notice/{held.notice}"],
        AREA: [f"notice/{held.notice}", f"told/{held.told}", f"home-notice/{held.stay}"],
    }
    asked = SOUGHT if endpoint.startswith("subject_access.") else {}
    typed = {**TYPED, **asked, "record": records.get(gss, [])}
    return [{**typed, "notice": held.notice}, {**typed, "words": NAMED[1][1:-1], "step": "save"}]


def walk(
    world: World, who: Principal, only: Collection[str] = ()
) -> Iterator[tuple[str, str, str]]:
    """Every page that is shown: its endpoint, its address and its text, without what was typed."""
    client = browser(world, who)
    token = form_token(client, "/account")
    for rule in sorted(world.app.url_map.iter_rules(), key=lambda one: one.endpoint):
        action = TABLE[rule.endpoint]
        if not isinstance(action, Action) or RIGHTS[action].shows in SHARED:
            continue
        if rule.endpoint in BY_DESIGN or rule.endpoint.startswith((*API, *OF_NO_CHILD)):
            continue
        if only and rule.endpoint not in only:
            continue
        for gss, path in addresses(world, rule):
            asked: list[tuple[str, dict[str, object] | None]] = []
            if "GET" in (rule.methods or ()):
                asked.append(("GET", None))
            if "POST" in (rule.methods or ()):
                every = forms(world, rule.endpoint, gss)
                every = every[:1] if rule.arguments - {"authority"} else every
                asked += [("POST", {**form, "csrf_token": token}) for form in every]
            for method, form in asked:
                shown = client.open(path, method=method, data=form)
                assert shown.status_code < 500, (method, path)
                yield rule.endpoint, f"{method} {path} {shown.status_code}", words(shown)


def words(shown: TestResponse) -> str:
    """What an answer says, without what was typed; of an archive, what its files say."""
    if shown.mimetype == "application/zip":
        with ZipFile(BytesIO(shown.data)) as archive:
            return "".join(archive.read(name).decode("latin-1") for name in archive.namelist())
    return re.sub(r"<input[^>]*>|<textarea.*?</textarea>", "", shown.text, flags=re.DOTALL)


def test_somebody_with_every_role_who_is_not_named_sees_and_does_nothing_to_it(
    world: World, ann: Principal, bob: Principal
) -> None:
    told, before = list[str](), casework(world)
    for endpoint, pages in groupby(walk(world, ann), key=itemgetter(0)):
        for _, path, text in pages:
            seen = {word for word in (*WORDS, HOME) if word in text}
            if endpoint.startswith("breaches."):  # what is done about it, by who has to do it
                seen -= {SAYS["notice_breach"]}
            told += [f"{path} says {word}" for word in seen]
        after = casework(world)
        told += [f"{endpoint} changed {name}" for name in before if after[name] != before[name]]
        before = after
    assert not told, "\n".join(told)
    reached = {
        endpoint
        for endpoint, _, text in walk(world, bob, REACHED)
        if [word for word in WORDS if word in text]
    }
    assert reached == REACHED


def test_a_restricted_record_is_closed_to_systems_and_to_the_command_line(
    world: World, ann: Principal
) -> None:
    """At the routes of the API, with every scope; and to the operator, as the commands ask."""
    assert ann
    node, held, root = world.node, world.held, operator("root")
    known = {"notice": held.notice, "placement": held.placement, "authority": AREA}
    with writing(node.node_db) as connection:
        systems = {
            gss: register(
                *(connection, node, root),
                authority=gss,
                name="Case system",
                scopes=tuple(set(Scope) - {Scope.PROVIDER_WORK}),
            )
            for gss in (PLACING, AREA)
        }
    for gss, made in systems.items():
        system = SystemClient(world.app, *made)
        for rule in world.app.url_map.iter_rules():
            action = TABLE[rule.endpoint]
            if not rule.endpoint.startswith("api.") or "authority" not in rule.arguments:
                continue
            assert isinstance(action, Action)
            values = {
                one: (known | {"authority": gss}).get(one, SAMPLES.get(one, ""))
                for one in rule.arguments
            }
            with world.app.test_request_context():
                path = world.app.url_for(rule.endpoint, **values).removeprefix("/api/v1")
            headers = {"Reason": WHY, "Idempotency-Key": token_hex(8)}
            for method in {"GET", "POST"} & (rule.methods or set()):
                json = {"name": "A", "role": "B", "telephone": "01632 960 1"}
                asked = system.get if method == "GET" else system.post
                options = {"json": json} if method == "POST" else {}
                shown = asked(path, headers=headers, **options)
                assert not [word for word in (*WORDS, HOME) if word in shown.text], path
                if {"notice", "placement"} & rule.arguments:
                    refused = (403, 404) if method == "GET" else (400, 403, 404, 422)
                    assert shown.status_code in refused, f"{path} {shown.text}"
    with writing(node.node_db) as connection:
        common = (connection, node, root)
        with pytest.raises(Restricted):
            read_received(*common, area=AREA, notice=held.notice, reason=WHY)
        with pytest.raises(Restricted):
            acknowledge(*common, area=AREA, notice=held.notice, contact=CALL)
        with pytest.raises(Restricted):
            read_sent(*common, placing=PLACING, notice=held.notice, reason=WHY)
        assert export(*common, PLACING, WHY) == []
        queued = dispatches(connection)
        hidden = {held.notice, held.question} & queued.keys()
        assert hidden
        assert hidden <= closed_messages(connection, root, (PLACING, AREA))
        for gss in (PLACING, AREA):
            assert find(*common, gss, Sought(NAMED[0], NAMED[1], BORN), WHY) == []
    listed = hearth("outbox", f"--data-dir={node.folder}", "--json").answer
    assert listed["restricted"] == len(queued) - len(listed["messages"]) > len(hidden)
    assert not hidden & {one["id"] for one in listed["messages"]}
    assert AREA not in {one["recipient"] for one in listed["messages"]}


def test_a_return_tells_nobody_where_a_child_lives_whose_record_is_closed_to_them(
    world: World, ann: Principal, bob: Principal
) -> None:
    for who, counted in ((ann, 1), (bob, 0)):
        found = reconcile(world.node, who, PLACING, table(row(NAMED[2])), reason=WHY)
        assert found.counts["restricted"] == counted
        assert len(found.placements) == 1 - counted
