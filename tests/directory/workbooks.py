"""Small workbooks made by hand: XLSX through openpyxl, ODS as the XML that it is."""

import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from openpyxl import Workbook

Cell = str | int | date | None
Sheets = Mapping[str, Sequence[Sequence[Cell]]]

_ODS_MIME = "application/vnd.oasis.opendocument.spreadsheet"
_ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.3">'
    "<office:body><office:spreadsheet>"
)
_ODS_TAIL = "</office:spreadsheet></office:body></office:document-content>"


def write_xlsx(path: Path, sheets: Sheets) -> Path:
    """An XLSX with these sheets."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def write_ods(path: Path, sheets: Sheets, *, head: str = _ODS_HEAD) -> Path:
    """An ODS with these sheets; empty cells in a row are written as one that repeats."""
    tables = [
        f"<table:table table:name={quoteattr(name)}>{''.join(map(_row, rows))}</table:table>"
        for name, rows in sheets.items()
    ]
    return write_ods_content(path, head + "".join(tables) + _ODS_TAIL)


def write_ods_content(path: Path, content: str) -> Path:
    """An ODS with this content.xml."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", _ODS_MIME, zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
    return path


def _row(cells: Sequence[Cell]) -> str:
    written, empty = [], 0
    for cell in [*cells, "end"]:
        if cell in (None, ""):
            empty += 1
            continue
        if empty:
            written.append(f'<table:table-cell table:number-columns-repeated="{empty}"/>')
            empty = 0
        written.append(_cell(cell))
    filler = '<table:table-cell table:number-columns-repeated="16000"/>'
    return f"<table:table-row>{''.join(written[:-1])}{filler}</table:table-row>"


def _cell(cell: Cell) -> str:
    match cell:
        case date():
            day = f"{cell:%d/%m/%Y}"
            return (
                f'<table:table-cell office:value-type="date" office:date-value="{cell}">'
                f"<text:p>{day}</text:p></table:table-cell>"
            )
        case int():
            return (
                f'<table:table-cell office:value-type="float" office:value="{cell}">'
                f"<text:p>{cell}</text:p></table:table-cell>"
            )
        case _:
            lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(cell).split("\n"))
            return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'
