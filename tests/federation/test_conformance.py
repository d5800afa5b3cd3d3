"""The published suite: our node conforms, and each wrong node breaks its clause and no other."""

import inspect
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest
from werkzeug.wrappers import Request, Response

import federation.conformance
from directory.app import create_app
from federation import Traffic, Trust, find_log, issue_snapshot, publish_log, verify_whole_log
from federation.conformance.clause import Clause
from federation.conformance.membership import membership
from federation.conformance.suite import CLAUSES, Finding, Outcome, of_sections, try_node
from federation.conformance.visit import Visit
from federation.errors import PeerRefused
from protocols.checkpoint import MAX_SIZE, Checkpoint
from protocols.entries import erase_entry, unpack_blobs
from protocols.tiles import tile_at
from tests.federation.worlds import World, append_by_hand, erase_at_author, small_records
from tests.federation.wrong_nodes import (
    CHECKPOINT,
    PLAIN,
    WRONG,
    Fault,
    There,
    WrongNode,
    checkpoint,
)

ENTRIES = 300


@pytest.fixture(scope="module")
def there(found_once: Callable[..., World]) -> There:
    """Leeds, whose node is tried, with a log of more than one tile; and Kent, who tries it."""
    world = found_once("kent", "leeds", witnesses=["kent", "leeds"])
    world.publish("leeds", *small_records(ENTRIES))
    node = world["leeds"]
    made = There(world, create_app(node))
    made.erased = unpack_blobs(made.log.payloads(tile_at(0, 0, 1)), 1)[0]
    append_by_hand(node, (erase_entry([0], world.clock()), b""))
    erase_at_author(node, 0)
    publish_log(node)
    issue_snapshot(node, [])
    world.publish("kent", *small_records(3))
    world.follow("leeds", "kent")
    return made


@pytest.fixture
def serve(there: There) -> Iterator[Callable[[Fault], World]]:
    """Serve the node with a fault."""
    site = there.world.sites["leeds"]
    honest = site.app

    def wrong(fault: Fault) -> World:
        there.memory.clear()
        site.app = WrongNode(there, fault)
        return there.world

    yield wrong
    site.app = honest


def visit(world: World, *, as_member: bool = True) -> Visit:
    tried = world.member("leeds")
    ours = membership(world.folder / "kent", world["kent"].charter, tried) if as_member else None
    kept = world["kent"].charters.chain
    return Visit(tried.url, tried.log_verifiers, kept, ours, now=world.clock)


def tried(one: Visit, *sections: str, clauses: Collection[Clause] = ()) -> list[Finding]:
    try:
        return try_node(one, clauses or of_sections(sections))
    finally:
        one.close()


def which(findings: list[Finding], outcome: Outcome) -> list[str]:
    return [one.id for one in findings if one.outcome is outcome]


def test_our_own_node_conforms(there: There) -> None:
    findings = tried(visit(there.world))
    assert [one for one in findings if one.outcome is not Outcome.HOLDS] == []
    assert len(findings) == len(CLAUSES)


def test_what_only_a_member_may_ask_is_never_said_to_hold_for_who_is_none(there: There) -> None:
    findings = tried(visit(there.world, as_member=False))
    members_only = {one.id for one in CLAUSES if one.for_members}
    assert set(which(findings, Outcome.NOT_ASKED)) == members_only
    assert which(findings, Outcome.FAILS) == []
    assert "token" not in " ".join(there.world.hostile("leeds").asked[-30:])


@pytest.mark.parametrize(("fault", "clause"), PLAIN.items(), ids=lambda one: _name(one))
def test_a_wrong_node_breaks_exactly_its_clause(
    serve: Callable[[Fault], World], fault: Fault, clause: str
) -> None:
    findings = tried(visit(serve(fault)))
    assert which(findings, Outcome.FAILS) == [clause], [one for one in findings if one.why]


@pytest.mark.soak
@pytest.mark.parametrize(("fault", "clause"), WRONG.items(), ids=lambda one: _name(one))
def test_every_wrong_node_breaks_exactly_its_clause(
    serve: Callable[[Fault], World], fault: Fault, clause: str
) -> None:
    findings = tried(visit(serve(fault)))
    assert which(findings, Outcome.FAILS) == [clause], [one for one in findings if one.why]


@pytest.mark.parametrize(
    ("fault", "clause"),
    [(fault, clause) for fault, clause in WRONG.items() if fault not in PLAIN],
    ids=lambda one: _name(one),
)
def test_a_wrong_node_breaks_no_other_clause_of_its_section(
    serve: Callable[[Fault], World], fault: Fault, clause: str
) -> None:
    own = [one for one in CLAUSES if one.section == clause.partition("/")[0]]
    findings = tried(visit(serve(fault)), clauses=own)
    assert which(findings, Outcome.FAILS) == [clause], [one for one in findings if one.why]


def test_each_clause_has_a_node_that_breaks_it() -> None:
    assert set(WRONG.values()) == {one.id for one in CLAUSES}


def test_what_rests_on_a_broken_clause_is_not_asked(serve: Callable[[Fault], World]) -> None:
    (stale,) = (fault for fault, clause in WRONG.items() if clause == "5/tile-width")
    findings = {one.id: one for one in tried(visit(serve(stale)), "5")}
    assert findings["5/root"].outcome is Outcome.NOT_ASKED
    assert findings["5/root"].why == "rests on 5/tile-width"


def test_a_clause_that_was_not_chosen_is_named_when_it_breaks(
    serve: Callable[[Fault], World],
) -> None:
    (moved,) = (fault for fault, clause in WRONG.items() if clause == "13/redirect")
    assert which(tried(visit(serve(moved)), "5"), Outcome.FAILS) == ["13/redirect"]


def test_a_node_that_does_not_answer_fails_and_nothing_holds(there: There) -> None:
    one = Visit("http://127.0.0.1:9", there.node.member.log_verifiers)
    findings = tried(one)
    assert which(findings, Outcome.FAILS) == ["13/answers"]
    assert which(findings, Outcome.HOLDS) == []


def test_a_log_that_says_it_has_no_end_takes_no_room_and_no_time(
    there: There, serve: Callable[[Fault], World]
) -> None:
    endless = Checkpoint(there.head.origin, MAX_SIZE, bytes(32))
    world = serve(lambda there, request: _checkpoint(there, request, endless))
    findings = tried(visit(world), "4", "5", "7")
    assert which(findings, Outcome.FAILS) == ["13/served"]
    log = find_log(world.member("leeds").url, Traffic())
    with pytest.raises(PeerRefused):
        verify_whole_log(log, Trust(there.node.member.log_verifiers))
    log.close()


def _checkpoint(there: There, request: Request, said: Checkpoint) -> Response | None:
    return checkpoint(there, there.note(said)) if request.path == CHECKPOINT else None


def test_every_clause_says_what_holds_and_is_named_once() -> None:
    names = [one.id for one in CLAUSES]
    assert len(set(names)) == len(names)
    for one in CLAUSES:
        assert re.fullmatch(r"[1-9][0-9]*(\.[1-9][0-9]*)?/[a-z-]+", one.id)
        assert one.says.endswith(".")


def test_the_specification_lists_the_clauses() -> None:
    text = (Path(__file__).parents[2] / "protocols" / "README.md").read_text("utf-8")
    table = text.partition("<!-- clauses -->\n")[2].splitlines()[2:]
    assert [line for line in table if line] == [
        f"| `{one.id}` | {'members' if one.for_members else 'anyone'} | {one.says} |"
        for one in CLAUSES
    ]
    for one in CLAUSES:
        assert re.search(rf"^###? {re.escape(one.section)} ", text, re.MULTILINE), one.id


def test_what_breaks_is_always_a_clause_that_there_is() -> None:
    folder = Path(inspect.getfile(federation.conformance)).parent
    source = "".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    assert set(re.findall(r'"(1?[0-9](?:\.[0-9])?/[a-z-]+)"', source)) == {
        one.id for one in CLAUSES
    }


def _name(one: object) -> str:
    return getattr(one, "__name__", str(one))
