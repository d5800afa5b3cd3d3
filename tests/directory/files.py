"""Small files of every kind that may be attached, made by hand."""

import zipfile
from io import BytesIO

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR" + bytes(17)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(9) + b"\xff\xd9"


def pdf(said: bytes = b"", stream: bytes = b"BT (Care plan) Tj ET") -> bytes:
    """A PDF with these words in the dictionary of its one stream."""
    return (
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n4 0 obj\n<< "
        + said
        + b" >>\nstream\n"
        + stream
        + b"\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
    )


def docx(
    kind: str = "vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    leads: str | None = None,
    **parts: bytes,
) -> bytes:
    """A Word document whose main part is of this kind, with further parts, and a relationship of
    the type `leads` to somewhere else.
    """
    types = f'<Types><Override PartName="/word/document.xml" ContentType="application/{kind}"/>'
    relation = (
        f'<Relationship Id="r1" Type="http://schemas.openxmlformats.org/{leads}" '
        'TargetMode="External" Target="https://evil.example/x"/>'
        if leads
        else ""
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    every: dict[str, bytes] = {
        "[Content_Types].xml": f"{types}</Types>".encode(),
        "word/document.xml": b"<document>Care plan</document>",
        "word/_rels/document.xml.rels": (
            f'<Relationships xmlns="{space}">{relation}</Relationships>'.encode()
        ),
    }
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (every | parts).items():
            archive.writestr(name, content)
    return packed.getvalue()


PDF, DOCX = pdf(), docx()
