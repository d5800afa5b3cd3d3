"""In whose area a placement is: by its postcode, else as PL_LA says, else where its home is.

The postcode is that of the address where the child lives, and what counts in law is that address.
Where none of the three tells, that is said, and nothing is guessed.
"""

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple, TypeAlias

from directory.country.authorities.former import standing_today
from directory.country.authorities.service import find
from directory.country.reference.errors import LookUpError, NoPostcode
from directory.country.reference.postcodes import authorities_at, look_up
from directory.country.ssda903.episodes import Episode

By: TypeAlias = Literal["PL_POST", "PL_LA", "URN"]
_NOWHERE = "the postcode directory does not say where PL_POST is"
_NATIONS = {"WAL": "Wales", "SCO": "Scotland", "NIR": "Northern Ireland"}


class Where(NamedTuple):
    """The authority's GSS code and the column that told it; or neither, and why."""

    authority: str | None
    by: By | None
    why: str = ""


class Areas:
    """Finds the area of placement after placement; what it has looked up it asks for once.

    `home_area` gives the GSS code of the authority where the home of a URN is, None if unknown.
    """

    def __init__(self, home_area: Callable[[str], str | None]) -> None:
        self._home_area = home_area
        self._by_postcode: dict[str, Where] = {}
        self._by_urn: dict[str, str | None] = {}

    def look_up_all(self, episodes: Iterable[Episode]) -> None:
        """Look up the postcodes of many episodes at once and in little memory, before `of`."""
        postcodes = {one.postcode for one in episodes if one.postcode}
        areas: dict[str | None, Where] = {None: Where(None, None, _NOWHERE)}
        for postcode, authority in authorities_at(postcodes).items():
            if authority not in areas:
                areas[authority] = Where(authority, "PL_POST")
            self._by_postcode[postcode] = areas[authority]

    def of(self, episode: Episode) -> Where:
        """Where an episode is."""
        found = self._postcode(episode.postcode) if episode.postcode else None
        if found and found.authority:
            return found
        if episode.area and (named := find(episode.area)):
            return Where(standing_today(named.gss), "PL_LA")
        if episode.urn and (home := self._home(episode.urn)):
            return Where(home, "URN")
        return Where(None, None, _why(episode, found))

    def _postcode(self, postcode: str) -> Where:
        if postcode not in self._by_postcode:
            self._by_postcode[postcode] = _look_up(postcode)
        return self._by_postcode[postcode]

    def _home(self, urn: str) -> str | None:
        if urn not in self._by_urn:
            self._by_urn[urn] = self._home_area(urn)
        return self._by_urn[urn]


def _look_up(postcode: str) -> Where:
    try:
        return Where(look_up(postcode).authority.gss, "PL_POST")
    except NoPostcode:
        return Where(None, None, "PL_POST is not a whole UK postcode")
    except LookUpError:  # its message names the postcode
        return Where(None, None, _NOWHERE)


def _why(episode: Episode, postcode: Where | None) -> str:
    reasons = [postcode.why if postcode else "there is no PL_POST"]
    if nation := _NATIONS.get(episode.area or ""):
        reasons.append(f"PL_LA says {nation}, and not which authority there")
    elif episode.area:
        reasons.append("PL_LA names no authority")
    reasons.append(
        "the directory does not have the home of the URN" if episode.urn else "there is no URN"
    )
    return "; ".join(reasons)
