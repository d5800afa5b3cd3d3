"""Files of the kinds that homes have, made of a statement's sections."""

from io import BytesIO

from docx import Document as Word
from docx.shared import Pt
from fpdf import FPDF

from tests.directory.statements.corpus import Document

MORE = (
    "We write this down so that everybody who works with us knows what to expect. It is looked at "
    "again whenever something changes, and the people who live and work here are asked about it."
)


def file_of(document: Document) -> bytes:
    """The document as a file of its layout."""
    return LAYOUTS[document.layout](document)


def _word_styles(document: Document) -> bytes:
    word = Word()
    word.add_paragraph("Statement of Purpose", style="Title")
    for heading, _, text in document.sections:
        word.add_paragraph(heading, style="Heading 1")
        _body(word, text)
        word.add_paragraph("In practice", style="Heading 2")
        word.add_paragraph("Every day is a little different.")
    return _saved(word)


def _bold_lines(document: Document) -> bytes:
    word = Word()
    for number, (heading, _, text) in enumerate(document.sections):
        if number == 0:
            word.add_paragraph().add_run(heading).bold = True
        else:
            run = word.add_paragraph().add_run(heading)
            run.bold = True
            run.font.size = Pt(13)
        _body(word, text)
        for line in ("Key points:", "kind and patient adults", "a plan that is kept"):
            word.add_paragraph(line)
    return _saved(word)


def _tables(document: Document) -> bytes:
    word = Word()
    word.add_paragraph("Statement of Purpose")
    table = word.add_table(rows=0, cols=3)
    for number, (heading, _, text) in enumerate(document.sections, start=1):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = str(number), heading
        cells[2].text = text
        cells[2].add_paragraph(MORE)
    word.core_properties.author = "Zebedee Author"
    return _saved(word)


def _body(word, text: str) -> None:  # type: ignore[no-untyped-def]
    word.add_paragraph(text)
    word.add_paragraph(MORE)


def _saved(word) -> bytes:  # type: ignore[no-untyped-def]
    file = BytesIO()
    word.save(file)
    return file.getvalue()


class _Paper(FPDF):
    """Pages with a running head and a number at their foot."""

    def header(self) -> None:
        self.set_font("Helvetica", size=8)
        self.cell(0, 8, "Statement of purpose, in confidence", new_x="LMARGIN", new_y="NEXT")

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font("Helvetica", size=8)
        self.cell(0, 8, f"Page {self.page_no()}", align="C")


def _paper(document: Document, *, style: str, size: float, contents: bool) -> bytes:
    paper = _Paper()
    paper.set_author("Zebedee Author")
    paper.add_page()
    if contents:
        for place, (heading, _, _) in enumerate(document.sections):
            paper.set_font("Helvetica", size=11)
            line = f"{_latin(heading)} {'.' * 40} {place + 2}"
            paper.cell(0, 6, line, new_x="LMARGIN", new_y="NEXT")
        paper.add_page()
    for heading, _, text in document.sections:
        paper.set_font("Helvetica", style=style, size=size)
        paper.multi_cell(0, 8, _latin(heading), new_x="LMARGIN", new_y="NEXT")
        paper.set_font("Helvetica", size=11)
        paper.multi_cell(0, 6, _latin(text), new_x="LMARGIN", new_y="NEXT")
        paper.multi_cell(0, 6, _latin(MORE), new_x="LMARGIN", new_y="NEXT")
        paper.ln(4)
    return bytes(paper.output())


def _latin(text: str) -> str:
    return text.replace("’", "'")


LAYOUTS = {
    "word styles": _word_styles,
    "bold lines": _bold_lines,
    "tables": _tables,
    "capitals, portable": lambda one: _paper(one, style="", size=11, contents=True),
    "large, portable": lambda one: _paper(one, style="B", size=16, contents=False),
}
