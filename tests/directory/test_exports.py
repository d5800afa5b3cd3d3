"""That a spreadsheet never runs what somebody wrote into a record."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.exports import csv_lines

LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def read_back(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


@pytest.mark.parametrize(
    "written",
    [
        "=1+1",
        "+44 20 7946 0000",
        "-2+3",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        " =1+1",
        "'=1+1",
        '"=1+1',
        '=HYPERLINK("https://example.org","Open")',
        "＝1+1",
    ],
)
def test_a_cell_that_begins_as_a_formula_is_never_exported_live(written: str) -> None:
    [[_heading], [cell]] = read_back("".join(csv_lines(["Name"], [[written]])))
    assert cell.startswith("'")
    assert cell.replace("'", "") == written.replace("'", "")


@pytest.mark.parametrize("written", ["a;=1+1", "a\n=1+1", "a\t@SUM(A1)", "a; -1"])
def test_a_formula_behind_what_another_spreadsheet_takes_for_a_new_cell_is_not_live(
    written: str,
) -> None:
    text = "".join(csv_lines(["Name"], [[written]]))
    inside = read_back(text)[1][0]
    for separator in (";", "\n", "\t"):
        assert not any(part.lstrip().startswith(LIVE) for part in inside.split(separator))


def test_headings_are_as_harmless_as_cells() -> None:
    assert next(csv_lines(["=1+1"], [])) == '"\'=1+1"\r\n'


def test_ordinary_words_numbers_days_and_nothing_stay_as_they_are() -> None:
    moment = datetime(2025, 3, 31, 9, 30, tzinfo=UTC)
    row = ["Llŷn, “Tŷ Bach” – 3 places", -3, 2.5, date(2025, 3, 31), moment, None]
    text = "".join(csv_lines(list("abcdef"), [row]))
    assert read_back(text)[1] == [
        "Llŷn, “Tŷ Bach” – 3 places",
        "-3",
        "2.5",
        "2025-03-31",
        "2025-03-31T09:30:00+00:00",
        "",
    ]


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_whatever_is_written_stays_in_its_cell_and_does_not_begin_as_a_formula(
    cells: list[str],
) -> None:
    row = read_back("".join(csv_lines(["x"] * len(cells), [cells])))[1:]
    assert len(row) == 1
    assert len(row[0]) == len(cells)
    assert not any(cell.startswith(LIVE) for cell in row[0])
