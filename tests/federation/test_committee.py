"""The author and its witnesses: what has no quorum is seen by nobody, and published once it has."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from werkzeug.wrappers import Response

from federation import Node, client, publish_log, reading, sequence, stage, tables, writing
from federation.errors import ForkRefused, WitnessesWanting
from federation.witness import committee
from federation.witness.committee import Committee
from protocols.checkpoint import parse_checkpoint
from protocols.cosignature import cosign
from protocols.errors import QuorumMissing
from protocols.keys import Purpose
from protocols.note import parse_note
from protocols.policy import require_quorum
from protocols.records import encode_record
from tests.federation.processes import until
from tests.federation.servers import Change, body, silence, talking
from tests.federation.test_worker import working
from tests.federation.worlds import (
    World,
    a_home,
    log_of,
    own_checkpoint,
    own_entries,
    own_records,
    publish,
    records,
    small_records,
    true_time,
    urns,
)

pytestmark = pytest.mark.both_databases(second_is_soak=True)

A, B, C, D = (b'{"schema":"letter/1","is":"%s"}' % letter for letter in (b"a", b"b", b"c", b"d"))
EVERYONE = ("kent", "leeds", "devon", "norfolk")
ASKED = "/add-checkpoint"


@pytest.fixture
def world(found: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> World:
    """Kent, with Leeds, Devon and Norfolk as witnesses, of whom two are enough."""
    monkeypatch.setattr(committee, "BACK_OFF_S", 0.01)
    return found(*EVERYONE, witnesses=EVERYONE[1:], rule="2")


def hand_in(node: Node, *handed: bytes) -> None:
    with writing(node.node_db) as connection:
        stage(connection, node, ((repr(one), one) for one in handed))


def size_seen(node: Node) -> int:
    return parse_checkpoint(parse_note(own_checkpoint(node)).text).size


def cosigners(node: Node) -> set[str]:
    policy = node.charter.committee
    assert policy is not None
    by_name = {one.cosigner.name: one.name for one in policy.witnesses}
    return {by_name[one.cosigner.name] for one in require_quorum(own_checkpoint(node), policy)}


def stop(world: World, *nodes: str) -> None:
    for one in nodes:
        world.sites[one].stop()


def start(world: World, *nodes: str) -> None:
    for one in nodes:
        world.sites[one].start()


# --- With a quorum --------------------------------------------------------------------------------


def test_a_checkpoint_is_published_with_the_cosignatures_of_its_quorum(world: World) -> None:
    kent = world["kent"]
    assert publish(kent, A, B) == 2
    assert size_seen(kent) == 2
    assert len(cosigners(kent)) >= 2
    assert world.follow("leeds", "kent") == 2
    assert records(world["leeds"], "kent") == [A, B]


def test_a_node_follows_its_own_log_by_what_is_published(world: World) -> None:
    publish(world["kent"], A)
    stop(world, "leeds", "devon")
    with pytest.raises(WitnessesWanting):
        publish(world["kent"], B)
    assert world.follow("kent", "kent") == 1
    assert records(world["kent"], "kent") == [A]


def test_one_witness_that_is_down_holds_nothing_up(world: World) -> None:
    stop(world, "devon")
    assert publish(world["kent"], A) == 1
    assert cosigners(world["kent"]) == {"leeds", "norfolk"}
    start(world, "devon")
    assert publish(world["kent"], B) == 1
    assert size_seen(world["kent"]) == 2


def test_a_witness_is_asked_once_for_a_checkpoint_however_many_records_it_has(
    world: World,
) -> None:
    """Requests grow with checkpoints and witnesses: followers ask no witness anything."""
    kent = world["kent"]
    publish(kent, A)
    before = len(world.hostile("leeds").asked)
    publish(kent, *small_records(500))
    # Once at the start and once for the new checkpoint; again where it names another size.
    assert world.hostile("leeds").asked[before:].count(ASKED) <= 2 * 2
    settled = {name: world.hostile(name).asked.count(ASKED) for name in EVERYONE}
    for reader in EVERYONE:
        world.follow(reader, "kent")
    assert {name: world.hostile(name).asked.count(ASKED) for name in EVERYONE} == settled


def test_a_witness_that_was_away_goes_on_from_what_it_holds(world: World) -> None:
    kent = world["kent"]
    publish(kent, A)
    stop(world, "devon")
    for count in (1, 300, 7):
        publish(kent, *small_records(count))
    start(world, "devon")
    stop(world, "norfolk")
    publish(kent, B)
    assert cosigners(kent) == {"leeds", "devon"}


def test_a_node_witnesses_its_own_log_where_the_charter_says_so(
    found: Callable[..., World],
) -> None:
    world = found("kent", "leeds", witnesses=["kent", "leeds"])
    assert publish(world["kent"], A) == 1
    assert cosigners(world["kent"]) == {"kent", "leeds"}


# --- Without one ----------------------------------------------------------------------------------


def test_without_a_quorum_at_the_start_nothing_is_signed_and_all_comes_once_later(
    world: World,
) -> None:
    kent = world["kent"]
    publish(kent, A)
    stop(world, "leeds", "devon")
    again = world.another("kent")  # as after a start of the process
    hand_in(again, B, C)
    mark = again.keys.high_water()
    for _ in range(2):
        with pytest.raises(WitnessesWanting, match="Nothing is signed"):
            publish_log(again)
    assert own_records(again) == [A]
    assert again.keys.high_water() == mark
    start(world, "leeds", "devon")
    assert publish_log(again) == 2
    assert own_records(again) == [A, B, C]
    assert world.follow("leeds", "kent") == 3
    assert records(world["leeds"], "kent") == [A, B, C]


def test_while_a_quorum_is_missing_the_last_cosigned_checkpoint_is_served(world: World) -> None:
    kent = world["kent"]
    publish(kent, A)
    before = own_checkpoint(kent)
    stop(world, "leeds", "devon")
    with pytest.raises(WitnessesWanting, match="wait there for the quorum"):
        publish(kent, B)
    hand_in(kent, C)
    with pytest.raises(WitnessesWanting, match="Nothing more is signed"):
        sequence(kent)
    assert parse_note(own_checkpoint(kent)).text == parse_note(before).text
    start(world, "leeds", "devon")
    assert world.follow("leeds", "kent") == 1
    publish_log(kent)
    assert world.follow("leeds", "kent") == 2
    assert records(world["leeds"], "kent") == [A, B, C]


def test_a_new_node_publishes_its_empty_log_when_the_quorum_has_seen_it(world: World) -> None:
    kent = world["kent"]
    stop(world, "leeds", "devon")
    with pytest.raises(WitnessesWanting):
        publish_log(kent)
    assert own_checkpoint(kent) == b""
    start(world, "leeds", "devon")
    assert publish_log(kent) == 0
    assert size_seen(kent) == 0
    assert world.follow("leeds", "kent") == 0


def test_a_checkpoint_without_its_quorum_is_not_followed(world: World) -> None:
    kent = world["kent"]
    publish(kent, A)
    world.follow("leeds", "kent")
    publish(kent, B)

    def without(note: bytes) -> bytes:
        text, lines = note.decode().split("\n\n")
        return f"{text}\n\n{''.join(lines.splitlines(keepends=True)[:2])}".encode()

    world.hostile("kent").on("/log/checkpoint", body(without))
    with pytest.raises(QuorumMissing):
        world.follow("leeds", "kent")
    assert "not the quorum" in (log_of(world["leeds"], "kent").trouble or "")
    assert log_of(world["leeds"], "kent").size == 1
    world.hostile("kent").honest()
    assert world.follow("leeds", "kent") == 1


def test_without_a_committee_all_is_as_it_was(found: Callable[..., World]) -> None:
    world = found("kent", "leeds")
    hand_in(world["kent"], A)
    assert sequence(world["kent"]) == 1
    assert own_checkpoint(world["kent"]).count("—".encode()) == 1
    assert world.follow("leeds", "kent") == 1
    assert ASKED not in world.hostile("leeds").asked


# --- Witnesses that lie ---------------------------------------------------------------------------


def lying(
    world: World, name: str, *, when: int | None = None, other: bool = False, old: str = ""
) -> Change:
    """Cosigns, but not what was asked, or not when it says."""
    node = world[name]

    def change(response: Response) -> None:
        if response.status_code != 200:
            return
        note = world["leeds" if other else "kent"]
        text = old or parse_note(own_checkpoint(note)).text
        (cosigner,) = node.member.cosigners
        dated = int(node.now().timestamp()) if when is None else when
        line = cosign(text, cosigner.name, node.keys.node_key(Purpose.WITNESS), dated)
        response.set_data(f"{line}\n".encode())

    return change


LIES: dict[str, Callable[[World], Change]] = {
    "another log's name": lambda world: lying(world, "devon", other=True),
    "an old checkpoint": lambda world: lying(
        world, "devon", old=parse_note(own_checkpoint(world["kent"])).text
    ),
    "a wrong signature": lambda _: body(lambda data: data[:-10] + b"AAAAAA" + data[-4:]),
    "nothing": lambda _: body(lambda _: b""),
    "another witness": lambda _: body(lambda data: data.replace(b"/witness ", b"/witless ")),
    "a page": lambda _: body(lambda _: b"<html>\n"),
    "endless": lambda _: body(lambda data: data * 1000),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_witness_that_lies_is_not_believed_and_holds_nobody_up(world: World, lie: str) -> None:
    kent = world["kent"]
    publish(kent, A)
    publish(world["leeds"], A)
    world.hostile("devon").on(ASKED, LIES[lie](world))
    assert publish(kent, B) == 1
    assert cosigners(kent) == {"leeds", "norfolk"}
    assert world.follow("leeds", "kent") == 2


@pytest.mark.parametrize("when", [1, 1_700_000_000, 2**40, 2**62, 2**63 - 1])
def test_a_cosignature_of_another_time_is_not_kept(world: World, when: int) -> None:
    kent = world["kent"]
    publish(kent, A)
    world.hostile("devon").on(ASKED, lying(world, "devon", when=when))
    asking = Committee(world.another("kent"))
    asking.settle()
    asking.close()
    with reading(kent.node_db) as connection:
        troubles = connection.scalars(select(tables.cosigner.c.trouble)).all()
    assert [
        one for one in troubles if (one and "does not verify" in one) or "days off" in (one or "")
    ]


def conflicting(size: int) -> Change:
    def change(_: Response) -> Response:
        return Response(f"{size}\n", 409, content_type="text/x.tlog.size")

    return change


@pytest.mark.parametrize("size", [0, 1, 10**6, 2**63 - 1])
def test_a_witness_that_claims_another_size_each_time_stops_nobody(world: World, size: int) -> None:
    kent = world["kent"]
    publish(kent, A)
    world.hostile("devon").on(ASKED, conflicting(size))
    again = world.another("kent")
    hand_in(again, B)
    assert publish_log(again) == 1
    assert cosigners(again) == {"leeds", "norfolk"}


def test_a_silent_witness_holds_up_nothing_beyond_a_bound(
    found: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "READ_TIMEOUT_S", 1.0)
    monkeypatch.setattr(committee, "PATIENCE_S", 0.3)
    with talking(silence) as url:
        world = found("kent", "leeds", "devon", witnesses=["leeds", "devon"], rule="any",
                      urls={"devon": url})  # fmt: skip
        committee_of_kent = Committee(world["kent"])
        hand_in(world["kent"], A)
        committee_of_kent.settle()
        assert sequence(world["kent"]) == 1
        committee_of_kent.settle()
        assert size_seen(world["kent"]) == 1
        committee_of_kent.close()


# --- Old backups ----------------------------------------------------------------------------------


def test_an_old_backup_with_its_old_keys_is_found_before_it_signs(world: World) -> None:
    """The high-water mark was restored with the rest: only the witnesses know better."""
    kent = world["kent"]
    publish(kent, A)
    old = world.copy("kent")
    publish(kent, B, C)
    restored = world.another("kent", old)
    hand_in(restored, D)
    with pytest.raises(ForkRefused, match=r"1 entries .* 3 were signed .* 'hearth recover'"):
        publish_log(restored)
    assert own_entries(restored) == own_entries(kent)[:1]
    assert size_seen(restored) == 1
    # From then on it knows by itself, whoever answers.
    stop(world, *EVERYONE[1:])
    with pytest.raises(ForkRefused, match="hearth recover"):
        publish_log(world.another("kent", old))
    mark = restored.keys.high_water()
    assert mark is not None
    assert mark.size == 3


def test_a_lost_database_is_found_before_it_signs(world: World) -> None:
    kent = world["kent"]
    empty = world.copy("kent")
    publish(kent, A, B)
    restored = world.another("kent", empty)
    with pytest.raises(ForkRefused, match="hearth recover"):
        publish_log(restored)
    assert own_checkpoint(restored) == b""


def test_one_witness_that_has_seen_more_is_enough_to_find_an_old_backup(world: World) -> None:
    kent = world["kent"]
    publish(kent, A)
    old = world.copy("kent")
    stop(world, "devon")
    publish(kent, B)
    start(world, "devon")
    stop(world, "leeds")  # of Devon, which saw less, and Norfolk
    restored = world.another("kent", old)
    hand_in(restored, C)
    with pytest.raises(ForkRefused):
        publish_log(restored)
    assert own_entries(restored) == own_entries(kent)[:1]


# --- Running nodes --------------------------------------------------------------------------------


def test_what_running_nodes_publish_is_searchable_with_cosignatures(
    found: Callable[..., World],
) -> None:
    names = ("kent", "leeds", "devon")
    world = found(*names, witnesses=names, rule="2", clock=true_time)
    with working(*world.nodes.values()):
        with writing(world["kent"].node_db) as connection:
            stage(connection, world["kent"], [("home/U1", encode_record(a_home("U1")))])
        until(lambda: all(urns(world[name]) == ["U1"] for name in names))
    assert len(cosigners(world["kent"])) >= 2


def test_a_running_node_publishes_what_waited_when_its_witnesses_come_back(
    found: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committee, "BACK_OFF_S", 0.05)
    names = ("kent", "leeds", "devon")
    world = found(*names, witnesses=names[1:], clock=true_time)
    kent = world["kent"]
    publish(kent, A)
    stop(world, "devon")
    again = world.another("kent")
    hand_in(again, B)
    with working(again):
        until(lambda: ASKED in world.hostile("leeds").asked)
        assert own_records(again) == [A]
        start(world, "devon")
        until(lambda: size_seen(again) == 2)
    assert own_records(again) == [A, B]
