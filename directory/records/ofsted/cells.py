"""The cells of one row, read with suspicion.

What stands in a cell was typed by somebody else: hidden characters, over-long text, markup,
formulas and words outside the closed vocabularies are refused, and "REDACTED" is never kept as
text. Each refusal is noted with its line, column and reason; what is returned in its stead is of no
account, because the row is then left out as a whole. A field for which the list has no column is
as empty.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from directory.records.ofsted.heading import Heading
from directory.records.ofsted.registrations import Problem

LONGEST_CELL = 300  # characters
_SHOWN = 80
_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})|([0-9]{4})-([0-9]{2})-([0-9]{2})")
_YEARS = range(1900, 2101)
_NUMBER = re.compile(r"[0-9]{1,6}")
_MARKUP = re.compile(r"<[a-z!/?][^>]*>|<(?:script|iframe|style|img)\b", re.IGNORECASE)
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs"})  # control, format, private use, surrogate


@dataclass(slots=True)
class Row:
    """The cells of the row that begins on `line` of the file, and what is wrong with them."""

    heading: Heading
    cells: list[str]
    line: int
    problems: list[Problem] = field(default_factory=list)
    longest: int = LONGEST_CELL

    def refuse(self, name: str, reason: str) -> None:
        """Note why the field `name` cannot be read."""
        place = self.heading.columns[name]
        value = self.cells[place] if place < len(self.cells) else ""
        title = self.heading.titles[place]
        self.problems.append(Problem(self.line, title, _shown(value), reason))

    def text(self, name: str) -> str | None:
        """The cell's words parted by one space; None when it is empty or redacted."""
        place = self.heading.columns.get(name)
        if place is None:
            return None
        raw = self.cells[place]
        if len(raw) > self.longest:
            self.refuse(name, f"The cell is longer than {self.longest} characters. Shorten it.")
            return None
        if not raw.isprintable() and any(_is_hidden(sign) for sign in raw if sign not in "\n\r\t"):
            self.refuse(name, "The cell contains hidden control characters. Type it afresh.")
            return None
        words = " ".join(unicodedata.normalize("NFC", raw).split())
        if words.startswith("="):
            self.refuse(name, "A formula stands here, and not what it yields. Type its value.")
            return None
        if "<" in words and _MARKUP.search(words):
            self.refuse(name, "The cell contains HTML. Type the text alone.")
            return None
        return None if words.casefold() in ("", "redacted") else words

    def any_said(self, places: tuple[int, ...]) -> bool:
        """Whether one of these columns holds more than REDACTED."""
        return any(
            self.cells[place].strip().casefold() not in ("", "redacted")
            for place in places
            if place < len(self.cells)
        )

    def needed(self, name: str) -> str:
        """As `text`, where a registration cannot do without."""
        before = len(self.problems)
        words = self.text(name)
        if words is None and len(self.problems) == before:
            self.refuse(name, "Nothing stands here, and a registration needs it. Fill it in.")
        return words or ""

    def one_of(self, name: str, words: Mapping[str, str]) -> str:
        """The canonical spelling of one of `words`, which are keyed as `straight` gives them."""
        written = self.needed(name)
        known = words.get(straight(written), "")
        if written and not known:
            self.refuse(name, f"This is none of: {', '.join(sorted(words.values()))}.")
        return known

    def grade(self, name: str, grades: Mapping[str, str | None]) -> tuple[str | None, str | None]:
        """A grade in today's words, None where there is none; and the list's own words for it, None
        where they are today's or say that it was not judged.
        """
        written = self.text(name)
        if written is None:
            return None, None
        if straight(written) not in grades:
            known = dict.fromkeys(filter(None, grades.values()))
            self.refuse(name, f"This is none of: {', '.join(known)}.")
            return None, None
        grade = grades[straight(written)]
        same = straight(written) in (straight(grade or ""), "not judged")
        return grade, None if same else written

    def flag(self, name: str, marks: Mapping[str, bool]) -> bool:
        """Whether one of Ofsted's marks stands here; an empty cell is no."""
        written = self.text(name)
        if written is None:
            return False
        if straight(written) not in marks:
            self.refuse(name, "This is neither empty nor a mark that Ofsted puts here.")
        return marks.get(straight(written), False)

    def day(self, name: str) -> date | None:
        """A day written 25/06/2020 or 2020-06-25; None where nothing stands."""
        written = self.text(name)
        return None if written is None else self._day(name, written)

    def needed_day(self, name: str) -> date:
        """As `day`, where a registration cannot do without."""
        written = self.needed(name)
        return self._day(name, written) if written else date.min

    def places(self, name: str, allowed: range) -> int | None:
        """A whole number of places; None where nothing stands."""
        written = self.text(name)
        if written is None:
            return None
        if _NUMBER.fullmatch(written) and int(written) in allowed:
            return int(written)
        least, most = allowed[0], allowed[-1]
        self.refuse(name, f"This is not a whole number from {least} to {most}. Correct it.")
        return None

    def _day(self, name: str, written: str) -> date:
        if match := _DAY.fullmatch(written):
            day, month, year = match.group(1, 2, 3) if match[1] else match.group(6, 5, 4)
            try:
                read = date(int(year), int(month), int(day))
            except ValueError:
                read = date.min
            if read.year in _YEARS:
                return read
        self.refuse(name, "This is not a date. Write day, month and year as 25/06/2020.")
        return date.min


def straight(text: str) -> str:
    """The text as vocabularies are keyed: lower case, straight apostrophes."""
    return re.sub(r"[’‘]", "'", text.casefold())


def _is_hidden(sign: str) -> bool:
    return unicodedata.category(sign) in _HIDDEN


def _shown(value: str) -> str:
    short = value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
    return "".join("�" if _is_hidden(sign) else sign for sign in short)
