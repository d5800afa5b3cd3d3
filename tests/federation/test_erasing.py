"""What is erased leaves no byte in any file of any node, and who has obeyed says so, signed.

Planted words are looked for in every file of every node: of SQLite databases with their write-ahead
logs, of PostgreSQL the files of the node's database. PostgreSQL's own journal is the whole server's
and is not looked at: what it keeps, and for how long, is in deploy/README.md.
"""

import shutil
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
import requests
from sqlalchemy import Engine, event, select

import federation.fetching
from directory.records.publishing.erased import MemberErasure, erased_entries
from directory.records.publishing.withdrawing import erase_record
from federation import (
    Node,
    audit_logs,
    destroy_again,
    finish_erasure,
    follow,
    reading,
    sequence,
    stage,
    tables,
    writing,
)
from federation.database import is_forgotten
from federation.erasing.confirming import confirm_due, due_authors
from federation.erasing.receipts import own_erasures, take_erasure_receipt
from federation.errors import ForkRefused, PayloadsWanting, PeerRefused, UnsafeKeys
from protocols.encoding import b64url
from protocols.entries import erase_entry, pack_blobs, publish_entry, unpack_blobs
from protocols.erasures import Erasure, erased, sign_erasure
from protocols.errors import BadSignature, Malformed, NotForUs, UnknownKey
from protocols.keys import PrivateKey, Purpose
from protocols.tiles import Tile
from tests.federation.planted import a_version, follow_own, left, planted, put, sample, words_of
from tests.federation.servers import body
from tests.federation.worlds import (
    NOW,
    WHO,
    World,
    append_by_hand,
    blob_of,
    home_record,
    own_entries,
    payload_states,
    small_records,
    trouble,
    urns,
)

pytestmark = pytest.mark.both_databases(second_is_soak=True)

WHY = "It names a street"


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    """Kent, Leeds and Devon."""
    return found("kent", "leeds", "devon")


def erase(node: Node, *urns: str) -> None:
    """What `hearth erase` does."""
    with writing(node.node_db) as connection:
        each = [erase_record(connection, node, WHO, f"home/{urn}", WHY) for urn in urns]
    assert finish_erasure(node, [index for named in each for index in named])
    sequence(node)


def confirm(world: World, reader: str, author: str) -> int:
    return confirm_due(world[reader], world.member(author), world.peer(reader, author).confirm)


def answers(node: Node, entry: int | None = None) -> dict[str, MemberErasure]:
    """What each member has made of an erasure, of which there is one."""
    (one,) = erased_entries(node, WHO, entry)
    return {member.node: member for member in one.members}


# --- No byte is left ------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_no_byte_of_an_erased_record_is_left_in_any_file_of_any_node(world: World) -> None:
    kent, dice = world["kent"], Random(1)
    homes = [f"U{number:03}" for number in dice.sample(range(1000), 120)]
    for at in range(0, len(homes), 30):
        put(kent, *((urn, 1) for urn in homes[at : at + 30]))
        follow_own(kent)
        world.follow("leeds", "kent")
    put(kent, *((urn, 2) for urn in homes[::2]))
    put(kent, *((urn, 3) for urn in homes[::4]))
    world.follow("leeds", "kent")
    follow_own(kent)
    sample(world, "kent", "leeds")
    gone = dice.sample(homes, 25)
    theirs = {word for urn in gone for version in (1, 2, 3) for word in words_of(urn, version)}
    others = {word for urn in set(homes) - set(gone) for word in words_of(urn, 1)}
    assert theirs & left(world, theirs, "leeds")["leeds"]

    erase(kent, *gone)
    assert not left(world, theirs, "kent")
    world.follow("leeds", "kent")
    world.follow("devon", "kent")
    follow_own(kent)
    assert not left(world, theirs)
    assert left(world, others) == dict.fromkeys(("kent", "leeds", "devon"), others)
    for node in world.nodes.values():
        assert set(urns(node)) <= set(homes) - set(gone)
        assert not any(one.problem for one in audit_logs(node))
        assert trouble(node, "kent") is None


def test_what_was_staged_and_not_yet_published_is_destroyed_with_the_rest(world: World) -> None:
    kent = world["kent"]
    put(kent, ("U1", 1), ("U2", 1))
    with writing(kent.node_db) as connection:
        stage(connection, kent, [("home/U1", a_version("U1", 2))])
    erase(kent, "U1")
    assert not left(world, [*words_of("U1", 1), *words_of("U1", 2)])
    assert len(own_entries(kent)) == 3
    world.follow("leeds", "kent")
    assert urns(world["leeds"]) == ["U2"]


def test_versions_before_and_after_a_retirement_are_erased_together(world: World) -> None:
    kent = world["kent"]
    put(kent, ("U1", 1))
    again = blob_of(a_version("U1", 2))
    append_by_hand(kent, (publish_entry(again, NOW), again))
    put(kent, ("U1", 3))
    world.follow("leeds", "kent")
    erase(kent, "U1")
    world.follow("leeds", "kent")
    assert not left(world, [word for version in (1, 2, 3) for word in words_of("U1", version)])
    with reading(kent.node_db) as connection:
        assert [one.named for one in own_erasures(connection)] == [(0, 1, 2)]


def test_an_author_destroys_at_once_though_it_may_not_sign(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    kent = world["kent"]
    put(kent, ("U1", 1))
    follow_own(kent)
    with writing(kent.node_db) as connection:
        named = erase_record(connection, kent, WHO, "home/U1", WHY)
    assert finish_erasure(kent, named)
    assert urns(kent) == []
    assert not left(world, words_of("U1", 1), "kent")
    with pytest.raises(PayloadsWanting):
        world.follow("leeds", "kent")  # nobody has told Leeds why
    sequence(kent)
    world.follow("leeds", "kent")
    assert trouble(world["leeds"], "kent") is None


def test_a_record_that_is_published_again_after_its_erasure_is_another(world: World) -> None:
    kent = world["kent"]
    put(kent, ("U1", 1))
    erase(kent, "U1")
    put(kent, ("U1", 2))
    world.follow("leeds", "kent")
    assert urns(world["leeds"]) == ["U1"]
    assert not left(world, words_of("U1", 1))
    assert set(left(world, words_of("U1", 2))) == {"kent", "leeds"}


@pytest.mark.both_databases
def test_a_database_from_before_an_erasure_is_purged_before_it_is_served(world: World) -> None:
    kent = world["kent"]
    put(kent, ("U1", 1), ("U2", 1))
    follow_own(kent)
    backup = world.copy("kent")
    kent = world.open("kent")
    erase(kent, "U1")
    kent.close()
    world.database.restore(kent.folder, backup)
    shutil.rmtree(backup)
    kent = world.another("kent")
    assert left(world, words_of("U1", 1), "kent")
    assert destroy_again(kent) == 1
    assert destroy_again(kent) == 0
    assert not left(world, words_of("U1", 1), "kent")
    assert urns(kent) == ["U2"]
    with pytest.raises(ForkRefused):
        sequence(kent)


@pytest.mark.parametrize("what", [b"x" * 16 + b"\n", b"0" * 17 + b"\n"])
def test_damaged_notes_of_what_was_erased_stop_the_start(world: World, what: bytes) -> None:
    (world["kent"].folder / "keys" / "erased-entries").write_bytes(what)
    with pytest.raises(UnsafeKeys, match="nothing is served"):
        destroy_again(world["kent"])


def test_while_somebody_reads_what_was_there_before_it_is_not_said_to_be_destroyed(
    world: World,
) -> None:
    kent, leeds = world["kent"], world["leeds"]
    put(kent, ("U1", 1))
    world.follow("leeds", "kent")
    erase(kent, "U1")
    reader = world.another("leeds").replica  # a web server's, with a long look
    with reading(reader) as connection:
        connection.execute(select(tables.entry.c.blob)).all()
        impatient(leeds.replica)
        world.follow("leeds", "kent")
        assert not is_forgotten(leeds.replica)
        assert confirm(world, "leeds", "kent") == 0
        assert left(world, words_of("U1", 1), "leeds")
    federation.database.forget_what_was_left(leeds.replica)
    assert is_forgotten(leeds.replica)
    assert not left(world, words_of("U1", 1), "leeds")
    assert confirm(world, "leeds", "kent") == 1


def impatient(engine: Engine) -> None:
    """Let an engine's connections wait for others no longer than an instant."""

    @event.listens_for(engine, "checkout")
    def _(connection: Any, *_: object) -> None:
        if engine.dialect.name == "sqlite":
            connection.execute("PRAGMA busy_timeout = 1")
        else:
            connection.execute("SET lock_timeout = '50ms'")
            connection.commit()


# --- Who was away, and who lies -------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_node_that_was_away_erases_on_its_return(world: World) -> None:
    kent = world["kent"]
    put(kent, ("U1", 1), ("U2", 1))
    world.follow("devon", "kent")
    put(kent, ("U1", 2))
    world.turn.forward(days=30)
    erase(kent, "U1")
    put(kent, ("U3", 1))
    words = [*words_of("U1", 1), *words_of("U1", 2)]
    assert left(world, words) == {"devon": set(words_of("U1", 1))}
    world.follow("devon", "kent")
    assert not left(world, words)
    assert urns(world["devon"]) == ["U2", "U3"]
    assert confirm(world, "devon", "kent") == 1


def test_a_mirror_shows_nothing_of_what_was_erased_and_its_copy_still_verifies(
    world: World,
) -> None:
    put(world["kent"], ("U1", 1), ("U2", 1))
    world.follow("leeds", "kent")
    mirror = world.peer("devon", "leeds").mirror("kent")
    assert all(unpack_blobs(mirror.payloads(Tile(0, 0, 2)), 2))
    erase(world["kent"], "U1")
    world.follow("leeds", "kent")
    first, second, none = unpack_blobs(mirror.payloads(Tile(0, 0, 3)), 3)
    assert (first, none) == (b"", b"")
    assert second
    world.sites["kent"].stop()
    assert follow(world["devon"], world.member("kent"), mirror) == 3
    assert urns(world["devon"]) == ["U2"]
    assert not left(world, words_of("U1", 1))
    world.sites["kent"].start()


@pytest.mark.parametrize("batch_tiles", [1, 16], ids=["in two batches", "in one"])
def test_a_payload_that_is_served_though_it_was_erased_is_not_kept(
    world: World, batch_tiles: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(federation.fetching, "BATCH_TILES", batch_tiles)
    kent, word = world["kent"], planted("kept")
    kept = blob_of(home_record("U1", name=word))
    append_by_hand(kent, (publish_entry(kept, NOW), kept))
    world.publish("kent", *small_records(300))
    erase(kent, "U1")
    world.hostile("kent").on(
        "/log/payloads/000",
        body(lambda data: pack_blobs([kept, *unpack_blobs(data, 256)[1:]])),
    )
    world.follow("leeds", "kent")
    assert not left(world, [word])
    assert urns(world["leeds"]) == []
    assert payload_states(world["leeds"], "kent")[0] == tables.Payload.ERASED


@pytest.mark.parametrize(
    "named", [[1], [2], [2**40], [0, 1]], ids=["itself", "the next", "far ahead", "both"]
)
def test_an_erasure_of_what_has_not_come_yet_is_no_entry(world: World, named: list[int]) -> None:
    first, after = (blob_of(home_record(urn)) for urn in ("U1", "U2"))
    append_by_hand(
        world["kent"],
        (publish_entry(first, NOW), first),
        (erase_entry(named, NOW), None),
        (publish_entry(after, NOW), after),
    )
    world.follow("leeds", "kent")
    assert urns(world["leeds"]) == ["U1", "U2"]
    assert due_authors(world["leeds"]) == set()
    with reading(world["kent"].node_db) as connection:
        assert own_erasures(connection) == []


def test_an_erasure_in_one_log_destroys_nothing_of_another_s(world: World) -> None:
    put(world["kent"], ("U1", 1))
    blob = blob_of(b"{}")
    append_by_hand(world["devon"], (publish_entry(blob, NOW), blob), (erase_entry([0], NOW), None))
    for author in ("kent", "devon"):
        world.follow("leeds", author)
    assert urns(world["leeds"]) == ["U1"]
    assert words_of("U1", 1)[0] in left(world, words_of("U1", 1), "leeds")["leeds"]


def test_a_log_says_that_it_erases_and_not_what(world: World) -> None:
    put(world["kent"], ("U1", 1))
    erase(world["kent"], "U1")
    assert own_entries(world["kent"])[1] == erase_entry([0], NOW)


# --- Receipts -------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_who_has_erased_confirms_it_and_who_has_not_is_listed_with_the_reason(
    world: World,
) -> None:
    kent = world["kent"]
    put(kent, ("U1", 1))
    for reader in ("leeds", "devon"):
        world.follow(reader, "kent")
    sequence(world["devon"])
    world.follow("kent", "devon")
    erase(kent, "U1")
    follow_own(kent)
    world.turn.forward(minutes=5)
    world.follow("leeds", "kent")
    assert confirm(world, "leeds", "kent") == 1
    assert confirm(world, "leeds", "kent") == 0
    own = lambda text: take_erasure_receipt(kent, kent.member, text)  # noqa: E731
    assert confirm_due(kent, kent.member, own) == 1
    for entry in (None, 0, 1):
        said = answers(kent, entry)
        assert {name: one.confirmation is not None for name, one in said.items()} == {
            "devon": False,
            "kent": True,
            "leeds": True,
        }
    assert "last in touch 20 November 2026 09:30 UTC" in said["devon"].why
    confirmation = said["leeds"].confirmation
    assert confirmation is not None
    assert confirmation.erased_at == confirmation.received_at == world.turn.now
    assert confirmation.receipt.count(".") == 2


def test_a_receipt_waits_until_its_author_is_back(world: World) -> None:
    kent = world["kent"]
    put(kent, ("U1", 1))
    erase(kent, "U1")
    world.follow("leeds", "kent")
    world.sites["kent"].stop()
    assert confirm(world, "leeds", "kent") == 0
    assert due_authors(world["leeds"]) == set()
    world.sites["kent"].start()
    world.turn.forward(hours=1)
    assert due_authors(world["leeds"]) == {"kent"}
    assert confirm(world, "leeds", "kent") == 1


def test_a_receipt_that_comes_twice_counts_once(world: World) -> None:
    kent = world["kent"]
    text = a_receipt(world)
    for _ in range(2):
        world.peer("leeds", "kent").confirm(text)
    with reading(kent.node_db) as connection:
        assert len(connection.execute(select(tables.erasure_receipt)).all()) == 1


def a_receipt(world: World, key: PrivateKey | None = None, **changes: object) -> str:
    """Leeds' receipt for the one erasure of Kent's log, which is made, with members replaced."""
    kent, leeds = world["kent"], world["leeds"]
    if not own_entries(kent):
        put(kent, ("U1", 1))
        erase(kent, "U1")
    true = erased("leeds", kent.member.origin, 1, own_entries(kent)[1], NOW)
    made = Erasure(**{name: getattr(true, name) for name in true.__struct_fields__} | changes)  # type: ignore[arg-type]
    return sign_erasure(made, key or leeds.keys.node_key(Purpose.ACCESS))


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"by": "devon"}, NotForUs),
        ({"origin": "elsewhere.example/log"}, NotForUs),
        ({"entry": 0}, NotForUs),
        ({"entry": 2}, NotForUs),
        ({"leaf": b64url(bytes(32))}, NotForUs),
    ],
    ids=["by another", "another log", "what it erases", "no entry", "another leaf"],
)
def test_a_receipt_for_something_else_is_refused(
    world: World, changes: dict[str, object], refused: type[Exception]
) -> None:
    text = a_receipt(world, **changes)
    kent = world["kent"]
    with pytest.raises(refused):
        take_erasure_receipt(kent, world.member("leeds"), text)
    with pytest.raises(PeerRefused, match="answered 400"):
        world.peer("leeds", "kent").confirm(text)
    assert not [one for one in answers(kent).values() if one.confirmation]


def test_nobody_confirms_in_the_name_of_another(world: World) -> None:
    kent = world["kent"]
    with pytest.raises(UnknownKey):
        take_erasure_receipt(kent, world.member("devon"), a_receipt(world))
    devons = a_receipt(world, world["devon"].keys.node_key(Purpose.ACCESS))
    with pytest.raises(UnknownKey):
        take_erasure_receipt(kent, world.member("leeds"), devons)
    signed, signature = a_receipt(world).rpartition(".")[0], devons.rpartition(".")[2]
    with pytest.raises(BadSignature):
        take_erasure_receipt(kent, world.member("leeds"), f"{signed}.{signature}")
    with pytest.raises(TypeError):
        a_receipt(world, world["leeds"].keys.node_key(Purpose.LOG))


@pytest.mark.parametrize("data", [b"", b"a.b.c", b"\xff", b"x" * 20_000])
def test_what_is_no_receipt_is_refused(world: World, data: bytes) -> None:
    peer = world.peer("leeds", "kent")
    answer = requests.post(
        f"{world.member('kent').url}/erasures",
        data,
        headers={
            "Authorization": f"Bearer {peer._current_token()}",
            "Content-Type": "application/jose",
        },
        timeout=10,
    )
    assert answer.status_code == (413 if len(data) > 16 * 1024 else 400)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_assertion_of_a_token_does_not_pass_for_a_receipt(world: World) -> None:
    from authlib.oauth2.rfc7523 import private_key_jwt_sign

    kent, leeds = world["kent"], world["leeds"]
    key = leeds.keys.node_key(Purpose.ACCESS)
    assertion = private_key_jwt_sign(
        key.jwk,
        "leeds",
        f"{kent.member.url}/token",
        header={"alg": "Ed25519", "typ": "JWT", "kid": key.public.kid},
        alg="Ed25519",
    )
    with pytest.raises(Malformed):
        take_erasure_receipt(kent, world.member("leeds"), assertion)
