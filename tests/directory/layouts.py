"""One invented home in the layout of every year's list since 2015.

The headings of 2018, 2024 and 2025 are those of the published files; those of the other years are
put together from Ofsted's publications and the frameworks of inspection then in force, as well as
they can be known, so that what changed from one to the next is tried: titles, order, groups of
columns, banner rows, words of judgement, and where the day stands.
"""

from dataclasses import dataclass
from datetime import date

HOME = {
    "urn": "SC900001",
    "provision_type": "Children's home",
    "registered_on": "25/06/2011",
    "status": "Active",
    "region": "South East",
    "authority_as_written": "Brighton & Hove",
    "sector": "Private",
    "places": "4",
    "owner": "Paper Heron Care Ltd – South",
    "event_type": "Full inspection",
    "inspected_on": "05/11/2014",
    "published_on": "14/01/2015",
    "event_number": "19999901",
    "overall": "Good",
    "protection": "Good",
    "leadership": "Outstanding",
}
_REDACTED = {"name": "REDACTED", "postcode": "REDACTED"}


@dataclass(frozen=True)
class Layout:
    """A year's layout. `columns` are field and heading in their order; a field that HOME does not
    have is a column of no interest. `overall` is the year's word for a judgement, and today's.
    """

    as_at: date
    file: str
    columns: tuple[tuple[str, str], ...]
    banner: tuple[str, ...] = ()
    sheet: str = "Provider level"
    overall: tuple[str, str | None] = ("Good", "Good")

    def table(self) -> list[list[str]]:
        """Banner, header and the home, as rows."""
        home = _REDACTED | HOME | {"overall": self.overall[0]}
        headings = [heading for _field, heading in self.columns]
        above = [[line] + [""] * (len(headings) - 1) for line in self.banner]
        return [*above, headings, [home.get(field, "") for field, _heading in self.columns]]

    @property
    def fields(self) -> frozenset[str]:
        """The fields of a registration of which this layout speaks."""
        return frozenset(field for field, _heading in self.columns) & HOME.keys()


_YEAR = "Children's social care data in England {} – Provider level as at 31 March {}"
_WHERE = (
    *(("other", "Ofsted region"), ("region", "Government Office Region")),
    ("authority_as_written", "Local authority"),
)
_UNTIL_2017 = (
    *(("urn", "URN"), ("provision_type", "Provision type"), ("name", "Provider name")),
    *(("region", "Region"), ("authority_as_written", "Local authority"), ("sector", "Sector")),
    *(("places", "Registered places"), ("event_type", "Inspection type")),
    *(("inspected_on", "Inspection start date"), ("published_on", "Publication date")),
)
_LIVING = "Overall experiences and progress of children and young people living in the home"
_HELPED = "How well children and young people are helped and protected"
_IMPACT = "The impact and effectiveness of leaders and managers"
_LED = "The effectiveness of leaders and managers"
_PROGRESS = "Overall experiences and progress of children and young people"
_FROM_2019 = (
    *(("other", "Web link"), ("urn", "URN"), ("provision_type", "Provision type")),
    *(("registered_on", "Registration date"), ("status", "Registration status")),
    *(("name", "Name"), ("other", "Address 1"), ("postcode", "Postcode"), *_WHERE),
    *(("other", "Parliamentary constituency"), ("sector", "Sector"), ("places", "Places")),
    ("owner", "Organisation which owns the provider"),
)
_LATEST = (
    *(
        ("event_type", "Latest full inspection event type"),
        ("inspected_on", "Latest full inspection date"),
    ),
    ("published_on", "Latest full inspection publication date"),
    *(("event_number", "Latest full inspection event number"), ("overall", _PROGRESS)),
    *(("other", "Outcomes in education and related learning activities"), ("protection", _HELPED)),
    ("leadership", _LED),
)
_INSPECTED = (
    *(("event_type", "Event type"), ("inspected_on", "Inspection date")),
    *(("published_on", "Publication date"), ("event_number", "Event number")),
    *(("overall", _PROGRESS), ("protection", _HELPED), ("leadership", _LED)),
)
_PREVIOUS = (
    *(
        ("other", "Previous full inspection event type"),
        ("other", "Previous full inspection event date"),
    ),
    *(
        ("other", "Previous full inspection event number"),
        ("other", f"Previous {_PROGRESS.lower()}"),
    ),
)

LAYOUTS = (
    Layout(
        date(2015, 3, 31),
        "providers",
        (
            *_UNTIL_2017,
            *(("overall", "Overall effectiveness"), ("other", "Outcomes for children")),
            *(
                ("other", "Quality of care"),
                ("protection", "Safeguarding children and young people"),
            ),
            ("leadership", "Leadership and management"),
        ),
        banner=("Provider level data as at 31 March 2015", ""),
        overall=("Adequate", None),
    ),
    Layout(
        date(2016, 3, 31),
        "Provider level as at 31 March 2016",
        (*_UNTIL_2017, ("overall", _LIVING), ("protection", _HELPED), ("leadership", _IMPACT)),
        overall=("Requires improvement", "Requires improvement to be good"),
    ),
    Layout(
        date(2017, 3, 31),
        "Children's social care data in England",
        (*_UNTIL_2017, ("overall", _LIVING), ("protection", _HELPED), ("leadership", _IMPACT)),
        banner=("Latest inspection outcomes of providers as at 31 March 2017",),
    ),
    Layout(
        date(2018, 3, 31),
        "Providers as at 2018-03-31",
        (
            *(("urn", "URN"), ("provision_type", "Provision type")),
            *(("status", "Registration status"), ("name", "Name"), *_WHERE, ("sector", "Sector")),
            *(("places", "Places"), ("other", "Linked education URN"), ("postcode", "Postcode")),
            *(("event_type", "Event type"), ("inspected_on", "Inspection date")),
            *(("published_on", "Publication date"), ("event_number", "Event number")),
            *(("overall", "Overall effectiveness"), ("other", "Quality of care")),
            ("protection", "Safeguarding children and young people"),
            ("leadership", "Leadership and management"),
        ),
        overall=("Requires improvement", "Requires improvement to be good"),
    ),
    Layout(
        date(2019, 3, 31),
        "Provider_level_at_31_Mar_2019",
        (*_FROM_2019, *_INSPECTED),
        overall=("Requires improvement to be good", "Requires improvement to be good"),
    ),
    Layout(
        date(2020, 8, 31),
        "list",
        (*_FROM_2019, *_INSPECTED),
        banner=("Children's homes, latest inspections as at 31 August 2020",),
    ),
    Layout(date(2021, 8, 31), "Provider_level_at_31_Aug_2021", (*_FROM_2019, *_LATEST)),
    Layout(
        date(2022, 3, 31),
        "list",
        (*_FROM_2019, *_LATEST),
        banner=(_YEAR.format(2022, 2022), "This worksheet contains one table.", "", "Note"),
        sheet="Provider_level_at_31_Mar_2022",
    ),
    Layout(
        date(2023, 8, 31),
        "Providers_places_at_31_Aug_2023",
        tuple(
            (field, "Organisation name" if field == "owner" else heading)
            for field, heading in _FROM_2019
        ),
    ),
    Layout(
        date(2023, 3, 31),
        "list",
        (*_FROM_2019, ("other", "Short-break-only children's home"), *_LATEST),
        banner=(_YEAR.format(2023, 2023), "This worksheet contains one table."),
    ),
    Layout(
        date(2024, 3, 31),
        "list",
        (*_FROM_2019, ("other", "Multi-building children's home"), *_LATEST, *_PREVIOUS),
        banner=(_YEAR.format(2024, 2024), "This worksheet contains one table.", "Some are empty."),
    ),
    Layout(
        date(2025, 3, 31),
        "list",
        (
            *_FROM_2019,
            ("other", "Multi Building Children's Home"),
            *((field, f"\n{heading}") for field, heading in _LATEST),
            ("other", "Supported Accommodation outcome"),
            *[("other", "")] * 13,
        ),
        banner=(_YEAR.format(2025, 2025), "This worksheet contains one table.", "Some are empty."),
    ),
    Layout(
        date(2026, 3, 31),
        "list",
        (*_FROM_2019, *_LATEST, ("other", "Supported Accommodation outcome")),
        banner=("Table 12", "This worksheet contains one table."),
        sheet="Provider_level_at_31_Mar_2026",
    ),
)
