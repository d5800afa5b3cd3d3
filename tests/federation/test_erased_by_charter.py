"""What a charter erases is destroyed by everybody, whether its author is there or not."""

import shutil
from collections.abc import Callable

import msgspec
import pytest
from sqlalchemy import Connection, event, select

from directory.records.publishing.erased import charter_erasures
from directory.records.publishing.recovering import Publications
from directory.records.publishing.service import publish
from directory.records.publishing.withdrawing import publish_again
from federation import (
    Node,
    adopt_successor,
    audit_logs,
    destroy_again,
    follow,
    learn_charter,
    name_payload,
    reading,
    recover,
    sequence,
    tables,
    writing,
)
from federation.erasing.by_charter import obey_charter
from federation.erasing.charter_receipts import take_charter_receipt, to_be_asked
from federation.erasing.receipts import own_erasures
from federation.errors import NoSuchPayload, PayloadsWanting, PeerRefused
from federation.tables import Payload
from protocols.charter import ErasedPayload
from protocols.charter_erasures import CharterErasure, sign_charter_erasure
from protocols.encoding import b64url
from protocols.entries import pack_blobs, publish_entry, unpack_blobs
from protocols.errors import NotForUs, UnknownKey
from protocols.keys import Purpose
from protocols.tiles import Tile
from tests.federation.planted import follow_own, left, planted, put, sample, words_of
from tests.federation.servers import body
from tests.federation.worlds import (
    NOW,
    WHO,
    World,
    a_home,
    append_by_hand,
    blob_of,
    home_record,
    own_entries,
    payload_states,
    records,
    trouble,
    urns,
)

pytestmark = pytest.mark.both_databases(second_is_soak=True)


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    """Kent, Leeds and Devon."""
    return found("kent", "leeds", "devon")


def erasing(world: World, *entries: int, by: str = "leeds", of: str = "kent") -> bytes:
    """The next version of the charter, which erases these entries of a log."""
    named = tuple(name_payload(world[by], of, str(entry)) for entry in entries)
    return world.successor(by=by, erased=named)


def answers(node: Node) -> dict[str, bool]:
    """Who has confirmed the one version that erases."""
    (one,) = charter_erasures(node, WHO)
    return {member.node: member.confirmation is not None for member in one.members}


def confirm(world: World, reader: str, other: str) -> None:
    """Ask a member for its receipt, and keep it."""
    node = world[reader]
    (kept,) = to_be_asked(node)[other]
    text = world.peer(reader, other).charter_receipt(kept.charter.version)
    take_charter_receipt(node, world.seen(reader, other), kept, text)


@pytest.mark.both_databases
def test_no_byte_is_left_of_what_a_charter_erases_of_an_absent_author_s_log(
    found: Callable[..., World],
) -> None:
    world = found("kent", "leeds", "devon", "norfolk")
    kent, leeds = world["kent"], world["leeds"]
    put(kent, *((f"U{number}", 1) for number in range(15)))
    put(kent, ("U7", 2))
    follow_own(kent)
    for reader in ("leeds", "devon"):
        world.follow(reader, "kent")
    sample(world, "kent", "leeds")
    theirs = [*words_of("U7", 1), *words_of("U7", 2)]
    others = set(words_of("U8", 1))
    world.sites["kent"].stop()
    note = erasing(world, 7, 15)
    world.adopt(note, "leeds", "devon", "norfolk")

    mirror = world.peer("norfolk", "leeds").mirror("kent")
    assert follow(world["norfolk"], world.member("kent"), mirror) == 16
    readers = ("leeds", "devon", "norfolk")
    assert not left(world, theirs, *readers)
    assert left(world, others, *readers) == dict.fromkeys(readers, others)
    for reader in readers:
        assert "U7" not in urns(world[reader])
        assert len(urns(world[reader])) == 14
        assert payload_states(world[reader], "kent")[7] == Payload.ERASED
        assert not any(one.problem for one in audit_logs(world[reader]))
        assert trouble(world[reader], "kent") is None

    world.sites["kent"].start()
    assert learn_charter(kent, leeds.member) == 1
    assert not left(world, theirs)
    assert "U7" not in urns(kent)
    sequence(kent)
    assert world.follow("leeds", "kent") == 1  # now the log says so, too
    with reading(kent.node_db) as connection:
        assert [one.named for one in own_erasures(connection)] == [(7, 15)]
    assert not any(one.problem for node in world.nodes.values() for one in audit_logs(node))


def test_who_has_confirmed_is_listed_by_every_member(world: World) -> None:
    put(world["kent"], ("U1", 1))
    world.follow("leeds", "kent")
    world.adopt(erasing(world, 0), "leeds", "devon")
    assert answers(world["leeds"]) == {"kent": False, "leeds": True, "devon": False}
    confirm(world, "leeds", "devon")
    assert answers(world["leeds"]) == {"kent": False, "leeds": True, "devon": True}
    assert set(to_be_asked(world["leeds"])) == {"kent"}
    with pytest.raises(PeerRefused, match="404"):
        confirm(world, "leeds", "kent")  # has not heard of it
    learn_charter(world["kent"], world.member("leeds"))
    confirm(world, "leeds", "kent")
    confirm(world, "kent", "leeds")
    assert answers(world["leeds"]) == {"kent": True, "leeds": True, "devon": True}
    assert answers(world["kent"]) == {"kent": True, "leeds": True, "devon": False}


def test_a_receipt_counts_for_its_member_and_its_version_alone(world: World) -> None:
    put(world["kent"], ("U1", 1))
    world.follow("leeds", "kent")
    world.adopt(erasing(world, 0))
    leeds, devon = world["leeds"], world["devon"]
    (kept,) = to_be_asked(leeds)["devon"]
    true = CharterErasure(1, "devon", kept.digest, "erased", NOW)
    devons, ours = (one.keys.node_key(Purpose.ACCESS) for one in (devon, leeds))
    for changes, key, refused in (
        ({"by": "kent"}, devons, NotForUs),
        ({"charter": b64url(bytes(32))}, devons, NotForUs),
        ({}, ours, UnknownKey),
    ):
        text = sign_charter_erasure(msgspec.structs.replace(true, **changes), key)
        with pytest.raises(refused):
            take_charter_receipt(leeds, world.member("devon"), kept, text)
    assert answers(leeds) == {"kent": False, "leeds": True, "devon": False}
    with pytest.raises(PeerRefused, match="404"):
        world.peer("leeds", "devon").charter_receipt(1)


def test_a_mirror_and_an_author_that_serve_it_all_the_same_are_not_believed(world: World) -> None:
    """Neither is it taken when it comes late, after it was wanting."""
    kent, word = world["kent"], planted("kept")
    kept = blob_of(home_record("U1", name=word))
    append_by_hand(kent, (publish_entry(kept, NOW), kept))
    put(kent, ("U2", 1))
    world.follow("leeds", "kent")
    note = erasing(world, 0)
    giving = body(lambda data: pack_blobs([kept, *unpack_blobs(data, 2)[1:]]))
    world.hostile("kent").on(
        "/log/payloads/000.p/2", body(lambda data: pack_blobs([b"", *unpack_blobs(data, 2)[1:]]))
    )
    with pytest.raises(PayloadsWanting):
        world.follow("devon", "kent")
    world.hostile("kent").on("/log/payloads/000.p/2", giving)
    world.adopt(note, "devon", "leeds")
    world.follow("devon", "kent")
    world.follow("leeds", "kent")
    assert not left(world, [word], "leeds", "devon")
    assert urns(world["devon"]) == ["U2"]


def test_a_mirror_shows_nothing_of_it_any_more(world: World) -> None:
    put(world["kent"], ("U1", 1), ("U2", 1))
    world.follow("leeds", "kent")
    mirror = world.peer("devon", "leeds").mirror("kent")
    assert all(unpack_blobs(mirror.payloads(Tile(0, 0, 2)), 2))
    world.adopt(erasing(world, 0), "leeds")
    assert [bool(one) for one in unpack_blobs(mirror.payloads(Tile(0, 0, 2)), 2)] == [False, True]


def test_what_is_named_with_another_digest_stays(world: World) -> None:
    """So a charter means what its signers saw, and nothing that comes to stand there later."""
    put(world["kent"], ("U1", 1), ("U2", 1))
    world.follow("leeds", "kent")
    (second,) = (name_payload(world["leeds"], "kent", "1"),)
    wrong = (ErasedPayload("kent", 0, second.digest), ErasedPayload("kent", 2**40, second.digest))
    world.adopt(world.successor(by="leeds", erased=wrong))
    assert urns(world["leeds"]) == ["U1", "U2"]
    world.follow("devon", "kent")
    assert urns(world["devon"]) == ["U1", "U2"]
    assert len(records(world["devon"], "kent")) == 2


def test_it_stays_erased_though_the_next_version_says_nothing_of_it(world: World) -> None:
    put(world["kent"], ("U1", 1), ("U2", 1))
    world.follow("leeds", "kent")
    world.adopt(erasing(world, 0), "leeds", "devon")
    world.adopt(world.successor(by="leeds", name="Other"), "leeds", "devon")
    world.follow("devon", "kent")
    assert urns(world["devon"]) == ["U2"]
    assert not left(world, words_of("U1", 1), "leeds", "devon")


@pytest.mark.both_databases
def test_who_dies_between_adopting_and_destroying_destroys_at_its_start(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(world["kent"], ("U1", 1))
    follow_own(world["kent"])
    world.follow("leeds", "kent")
    note = erasing(world, 0)
    monkeypatch.setattr("federation.charter.adoption.obey_charter", lambda _: None)
    world.adopt(note, "leeds", "kent")
    for name in ("leeds", "kent"):
        assert left(world, words_of("U1", 1), name)
        destroy_again(world[name])
        assert not left(world, words_of("U1", 1), name)
        assert answers(world[name])[name]


def test_a_database_from_before_is_purged_before_it_is_served(world: World) -> None:
    put(world["kent"], ("U1", 1), ("U2", 1))
    world.follow("leeds", "kent")
    backup = world.copy("leeds")
    leeds = world.open("leeds")
    world.adopt(erasing(world, 0), "leeds")
    leeds.close()
    world.database.restore(leeds.folder, backup)
    shutil.rmtree(backup)
    leeds = world.open("leeds")
    assert left(world, words_of("U1", 1), "leeds")
    destroy_again(leeds)
    assert not left(world, words_of("U1", 1), "leeds")
    assert urns(leeds) == ["U2"]


def test_while_somebody_reads_what_was_there_before_nothing_is_confirmed(world: World) -> None:
    put(world["kent"], ("U1", 1))
    world.follow("leeds", "kent")
    leeds, note = world["leeds"], erasing(world, 0)
    reader = world.another("leeds").replica
    with reading(reader) as connection:
        connection.execute(select(tables.entry.c.blob)).all()

        @event.listens_for(leeds.replica, "checkout")
        def _(connection: Connection, *_: object) -> None:
            if leeds.replica.dialect.name == "sqlite":
                connection.execute("PRAGMA busy_timeout = 1")  # type: ignore[call-overload]
            else:
                connection.execute("SET lock_timeout = '50ms'")  # type: ignore[call-overload]
                connection.commit()

        adopt_successor(leeds, note)
        assert not answers(leeds)["leeds"]
    assert obey_charter(leeds)
    assert answers(leeds)["leeds"]
    assert not left(world, words_of("U1", 1), "leeds")


def test_an_author_that_lost_its_disk_reads_its_log_back_without_it(
    world: World,
) -> None:
    kent = world["kent"]
    put(kent, ("U1", 1), ("U2", 1))
    world.follow("leeds", "kent")
    note = erasing(world, 0)
    kent.close()
    world.database.settle(kent.folder)
    kent = world.open("kent")
    world.adopt(note)
    done = recover(kent, [world.peer("kent", "leeds")], Publications())
    assert (done.size, done.missing) == (2, ())
    sequence(kent)
    follow_own(kent)
    assert urns(kent) == ["U2"]
    assert len(own_entries(kent)) == 3


def test_an_author_does_not_publish_it_again_until_somebody_says_so(world: World) -> None:
    kent, homes = world["kent"], [a_home("U1"), a_home("U2")]
    publish_all = lambda: publish_now(kent, homes)  # noqa: E731
    assert publish_all() == 2
    world.follow("leeds", "kent")
    world.adopt(erasing(world, 0))
    homes = [a_home("U1", name="Another name"), a_home("U2")]
    assert publish_all() == 1  # the erasure, by its log
    with writing(kent.node_db) as connection:
        publish_again(connection, kent, WHO, "home/U1")
    assert publish_all() == 1
    world.follow("leeds", "kent")
    assert urns(world["leeds"]) == ["U1", "U2"]


def publish_now(node: Node, homes: list[object]) -> int:
    with writing(node.node_db) as connection:
        publish(connection, node, homes)  # type: ignore[arg-type]
    return sequence(node)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("3", "has verified no entry 3"),
        ("A" * 43, "has verified no entry A"),
        ("1", "publishes nothing"),
        ("0", "is erased already"),
    ],
)
def test_what_cannot_be_erased_is_not_proposed(world: World, said: str, why: str) -> None:
    put(world["kent"], ("U1", 1))
    world.follow("leeds", "kent")
    world.adopt(erasing(world, 0))
    sequence(world["kent"])
    world.follow("leeds", "kent")
    with pytest.raises(NoSuchPayload, match=why):
        name_payload(world["leeds"], "kent", said)


def test_a_payload_is_named_by_its_digest_as_well(world: World) -> None:
    put(world["kent"], ("U1", 1), ("U2", 1))
    world.follow("leeds", "kent")
    by_index = name_payload(world["leeds"], "kent", "1")
    assert name_payload(world["leeds"], "kent", by_index.digest) == by_index
    assert name_payload(world["kent"], "kent", by_index.digest) == by_index
