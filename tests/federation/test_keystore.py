"""Key files and the high-water mark: refused rather than misread, and never taken back."""

import stat
from pathlib import Path

import msgspec
import pytest

from federation.errors import AlreadyInitialised, ForkRefused, NotInitialised, UnsafeKeys
from federation.high_water import HighWater
from federation.keystore import KeyStore, write_private
from protocols.encoding import b64
from protocols.keys import AUTHORITY_PURPOSES, NODE_PURPOSES, Purpose
from tests.federation.worlds import KENT, LEEDS

ROOT, OTHER = bytes(range(32)), bytes(32)


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    return KeyStore.create(tmp_path / "keys", [KENT, LEEDS])


@pytest.fixture
def folder(keys: KeyStore, tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_every_key_is_drawn_apart_and_read_back_the_same(keys: KeyStore, folder: Path) -> None:
    again = KeyStore(folder)
    drawn = [keys.node_key(purpose) for purpose in NODE_PURPOSES]
    drawn += [keys.authority_key(gss, p) for gss in (KENT, LEEDS) for p in AUTHORITY_PURPOSES]
    assert len({key.seed for key in drawn}) == len(drawn) == 7
    assert [again.node_key(purpose) for purpose in NODE_PURPOSES] == drawn[:3]


def test_only_the_owner_can_read_them(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = list(folder.iterdir())
    assert {file.name for file in files} == {"node.json", f"{KENT}.json", f"{LEEDS}.json"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_keys_are_never_overwritten(keys: KeyStore, folder: Path) -> None:
    before = {file: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(AlreadyInitialised, match="never overwritten"):
        KeyStore.create(folder, [KENT])
    assert {file: file.read_bytes() for file in folder.iterdir()} == before


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o601, 0o777])
def test_a_key_file_that_others_can_reach_is_refused_and_says_what_to_do(
    keys: KeyStore, folder: Path, mode: int
) -> None:
    (folder / "node.json").chmod(mode)
    with pytest.raises(UnsafeKeys, match="chmod 600"):
        keys.node_key(Purpose.LOG)
    assert keys.authority_key(KENT, Purpose.SIGNING)
    (folder / "node.json").chmod(0o600)
    assert keys.node_key(Purpose.LOG)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 50,
        b"{",
        b"[]",
        b"{}",
        b'{"log":"c2hvcnQ"}',
        b'{"log":7}',
        b'{"log":"****"}',
        b'{"king":"' + b"A" * 43 + b'"}',
        b'{"witness":"' + b"A" * 43 + b'"}',
    ],
)
def test_a_damaged_key_file_names_the_backup_and_quotes_no_key(
    keys: KeyStore, folder: Path, content: bytes
) -> None:
    (folder / "node.json").write_bytes(content)
    with pytest.raises(UnsafeKeys, match=r"node\.json.*key backup") as refused:
        keys.node_key(Purpose.LOG)
    quoted = str(refused.value) + str(refused.value.__cause__)
    assert "AAAA" not in quoted
    assert "c2hv" not in quoted


def test_a_key_file_that_was_cut_short_is_damaged(keys: KeyStore, folder: Path) -> None:
    whole = (folder / "node.json").read_bytes()
    for length in range(len(whole)):
        (folder / "node.json").write_bytes(whole[:length])
        with pytest.raises(UnsafeKeys, match="damaged"):
            keys.node_key(Purpose.LOG)


def test_a_missing_key_file_names_the_backup(keys: KeyStore, folder: Path) -> None:
    (folder / f"{KENT}.json").unlink()
    with pytest.raises(NotInitialised, match=rf"{KENT}\.json.*key backup"):
        keys.authority_key(KENT, Purpose.SIGNING)


def test_no_authority_s_name_reaches_another_file(keys: KeyStore) -> None:
    with pytest.raises(NotInitialised):
        keys.authority_key("../member", Purpose.SIGNING)


# --- The high-water mark ------------------------------------------------------------------------


def test_the_mark_rises_and_never_falls(keys: KeyStore, folder: Path) -> None:
    assert keys.high_water() is None
    for size in (0, 5, 5, 9):
        keys.raise_high_water(HighWater(size, ROOT))
        assert KeyStore(folder).high_water() == HighWater(size, ROOT)
    with pytest.raises(ForkRefused, match="size 9 was signed before; this is 8"):
        keys.raise_high_water(HighWater(8, ROOT))
    assert keys.high_water() == HighWater(9, ROOT)


def test_the_mark_takes_no_other_root_for_the_size_that_was_signed(keys: KeyStore) -> None:
    keys.raise_high_water(HighWater(9, ROOT))
    with pytest.raises(ForkRefused):
        keys.raise_high_water(HighWater(9, OTHER))
    assert keys.high_water() == HighWater(9, ROOT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9",
        "nine " + b64(ROOT),
        "9 short",
        f"9 {b64(ROOT)} more",
        f"-1 {b64(ROOT)}",
        f"9 {b64(ROOT[:31])}",
        "\x00" * 40,
        "\N{SNOWMAN}",
    ],
)
def test_a_damaged_mark_is_refused_rather_than_taken_for_none(
    keys: KeyStore, folder: Path, text: str
) -> None:
    (folder / "high-water").write_text(text, "utf-8")
    with pytest.raises(UnsafeKeys, match=r"high-water is damaged.*backup"):
        keys.high_water()
    with pytest.raises(UnsafeKeys):
        keys.raise_high_water(HighWater(10, ROOT))


def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mark"
    write_private(file, b"before")

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr("federation.keystore.os.fsync", fail)
        with pytest.raises(OSError, match="full"):
            write_private(file, b"after")
    assert file.read_bytes() == b"before"
    write_private(file, b"after")
    assert file.read_bytes() == b"after"
    assert msgspec.json.encode(stat.S_IMODE(file.stat().st_mode)) == b"384"
