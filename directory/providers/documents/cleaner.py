"""A process of its own that takes out of a document what it says of who wrote it and with what.

`python -m directory.providers.documents.cleaner`. Of a PDF (ISO 32000-2): the information
dictionary, XMP metadata of every object, what programs left for themselves, authors of
annotations, and what earlier saves left behind. Of a Word document (ECMA-376): the properties,
their thumbnail, and the names beside comments and tracked changes. Of the pictures in both: what
the camera wrote of where and when they were taken.
"""

import re
import zipfile
import zlib
from io import BytesIO
from xml.etree.ElementTree import fromstring, register_namespace, tostring

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

from directory.intake.apart.limits import answer_once
from directory.providers.documents.pictures import bare

LONGEST_ANSWER = 32 * 1024 * 1024  # bytes
_MOST_UNPACKED = 200_000_000
_TELLS = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb")
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KINDS = ("core-properties", "extended-properties", "custom-properties", "metadata/thumbnail")
_NAMED = re.compile(rb'(\s\w+:(?:author|initials|userId))="[^"]*"')
_DATED = re.compile(rb'\s\w+:(?:date|dateUtc)="[^"]*"')
_ROOT = "_rels/.rels"
_TYPES = "[Content_Types].xml"
_NEVER = (1980, 1, 1, 0, 0, 0)


def clean(data: bytes) -> bytes:
    """The document without it."""
    return _clean_pdf(data) if data.startswith(b"%PDF-") else _clean_docx(data)


def _clean_pdf(data: bytes) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(data)))
    writer.metadata = None
    for one in writer._objects:
        if isinstance(one, DictionaryObject):
            for name in _TELLS:
                one.pop(NameObject(name), None)
            if one.get("/Subtype") != "/Widget" and "/Rect" in one:
                one.pop(NameObject("/T"), None)
                one.pop(NameObject("/M"), None)
            if isinstance(one, StreamObject) and one.get("/Subtype") == "/Image":
                _clean_picture(one)
    writer.compress_identical_objects(remove_duplicates=False, remove_unreferenced=True)
    cleaned = BytesIO()
    writer.write(cleaned)
    return cleaned.getvalue()


def _clean_picture(image: StreamObject) -> None:
    """A picture that is packed again is unpacked first, so that nothing is hidden by it."""
    filters = image.get("/Filter", ArrayObject()).get_object()
    names = list(filters) if isinstance(filters, ArrayObject) else [filters]
    if not names or names[-1] not in ("/DCTDecode", "/DCT", "/JPXDecode"):
        return
    data = image._data
    for name in names[:-1]:
        if name not in ("/FlateDecode", "/Fl"):
            raise ValueError("a picture that is packed otherwise")
        data = _unpacked(data)
    if len(names) > 1:
        image[NameObject("/Filter")] = NameObject(names[-1])
        image.pop(NameObject("/DecodeParms"), None)
    image._data = bare(data)


def _unpacked(data: bytes) -> bytes:
    packed = zlib.decompressobj()
    plain = packed.decompress(data, _MOST_UNPACKED)
    if packed.unconsumed_tail:
        raise MemoryError
    return plain


def _clean_docx(data: bytes) -> bytes:
    cleaned = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(data)) as old,
        zipfile.ZipFile(cleaned, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        if sum(part.file_size for part in old.infolist()) > _MOST_UNPACKED:
            raise MemoryError
        relationships, gone = _without_properties(old.read(_ROOT))
        for name in old.namelist():
            if name in gone or name.endswith("/"):
                continue
            text = old.read(name)
            if name == _ROOT:
                text = relationships
            elif name == _TYPES:
                text = _without_types(text, gone)
            elif name.endswith(".xml"):
                text = _DATED.sub(b"", _NAMED.sub(rb'\1=""', text))
            else:
                text = bare(text, turned=True)
            new.writestr(zipfile.ZipInfo(name, _NEVER), text, zipfile.ZIP_DEFLATED)
    return cleaned.getvalue()


def _without_properties(text: bytes) -> tuple[bytes, set[str]]:
    """The relationships of the whole package without its properties, and their parts' names."""
    register_namespace("", f"{_PACKAGE}/relationships")
    root, gone = fromstring(text), set()  # noqa: S314 - looked through for declarations before
    for one in list(root):
        if one.get("Type", "").endswith(_KINDS):
            gone.add(one.get("Target", "").lstrip("/"))
            root.remove(one)
    return bytes(tostring(root, "utf-8", xml_declaration=True)), gone


def _without_types(text: bytes, gone: set[str]) -> bytes:
    register_namespace("", f"{_PACKAGE}/content-types")
    root = fromstring(text)  # noqa: S314 - as above
    for one in list(root):
        if one.get("PartName", "").lstrip("/") in gone:
            root.remove(one)
    return bytes(tostring(root, "utf-8", xml_declaration=True))


if __name__ == "__main__":
    answer_once(clean, LONGEST_ANSWER)
