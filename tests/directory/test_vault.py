"""Sealed values: they open in their own place, with this node's key, and not after erasure."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from directory.database import migrate
from directory.security.vault.epochs import begin_epoch, list_epochs, remove_epoch
from directory.security.vault.erasures import replay_erasures
from directory.security.vault.errors import (
    DamagedValue,
    EpochInUse,
    EpochKeyMissing,
    Erased,
    ForeignEpochKey,
    UnsafeEpochKey,
)
from directory.security.vault.models import data_key
from directory.security.vault.sealing import new_key, open_value, seal_value, unwrap, wrap
from directory.security.vault.service import Vault
from federation import Node, forget_deleted, reading, writing
from federation.errors import UnsafeKeys
from tests.databases import Databases
from tests.directory.worlds import consortium

pytestmark = pytest.mark.both_databases
WHERE = ("account", "totp_secret", "17")
SECRET = b"JBSWY3DPEHPK3PXP"


@pytest.fixture
def node(tmp_path: Path, database: Databases) -> Iterator[Node]:
    with consortium(tmp_path, {}, database) as made:
        yield made.reader


def seal(node: Node, value: bytes = SECRET) -> bytes:
    with writing(node.node_db) as connection:
        return Vault(connection, node).seal(*WHERE, value)


def open_(node: Node, sealed: bytes) -> bytes:
    with reading(node.node_db) as connection:
        return Vault(connection, node).open(*WHERE, sealed)


def key_file(node: Node, number: int = 1) -> Path:
    return node.folder / "keys" / f"epoch-{number}"


def test_a_sealed_value_opens_and_says_nothing_of_itself(node: Node) -> None:
    sealed, again = seal(node), seal(node)
    assert open_(node, sealed) == open_(node, again) == SECRET
    assert SECRET not in sealed
    assert sealed != again, "the nonce is fresh"


@pytest.mark.parametrize(
    "place",
    [
        ("session", "totp_secret", "17"),
        ("account", "password", "17"),
        ("account", "totp_secret", "18"),
        ("accounttotp", "_secret", "17"),
    ],
)
def test_a_value_that_was_moved_does_not_open(place: tuple[str, str, str]) -> None:
    key = new_key()
    sealed = seal_value(key, *WHERE, SECRET)
    assert open_value(key, *WHERE, sealed) == SECRET
    with pytest.raises(DamagedValue, match="belongs elsewhere"):
        open_value(key, *place, sealed)


def test_a_value_of_another_record_does_not_open_there(node: Node) -> None:
    with writing(node.node_db) as connection:
        vault = Vault(connection, node)
        one, other = (vault.seal("account", "totp_secret", who, SECRET) for who in ("1", "2"))
        with pytest.raises(DamagedValue):
            vault.open("account", "totp_secret", "1", other)
        # Nor with the data key moved along.
        keys = dict(connection.execute(select(data_key.c.record, data_key.c.wrapped)).all())
        connection.execute(
            update(data_key)
            .where(data_key.c.record == "account/1")
            .values(wrapped=keys["account/2"])
        )
        with pytest.raises(DamagedValue):
            vault.open("account", "totp_secret", "1", other)
        with pytest.raises(DamagedValue):
            vault.open("account", "totp_secret", "1", one)


@pytest.mark.parametrize("at", [0, 1, 12, 13, -1])
def test_a_flipped_bit_is_noticed(node: Node, at: int) -> None:
    sealed = bytearray(seal(node))
    sealed[at] ^= 1
    with pytest.raises(DamagedValue, match="Restore a backup") as refused:
        open_(node, bytes(sealed))
    assert SECRET.decode() not in str(refused.value)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" * 28, b"\x01" * 20])
def test_what_is_too_short_is_damaged_too(node: Node, sealed: bytes) -> None:
    seal(node)
    with pytest.raises(DamagedValue):
        open_(node, sealed)


def test_a_damaged_data_key_is_said_to_be_so() -> None:
    key = new_key()
    wrapped = wrap(new_key(), key)
    for bad in (wrapped[:-1], b"", bytes(40), wrapped[:-1] + bytes([wrapped[-1] ^ 1])):
        with pytest.raises(DamagedValue):
            unwrap(bad, key)


def test_a_missing_key_file_is_named(node: Node) -> None:
    sealed = seal(node)
    key_file(node).unlink()
    with pytest.raises(EpochKeyMissing, match="epoch-1 is missing"):
        open_(node, sealed)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_file_that_others_read_is_refused(node: Node, mode: int) -> None:
    sealed = seal(node)
    key_file(node).chmod(mode)
    with pytest.raises(UnsafeEpochKey, match="chmod 600"):
        open_(node, sealed)


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", "A" * 42, "é"])
def test_a_damaged_key_file_is_refused_and_not_repeated(node: Node, text: str) -> None:
    sealed = seal(node)
    key_file(node).write_text(text, "utf-8")
    with pytest.raises(UnsafeEpochKey, match="is damaged") as refused:
        open_(node, sealed)
    assert not text or text not in str(refused.value)


def test_the_key_of_another_node_is_told_apart_from_damage(tmp_path: Path) -> None:
    with consortium(tmp_path, {}) as made:
        kent = made.nodes["kent-node"]
        sealed = seal(kent)
        (another := tmp_path / "another").mkdir()
        migrate(another)
        (theirs,) = (another / "keys").iterdir()
        key_file(kent).write_bytes(theirs.read_bytes())
        with pytest.raises(ForeignEpochKey, match="another node"):
            open_(kent, sealed)


def test_a_new_epoch_wraps_every_data_key_and_lets_the_old_key_go(node: Node) -> None:
    sealed = seal(node)
    with writing(node.node_db) as connection, pytest.raises(EpochInUse, match="current"):
        remove_epoch(connection, node, 1)
    with writing(node.node_db) as connection:
        assert begin_epoch(connection, node) == 2
    assert key_file(node, 2).stat().st_mode & 0o777 == 0o600
    with writing(node.node_db) as connection:
        assert [(one.number, one.data_keys, one.file) for one in list_epochs(connection, node)] == [
            (1, 0, True),
            (2, 1, True),
        ]
        remove_epoch(connection, node, 1)
    assert not key_file(node, 1).exists()
    assert open_(node, sealed) == SECRET
    with writing(node.node_db) as connection, pytest.raises(EpochInUse):
        remove_epoch(connection, node, 2)


def test_an_epoch_that_cannot_begin_leaves_everything_as_it_was(node: Node) -> None:
    sealed = seal(node)
    with pytest.raises(OSError, match="no"), writing(node.node_db) as connection:  # noqa: PT012
        begin_epoch(connection, node)
        raise OSError("no")
    assert open_(node, sealed) == SECRET
    with writing(node.node_db) as connection:
        assert begin_epoch(connection, node) == 3
    assert open_(node, sealed) == SECRET


def test_a_destroyed_record_opens_no_longer_and_leaves_its_key_nowhere(
    node: Node, database: Databases
) -> None:
    sealed = seal(node)
    with writing(node.node_db) as connection:
        wrapped = connection.scalar(select(data_key.c.wrapped))
        assert Vault(connection, node).destroy("account", ["17", "no such"]) == 1
    with pytest.raises(Erased, match="for good"):
        open_(node, sealed)
    forget_deleted(node.node_db)
    assert wrapped is not None
    assert not any(wrapped in file.read_bytes() for file in database.raw(node.folder))


def test_a_record_that_was_destroyed_and_comes_again_is_another(node: Node) -> None:
    before = seal(node)
    with writing(node.node_db) as connection:
        Vault(connection, node).destroy("account", ["17"])
    after = seal(node)
    assert replay_erasures(node) == 0
    assert open_(node, after) == SECRET
    with pytest.raises(DamagedValue):
        open_(node, before)


def test_what_was_destroyed_is_destroyed_again_after_a_restore(node: Node) -> None:
    sealed = seal(node)
    with reading(node.node_db) as connection:
        backup = connection.execute(select(data_key)).mappings().one()
    with writing(node.node_db) as connection:
        Vault(connection, node).destroy("account", ["17"])
        connection.execute(data_key.insert().values(**backup))
    assert open_(node, sealed) == SECRET, "a backup would bring it back"
    assert replay_erasures(node) == 1
    with pytest.raises(Erased):
        open_(node, sealed)


def test_an_erasure_that_a_crash_cut_short_is_finished_at_the_next_start(node: Node) -> None:
    sealed = seal(node)
    with pytest.raises(OSError, match="no"), writing(node.node_db) as connection:  # noqa: PT012
        Vault(connection, node).destroy("account", ["17"])
        raise OSError("no")
    assert replay_erasures(node) == 1
    with pytest.raises(Erased):
        open_(node, sealed)


def test_a_note_that_a_power_cut_ended_spoils_no_other(node: Node) -> None:
    erased = node.folder / "keys" / "erased"
    erased.write_bytes(b"0" * 32 + b"\n" + b"1" * 7)
    sealed = seal(node)
    with writing(node.node_db) as connection:
        Vault(connection, node).destroy("account", ["17"])
    assert [len(line) for line in erased.read_bytes().splitlines()] == [32, 7, 32]
    assert replay_erasures(node) == 0
    with pytest.raises(Erased):
        open_(node, sealed)


def test_damaged_notes_of_erasures_stop_the_start(node: Node) -> None:
    (node.folder / "keys" / "erased").write_bytes(b"x" * 32 + b"\n")
    with pytest.raises(UnsafeKeys, match="nothing is served"):
        replay_erasures(node)
