"""No sequence of actions shows a child's record without role, reason and a row of the audit.

People of every role, with the pages and services of one node, do what they like in any order: open,
search, restrict, break the glass, review, open a partner's page, go to addresses that they have no
business at. After each step: if anything of the child was on the page, then a row was added that
says who looked, that is one of theirs, and why; and who was not named in a restricted record broke
the glass for it.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import Row, func, select, update
from werkzeug.test import TestResponse

from directory.access import API, TABLE
from directory.app import create_app
from directory.hosting.partners.keeping import Particulars, add_partner, make_code
from directory.hosting.partners.models import partner_told
from directory.hosting.partners.sending import PAGE_LASTS, digest_of
from directory.notices.models import received_notice
from directory.privacy.emergencies.models import emergency_look
from directory.privacy.restricting.service import named_in
from directory.security.audit.models import audit_row
from directory.security.people.models import failed_attempt
from directory.security.rights.principal import operator
from directory.security.rights.roles import WHOLE_NODE, Role
from directory.security.rights.table import RIGHTS, Action
from federation import reading, writing
from protocols.publication import Publication
from tests.directory.correspondence import AREA, CHILD, Correspondence, correspondence
from tests.directory.people import carrying, make_person, session_for
from tests.directory.test_access import SAMPLES
from tests.directory.test_partners import place

ROLES = sorted(set(Role) - {Role.OPERATOR, Role.NOBODY})
TOKEN, CODE_NAME = "p" * 43, "Tess Teacher"
_WHY = "Missing since 22:40, police are asking"
_WORDS = st.sampled_from(["", CHILD[0], CHILD[1], "x", _WHY])
_SAID = st.sampled_from([*[_WHY] * 7, ""])
# Those who have business here come oftener: what is refused at once says little.
_WHO = st.sampled_from([*[Role.DUTY_OFFICER] * 30, *ROLES, Role.NOBODY])
_MISSING = ("The child is missing, or may be at risk", "A child is missing, or may be at risk")
_STEPS: dict[str, dict[str, st.SearchStrategy[object]]] = {
    "goes_anywhere": {"role": _WHO, "which": st.integers(0, 10_000)},
    "opens_the_notice": {
        "role": _WHO,
        "reason": st.sampled_from([*[_MISSING[0]] * 6, "other", ""]),
        "words": _WORDS,
    },
    "searches_the_register": {
        "role": _WHO,
        "reason": st.sampled_from([*[_MISSING[1]] * 6, "other", ""]),
        "words": _WORDS,
    },
    "breaks_the_glass": {"role": _WHO, "why": _SAID, "words": _WORDS},
    "restricts": {
        "role": _WHO,
        "named": st.sampled_from([*[Role.COMMISSIONER] * 4, Role.DUTY_OFFICER]),
        "does": st.sampled_from([*["keep"] * 7, "lift"]),
        "why": _SAID,
    },
    "opens_the_partners_page": {
        "right": st.sampled_from([True, True, True, False]),
        "name": st.sampled_from([CODE_NAME, CODE_NAME, CODE_NAME, ""]),
    },
    "time_for_the_partner_to_try_again": {},
}


@pytest.fixture
def world() -> Iterator[Correspondence]:
    with TemporaryDirectory() as folder, correspondence(Path(folder)) as both:
        yield both


class Everybody(RuleBasedStateMachine):
    """People at the pages of the authority of the area."""

    world: Correspondence

    @initialize()
    def begin(self) -> None:
        """A notice comes; a partner is told of it; there is somebody of each role."""
        node = self.node = self.world.area
        self.app = create_app(node)
        root = operator("root")
        with writing(node.node_db) as connection:
            said = Particulars(
                *("police", "Police", "0113 496 0001", "police@partner.example", None),
                *("To find a child", "Children Act 2004", ("given-name", "family-name")),
            )
            number = add_partner(connection, node, root, AREA, said)
            self.code = make_code(connection, node, root, AREA, number)
            # An example's world is its own: a child who came before is restricted in none of this.
            connection.execute(received_notice.delete())
        self.notice = place(self.world)
        with writing(node.node_db) as connection:
            connection.execute(update(partner_told).values(token=None))
            newest = connection.scalar(
                select(partner_told.c.id)
                .where(partner_told.c.notice == self.notice, partner_told.c.partner == number)
                .limit(1)
            )
            connection.execute(
                update(partner_told)
                .where(partner_told.c.id == newest)
                .values(
                    state="sent",
                    token=digest_of(TOKEN),
                    sent_at=node.now(),
                    page_ends_at=node.now() + PAGE_LASTS,
                )
            )
        self.people = {
            role: make_person(node, (role, None if role in WHOLE_NODE else AREA), name=role.title())
            for role in ROLES
        }
        self.people[Role.NOBODY] = ""
        self.browsers: dict[Role, FlaskClient] = {
            role: carrying(self.app, session_for(node, who)) if who else self.app.test_client()
            for role, who in self.people.items()
        }
        self.seen: TestResponse | None = None
        self.before, self.looks = self.last_row(), self.count_looks()
        self.by = Role.NOBODY

    @rule(data=st.data())
    def somebody_does_something(self, data: st.DataObject) -> None:
        """One rule for all steps: of several, hypothesis leaves most out of each example."""
        step = data.draw(st.sampled_from([*_STEPS, "opens_the_notice", "searches_the_register"]))
        getattr(self, step)(**data.draw(st.fixed_dictionaries(_STEPS[step])))

    def goes_anywhere(self, role: Role, which: int) -> None:
        every = [one for one in self.app.url_map.iter_rules() if self.is_page(one.endpoint)]
        one = every[which % len(every)]
        values = {name: SAMPLES.get(name, AREA) for name in one.arguments}
        values |= {"notice": self.notice, "number": self.notice, "of": "notice", "token": TOKEN}
        with self.app.test_request_context():
            path = self.app.url_for(one.endpoint, **{name: values[name] for name in one.arguments})
        self.do(role, "GET", path)

    def opens_the_notice(self, role: Role, reason: str, words: str) -> None:
        page = f"/authorities/{AREA}/notices/received/{self.notice}"
        self.do(role, "POST", page, reason=reason, reason_other=words)

    def searches_the_register(self, role: Role, reason: str, words: str) -> None:
        self.do(role, "POST", "/register", reason=reason, words=words)

    def breaks_the_glass(self, role: Role, why: str, words: str) -> None:
        form = {"authority": AREA, "emergency": why, "family_name": words}
        self.do(role, "POST", "/emergencies/open", **form)

    def restricts(self, role: Role, named: Role, does: str, why: str) -> None:
        page = f"/authorities/{AREA}/restricted/notice/{self.notice}"
        who = f"person:{self.people[named]}"
        self.do(role, "POST", page, named=who, do=does, reason=why)

    def opens_the_partners_page(self, right: bool, name: str) -> None:
        code = self.code if right else "BCDF-BCDF-BCDF"
        self.do(Role.NOBODY, "POST", f"/told/{TOKEN}", name=name, code=code)

    def time_for_the_partner_to_try_again(self) -> None:
        with writing(self.node.node_db) as connection:
            connection.execute(failed_attempt.delete())

    @invariant()
    def nobody_saw_the_child_unnoted(self) -> None:
        if self.seen is None or not self.shows(self.seen):
            return
        rows = self.rows_since(self.before)
        looks = [row for row in rows if self.is_a_look(row)]
        assert looks, f"{self.by} saw the child at {self.seen.request.path}, and no row says so"
        for row in looks:
            assert row.reason is not None, f"{row.action}: without a reason"
            if row.who.startswith("partner:"):
                assert row.who_name == CODE_NAME
                continue
            assert row.who == f"person:{self.people[self.by]}"
            action = Action(row.action)
            assert self.by in RIGHTS[action].holders, f"{self.by} has no role that may {action}"
            if action is Action.BREAK_GLASS:
                assert self.count_looks() > self.looks, "every look waits for its review"
            else:
                assert not self.named or row.who in self.named, "a restricted record"

    def do(self, role: Role, method: str, path: str, **form: str) -> None:
        browser = self.browsers[role]
        self.by, self.before, self.looks = role, self.last_row(), self.count_looks()
        with reading(self.node.node_db) as connection:
            self.named = named_in(connection, AREA, f"notice/{self.notice}")
        if method == "POST":
            shown = browser.get("/sign-in" if role is Role.NOBODY else "/account").text
            form["csrf_token"] = shown.partition('name="csrf_token" value="')[2].partition('"')[0]
        typed = form if method == "POST" else None
        self.seen = browser.open(path, method=method, data=typed, buffered=True)
        assert self.seen.status_code < 500, f"{method} {path}"

    def shows(self, answer: TestResponse) -> bool:
        """Without what was typed by who asks, which stands in the fields of a form again."""
        text = re.sub(r"<input[^>]*>|<textarea.*?</textarea>", "", answer.text, flags=re.DOTALL)
        return any(one in text for one in CHILD[:3])

    def is_page(self, endpoint: str) -> bool:
        return isinstance(TABLE[endpoint], Action) and not endpoint.startswith(API)

    def is_a_look(self, row: Row[tuple[object, ...]]) -> bool:
        if row.who.startswith("partner:"):
            return True
        return row.action in set(Action) and RIGHTS[Action(row.action)].shows is Publication.CHILD

    def last_row(self) -> int:
        with reading(self.node.node_db) as connection:
            return connection.scalar(select(func.max(audit_row.c.seq))) or 0

    def count_looks(self) -> int:
        with reading(self.node.node_db) as connection:
            return connection.scalar(select(func.count()).select_from(emergency_look)) or 0

    def rows_since(self, seq: int) -> list[Row[tuple[object, ...]]]:
        with reading(self.node.node_db) as connection:
            return list(connection.execute(select(audit_row).where(audit_row.c.seq > seq)).all())


def test_no_sequence_of_actions_shows_a_child_without_role_reason_and_row(
    world: Correspondence,
) -> None:
    Everybody.world = world
    machine = Everybody.TestCase
    machine.settings = settings(
        max_examples=8,
        stateful_step_count=25,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    machine("runTest").runTest()


@pytest.mark.parametrize("role", [Role.DUTY_OFFICER, Role.COMMISSIONER, Role.GOVERNANCE_OFFICER])
def test_no_page_fails_or_shows_a_child_to_who_has_an_address_alone(
    world: Correspondence, role: Role
) -> None:
    Everybody.world = world
    one = Everybody()
    one.begin()
    for which in range(sum(one.is_page(route.endpoint) for route in one.app.url_map.iter_rules())):
        one.goes_anywhere(role, which)
        one.nobody_saw_the_child_unnoted()


def test_each_way_to_a_child_is_noted_and_a_restricted_record_is_left_to_emergencies(
    world: Correspondence,
) -> None:
    Everybody.world = world
    one = Everybody()
    one.begin()
    desk, seen = Role.DUTY_OFFICER, []

    def after(step: Callable[..., None], **said: object) -> None:
        step(**said)
        one.nobody_saw_the_child_unnoted()
        assert one.seen is not None
        seen.append(one.shows(one.seen))

    for _ in ("open", "restricted"):
        after(one.opens_the_partners_page, right=True, name=CODE_NAME)
        after(one.opens_the_notice, role=desk, reason=_MISSING[0], words="")
        after(one.searches_the_register, role=desk, reason=_MISSING[1], words=CHILD[1])
        after(one.breaks_the_glass, role=desk, why=_WHY, words=CHILD[1])
        after(one.restricts, role=desk, named=Role.COMMISSIONER, does="keep", why=_WHY)
    assert seen == [True, True, True, True, False, True, False, False, True, False]
