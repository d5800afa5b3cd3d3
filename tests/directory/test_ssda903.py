"""Reading a return of children looked after: rows to placements, and what is wrong with cells."""

from collections.abc import Iterable
from datetime import date
from io import BytesIO

import pytest

from directory.country.ssda903.codes import YEARS, codes_of
from directory.country.ssda903.episodes import Episode, read_episodes
from directory.country.ssda903.errors import Fault, NotATable, OtherTable, ReturnError
from directory.country.ssda903.header import Child, read_header
from directory.country.ssda903.meanings import legal_status_of, setting_of
from directory.country.ssda903.placements import placements_of
from directory.country.ssda903.where import Areas

TITLES = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST"


def read(*rows: str, titles: str = f"{TITLES},URN", year: int | None = None) -> list[object]:
    return list(read_episodes(BytesIO("\r\n".join((titles, *rows)).encode()), year))


def episodes(found: Iterable[object]) -> list[Episode]:
    return [one for one in found if isinstance(one, Episode)]


def faults(found: Iterable[object]) -> list[tuple[int, str]]:
    return [(one.row, one.column) for one in found if isinstance(one, Fault)]


def test_a_row_is_read_by_what_its_columns_mean() -> None:
    found = read("7001,11/12/2018,S,C2,N1,K2,PR4,,,,LS1 1UR,hu1 1aa,SC012345", year=2019)
    assert found == [
        Episode(
            row=2,
            child="7001",
            began=date(2018, 12, 11),
            place="K2",
            why_new="S",
            legal_status="C2",
            need="N1",
            provider="PR4",
            home_postcode="LS1 1UR",
            postcode="HU1 1AA",
            urn="SC012345",
        )
    ]
    assert setting_of("K2") == "children's home"
    assert legal_status_of("C2") == "section 31"


def test_marks_further_columns_other_orders_and_blank_rows_change_nothing() -> None:
    data = (
        b"\xef\xbb\xbf\xef\xbb\xbftest_column,PLACE,child,DECOM,RNE,LS,DEC\r\n"
        b"*DUMMY*,U4,7001,01/04/2020,P,C2,\r\n,,,,,,\r\n\r\n\xff,K2,7002,1/5/2020,S,V2,02/05/2020\r\n"
    )
    first, second = episodes(read_episodes(BytesIO(data)))
    assert (first.row, first.child, first.place, first.ended) == (2, "7001", "U4", None)
    assert (second.row, second.child, second.ended) == (5, "7002", date(2020, 5, 2))


def test_what_cannot_be_read_is_a_fault_that_says_where_and_quotes_nothing() -> None:
    found = read(
        "7001,11-12-2018,P,V4,N4,K2,PR4,18/07/2019,E15,,,,6834366",
        "7002,02/12/2018,S,SECRETLY,N5,U5,PR4,16/05/2019,X1,,,!!hidden!!,5431039",
        "7003,02/12/2018,S,C2,N5,U5,PR4,01/12/2018,X1,,,,",
        ",02/12/2018,S,C2,N5,U5,,,,,,,",
        "7004,02/12/2018,S,C2,N5,U5,,,,,,,,Leeds",
        titles=f"{TITLES},URN",
    )
    assert faults(found) == [
        (2, "DECOM"),
        (3, "LS"),
        (3, "PL_POST"),
        (4, "DEC"),
        (5, "CHILD"),
        (6, "CHILD"),
    ]
    # A legal status that nobody can read must not hide a child who is placed.
    assert [(one.child, one.legal_status) for one in episodes(found)] == [("7002", None)]
    said = " ".join(one.reason for one in found if isinstance(one, Fault))
    assert not any(cell in said for cell in ("7001", "11-12", "SECRETLY", "hidden", "Leeds"))


@pytest.mark.parametrize(
    ("year", "known", "unknown"),
    [
        (2017, {"PLACE": "P2", "REC": "E43", "SEX": "1"}, {"REC": "E45", "PLACE": "K3"}),
        (2018, {"REC": "E44"}, {"REASON_PLACE_CHANGE": "CUSTOD"}),
        (2019, {"REC": "E48", "REASON_PLACE_CHANGE": "CUSTOD"}, {"REC": "E43"}),
        (2024, {"PLACE": "H5", "SEX": "2"}, {"PLACE": "K3", "SEX": "F"}),
        (2025, {"PLACE": "K3", "SEX": "U"}, {"PLACE": "H5", "SEX": "1"}),
        (2026, {"PLACE": "Z14", "REC": "E48"}, {"PLACE": "P2"}),
    ],
)
def test_a_year_has_its_own_codes(
    year: int, known: dict[str, str], unknown: dict[str, str]
) -> None:
    codes = codes_of(year)
    assert all(code in codes[column] for column, code in known.items())
    assert all(code not in codes[column] for column, code in unknown.items())
    assert all(code in codes_of(None)[column] for column, code in (known | unknown).items())
    assert year in YEARS


def test_a_code_of_another_year_is_a_fault() -> None:
    row = "7001,01/05/2024,S,C2,N1,K3,,,,,,,"
    assert faults(read(row, year=2024)) == [(2, "PLACE")]
    assert faults(read(row, year=2025)) == []


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"CHILD,DECOM\r\n1,01/04/2020\r\n", OtherTable),
        (f"{TITLES},CHILD\r\n".encode(), OtherTable),
        (b"", OtherTable),
        (TITLES.encode("utf-16"), NotATable),
        (b"PK\x03\x04\0\0", NotATable),
        (f'{TITLES}\r\n"7001,'.encode(), NotATable),
        (b"x" * 6_000, NotATable),
    ],
)
def test_what_is_no_such_table_is_refused(data: bytes, error: type[ReturnError]) -> None:
    with pytest.raises(error):
        list(read_episodes(BytesIO(data)))


def test_the_header_tells_when_a_child_was_born_and_no_more() -> None:
    data = (
        "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n7001,2,11/07/2008,WBRI,A1,,\n7002,9,1/1/2010,,,,\n"
    )
    found = list(read_header(BytesIO(data.encode())))
    assert Child(2, "7001", date(2008, 7, 11), "female") in found
    assert Child(3, "7002", date(2010, 1, 1)) in found
    assert faults(found) == [(3, "SEX")]
    assert "WBRI" not in repr(found)


def test_a_change_of_legal_status_alone_is_the_same_placement() -> None:
    found = episodes(
        read(
            "7001,01/05/2020,L,C2,N1,K2,,,,,,HU1 1AA,1",
            "7001,01/04/2020,S,C1,N1,K2,,01/05/2020,X1,,,HU1 1AA,1",
            "7001,01/04/2020,S,C1,N1,K2,,01/05/2020,X1,,,HU1 1AA,1",
            "7002,01/06/2020,P,C2,N1,U4,,,,,,LS1 1UR,",
            "7002,01/04/2020,L,C2,N1,K2,,01/06/2020,X1,CARPL,,HU1 1AA,1",
            "7003,01/04/2020,S,V3,N1,K2,,03/04/2020,X1,,,HU1 1AA,1",
        )
    )
    one, moved_from, moved_to, breaks = placements_of(found)
    assert (one.row, one.began, one.now.legal_status, len(one.episodes)) == (
        3,
        date(2020, 4, 1),
        "C2",
        2,
    )
    assert (moved_from.began_before, moved_from.ended) == (True, date(2020, 6, 1))
    assert (moved_to.began_before, moved_to.ended) == (False, None)
    assert [one.short_breaks, breaks.short_breaks] == [False, True]


def test_the_area_is_told_by_postcode_then_authority_then_home_or_it_is_unknown() -> None:
    rows = [
        "7001,01/04/2020,S,C2,N1,K2,,,,,,HU1 1AA,1,Leeds",
        "7001,01/04/2020,S,C2,N1,K2,,,,,,,1,Leeds",
        "7001,01/04/2020,S,C2,N1,K2,,,,,,ZZ1 1ZZ,1,",
        "7001,01/04/2020,S,C2,N1,K2,,,,,,,2,WAL",
        "7001,01/04/2020,S,C2,N1,K2,,,,,,,XXXXXXX,",
    ]
    areas = Areas({"1": "E09000012"}.get)
    found = [areas.of(one) for one in episodes(read(*rows, titles=f"{TITLES},URN,PL_LA"))]
    assert [(one.authority, one.by) for one in found] == [
        ("E06000010", "PL_POST"),
        ("E08000035", "PL_LA"),
        ("E09000012", "URN"),
        (None, None),
        (None, None),
    ]
    assert "Wales" in found[3].why
    assert "there is no URN" in found[4].why
    assert not any("ZZ1" in one.why for one in found)
