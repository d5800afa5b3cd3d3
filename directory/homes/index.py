"""All homes that a node knows, as sets of numbers in memory: what filters, counts and orders read.

A home's number is its place in the order of URNs (then authority, then entry), so that a set, read
from its beginning, is in the order in which ties are broken. One set stands for each value that
can be filtered by. Sets are compressed bitmaps (https://roaringbitmap.org): to intersect two of
100,000 homes and count takes microseconds.

Homes that were made up (`directory.records.samples`) are shown where there are no others, and stand
in no set but `made_up` once there is a real one: nothing that is found, counted or matched mixes
them.

An index belongs to one state of the search tables, which `directory.homes.projection` names anew
in the transaction that changes them. Whoever reads asks for the name in the same transaction as
all else, so an index that is held is either of exactly that state or not used.
"""

import threading
from array import array
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, TypeVar, get_args

from pyroaring import BitMap
from sqlalchemy import Connection, select

from directory.country.codes.service import needs as need_labels
from directory.homes.models import home, home_state
from directory.homes.query import NOT_INSPECTED, PROFILES
from protocols.profiles import Met

Field: TypeAlias = Literal[
    "region", "authority", "provision", "judgement", "need", "offer", "profile"
]
FIELDS: tuple[Field, ...] = get_args(Field)
NONE: Final = BitMap()

SAMPLE: Final = "SAMPLE-"
"""How the URN of a home begins that was made up."""

_HELD_AT_ONCE: Final = 2
_IN_ORDER = (home.c.urn, home.c.authority, home.c.entry)
_COLUMNS = (
    *(*_IN_ORDER, home.c.id, home.c.authority_name, home.c.region),
    *(home.c.provision, home.c.overall, home.c.places),
    *(home.c.needs, home.c.partly, home.c.unmet, home.c.youngest, home.c.oldest, home.c.sex),
)

_STATE = select(home_state.c.state)
T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class AuthorityChoice:
    """An authority as a search names it."""

    gss: str
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class HomeIndex:
    """The claims of one `state` of the search tables. Treat as constant: many requests share it.

    `ids` are rows of `home` by number, `numbers` the other way round. `everything` are the claims
    that are searched: all of them or none `made_up`. `fields` has the claims with each value,
    `places` those with each number of them. `answers` has by code those that meet it, meet it in
    part, and say that they do not; `ages` those that take children of each pair of the youngest and
    the oldest age, `sexes` those that take each. `authorities` are those where a home stands, by
    GSS code. `urns` gives the URN of each `contested` claim; every other is the only one of its
    home.
    """

    state: int
    ids: "array[int]"
    everything: BitMap
    made_up: BitMap
    fields: dict[Field, dict[str, BitMap]]
    places: dict[int, BitMap]
    described: BitMap
    answers: dict[Met, dict[str, BitMap]]
    ages: dict[tuple[int, int], BitMap]
    sexes: dict[str, BitMap]
    authorities: dict[str, AuthorityChoice]
    contested: BitMap
    urns: dict[int, str]
    numbers: "array[int]"

    def having(self, field: Field, value: str) -> BitMap:
        """The claims with a value; none for a value that no home has."""
        return self.fields[field].get(value, NONE)

    def with_ids(self, ids: Iterable[int]) -> BitMap:
        """The claims in these rows of `home`."""
        return BitMap(map(self.numbers.__getitem__, ids))

    def homes_in(self, claims: BitMap) -> int:
        """How many homes, by URN, these claims are about."""
        twice = claims & self.contested
        if not twice:
            return len(claims)
        return len(claims) - len(twice) + len({self.urns[number] for number in twice})

    def homes_in_each(self, claims: BitMap, sets: Mapping[str, BitMap]) -> dict[str, int]:
        """How many homes, by URN, the claims in each of some sets are about."""
        if claims & self.contested:
            return {name: self.homes_in(claims & each) for name, each in sets.items()}
        return {name: claims.intersection_cardinality(each) for name, each in sets.items()}


_lock = threading.Lock()
_held: dict[int, HomeIndex] = {}


def index_state(connection: Connection) -> int:
    """The name of the state of the search tables that this transaction sees."""
    return connection.scalar(_STATE) or 0


def home_index(connection: Connection) -> HomeIndex:
    """The index of the state that this transaction sees; made at its first use in a process."""
    state = index_state(connection)
    if found := _held.get(state):
        return found
    with _lock:  # one makes it, who comes meanwhile waits
        if state not in _held:
            made = _read(connection, state)
            while len(_held) >= _HELD_AT_ONCE:
                del _held[next(iter(_held))]
            _held[state] = made
        return _held[state]


def _read(connection: Connection, state: int) -> HomeIndex:
    rows = connection.execute(select(*_COLUMNS).order_by(*_IN_ORDER)).all()
    # Python's order, whatever the database's collation: every node gives the same answers.
    columns = list(zip(*sorted(rows, key=lambda row: row[:3]), strict=True)) or [()] * len(_COLUMNS)
    urns, authorities, _, ids, names, regions, provisions, grades, places = columns[:9]
    needs, partly, unmet, youngest, oldest, sexes = columns[9:]
    numbers = array("q", bytes(8 * (max(ids, default=0) + 1)))
    for number, row in enumerate(ids):
        numbers[row] = number
    again = {n for n in range(1, len(urns)) if urns[n] == urns[n - 1]}
    contested = again | {number - 1 for number in again}
    made_up = BitMap(number for number, urn in enumerate(urns) if urn.startswith(SAMPLE))
    everything = (BitMap(range(len(ids))) - made_up) or made_up
    described = everything & BitMap(n for n, known in enumerate(needs) if known is not None)
    answers: dict[Met, dict[str, BitMap]] = {
        "yes": _sets_of_each(needs, everything),
        "partly": _sets_of_each(partly, everything),
        "no": _sets_of_each(unmet, everything),
    }
    offered = _either(answers["yes"], answers["partly"])
    return HomeIndex(
        state=state,
        ids=array("q", ids),
        everything=everything,
        made_up=made_up,
        fields={
            "region": _sets(regions, everything),
            "authority": _sets(authorities, everything),
            "provision": _sets(provisions, everything),
            "judgement": _sets((grade or NOT_INSPECTED for grade in grades), everything),
            "need": {code: found for code, found in offered.items() if code in need_labels()},
            "offer": {code: found for code, found in offered.items() if code not in need_labels()},
            "profile": dict(zip(PROFILES, (described, everything - described), strict=True)),
        },
        places={
            count: claims
            for count, claims in _sets(places, everything).items()
            if count is not None
        },
        described=described,
        answers=answers,
        ages={
            ages: found
            for ages, found in _sets(zip(youngest, oldest, strict=True), everything).items()
            if None not in ages
        },
        sexes={sex: found for sex, found in _sets(sexes, everything).items() if sex},
        authorities={
            code: AuthorityChoice(code, name, region)
            for code, name, region in {
                (authorities[number], names[number], regions[number]) for number in everything
            }
        },
        contested=BitMap(contested),
        urns={number: urns[number] for number in contested},
        numbers=numbers,
    )


def _sets(values: Iterable[T], among: BitMap) -> dict[T, BitMap]:
    """The numbers among these at which each value stands."""
    having: defaultdict[T, list[int]] = defaultdict(list)
    for number, value in enumerate(values):
        having[value].append(number)
    return _only(having, among)


def _either(one: Mapping[str, BitMap], other: Mapping[str, BitMap]) -> dict[str, BitMap]:
    """By word, the numbers in the one or in the other."""
    return {word: one.get(word, NONE) | other.get(word, NONE) for word in one.keys() | other.keys()}


def _sets_of_each(lists: Iterable[str | None], among: BitMap) -> dict[str, BitMap]:
    """The numbers among these at which each word of a list stands."""
    having: defaultdict[str, list[int]] = defaultdict(list)
    for number, words in enumerate(lists):
        for word in (words or "").split():
            having[word].append(number)
    return _only(having, among)


def _only(having: Mapping[T, Iterable[int]], among: BitMap) -> dict[T, BitMap]:
    sets = ((value, BitMap(numbers) & among) for value, numbers in having.items())
    return {value: found for value, found in sets if found}
