"""A file that is not Ofsted's list is refused as a whole, and says what to do about it."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.records.ofsted import reading
from directory.records.ofsted.errors import UnreadableList
from directory.records.ofsted.reading import read_list
from tests.directory.lists import home, ofsted_csv, write_list

GOOD = ofsted_csv([home()])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "headings"),
        (b" \r\n\t ", "empty"),
        (b"%PDF-1.7\nnothing here", "headings"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "headings"),
        (b"PK\x03\x04\x14\x00", "workbook that is damaged"),
        (GOOD.encode().replace(b"Kent", b"Ke\0nt"), "NUL"),
        (GOOD.encode("utf-16"), "NUL"),
        (GOOD.encode().replace(b"Paper Heron", b"Pap\xe9r \xd0\xd5\xcaHeron"), "make no sense"),
        (GOOD.replace(",", ";").encode(), "not CSV.* commas"),
        (GOOD.replace("URN,Linked", "Key,Linked").encode(), "no column called “URN”"),
        (GOOD.replace(",Places,", ",Beds,").encode(), "no column called “Places”"),
        (GOOD.replace("Web link", "urn").encode(), "more than one column called “URN”"),
        (GOOD.replace("9000001", '"9000001').encode(), "line 10"),
        (GOOD.replace("9000001", '"9000"001').encode(), "line 10"),
        (ofsted_csv([]).encode(), "no row|hardly a row"),
        (ofsted_csv([home(""), home("", Places="x")]).encode(), "on line 10 in “URN”"),
        (b'"' + b"a\n" * 200_000, "line 1"),
        (b"a" * 30_000, "Line 1 is longer"),
        (ofsted_csv([home()], banner=["x"] * 60).encode(), "None of the first 50 rows"),
    ],
)
def test_a_broken_file_is_refused_with_what_to_do(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableList, match=says) as caught:
        read_list(path)
    assert str(caught.value).endswith(".")
    assert str(tmp_path) not in str(caught.value)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path, tmp_path / "nowhere.csv", pipe):
        with pytest.raises(UnreadableList, match="not a file"):
            read_list(path)


def test_size_rows_and_problems_have_ceilings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_list(tmp_path, home("9000001"), home("9000002", Places="x"), home("x"))
    for ceiling, says in (
        ("MOST_BYTES", "larger than"),
        ("MOST_ROWS", "more than 1 rows"),
        ("MOST_PROBLEMS", "hardly a row"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(reading, ceiling, 1)
            with pytest.raises(UnreadableList, match=says):
                read_list(path)
    assert len(read_list(path).problems) == 2


@given(st.lists(st.tuples(st.integers(0, len(GOOD)), st.binary(max_size=3)), max_size=8))
def test_a_damaged_list_is_read_or_refused_and_never_crashes(
    damage: list[tuple[int, bytes]],
) -> None:
    content = bytearray(GOOD.encode())
    for place, what in damage:
        content[place : place + len(what)] = what
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(content)
        try:
            listed = read_list(path)
        except UnreadableList:
            return
    assert len(listed.registrations) <= listed.read
