"""Small lists in Ofsted's layout, made by hand: real headings, invented providers."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

BANNER = (
    "Children's social care data in England 2025 – Provider level as at 31 March 2025",
    "This worksheet contains one table, this table begins in cell A4. Column A includes a link.",
    "Some cells in this table are empty, where the column does not apply.",
)
HEADINGS = (
    "Web link",
    "URN",
    "Linked Education URN",
    "Provision type",
    "Registration date",
    "Registration status",
    "Name",
    "Address 1",
    "Address 2",
    "Town",
    "County",
    "Postcode",
    "Ofsted Region",
    "Government Office Region",
    "Local authority",
    "Parliamentary constituency",
    "Sector",
    "Places",
    "Supported accommodation premises",
    "Short-break-only children's home",
    "Multi Building Children's Home",
    "Organisation which owns the provider",
    "\nLatest Full inspection event type",
    "\nLatest full inspection date",
    "Latest full inspection publication date",
    "\nLatest full inspection event number",
    "\nOverall experiences and progress of children and young people",
    "Outcomes in education and related learning activities",
    "Health services",
    "\nHow well children and young people are helped and protected",
    "The effectiveness of leaders and managers",
    "Supported Accommodation outcome",
    "",
    "",
)
HOME = {
    "Web link": "Ofsted Social Care Provider Webpage",
    "URN": "9000001",
    "Provision type": "Children's home",
    "Registration date": "25/06/2020",
    "Registration status": "Active",
    "Name": "REDACTED",
    "Address 1": "REDACTED",
    "Town": "REDACTED",
    "Postcode": "REDACTED",
    "Ofsted Region": "South East",
    "Government Office Region": "South East",
    "Local authority": "Kent",
    "Sector": "Private",
    "Places": "3",
    "Organisation which owns the provider": "Paper Heron Care Limited",
    "Latest Full inspection event type": "Full inspection",
    "Latest full inspection date": "05/11/2024",
    "Latest full inspection publication date": "14/01/2025",
    "Latest full inspection event number": "19999901",
    "Overall experiences and progress of children and young people": "Good",
    "How well children and young people are helped and protected": "Good",
    "The effectiveness of leaders and managers": "Requires improvement to be good",
}


def home(urn: str = "9000001", **changes: str) -> list[str]:
    """A home's cells; `changes` by heading, with "_" for a space."""
    values = HOME | {"URN": urn} | {name.replace("_", " "): it for name, it in changes.items()}
    assert values.keys() <= {heading.strip() for heading in HEADINGS}, "no such heading"
    return [values.get(heading.strip(), "") for heading in HEADINGS]


def ofsted_csv(
    rows: Sequence[Sequence[str]],
    *,
    banner: Sequence[str] = BANNER,
    headings: Sequence[str] = HEADINGS,
) -> str:
    """The text of a list: banner, headings, rows."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([line] + [""] * (len(headings) - 1) for line in banner)
    writer.writerow(headings)
    writer.writerows(rows)
    return text.getvalue()


def write_list(folder: Path, *rows: Sequence[str], banner: Sequence[str] = BANNER) -> Path:
    """A list on disk, as a spreadsheet saves it: UTF-8 with a byte order mark."""
    path = folder / "list.csv"
    path.write_text(ofsted_csv(rows, banner=banner), encoding="utf-8-sig", newline="")
    return path
