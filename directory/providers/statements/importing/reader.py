"""A process of its own that reads one file from standard input and writes its lines as JSON.

`python -m directory.providers.statements.importing.reader` writes `{"lines": …}`, or
`{"refused": code}`.
"""

import json
import zipfile
import zlib

from directory.intake.apart.limits import answer_once

LONGEST_ANSWER = 16_000_000  # bytes


def _read(data: bytes) -> dict[str, object]:
    from directory.providers.statements.importing.lines import bounded
    from directory.providers.statements.importing.refusals import Refusal, Refused

    try:
        lines = bounded(_lines(data))
    except Refused as error:
        return {"refused": error.refusal}
    except MemoryError:
        return {"refused": Refusal.TOO_MUCH}
    except (zipfile.BadZipFile, zlib.error):
        return {"refused": Refusal.NOT_WHAT_IT_SAYS}
    except Exception:  # noqa: BLE001 - the libraries raise anything at all for a damaged file
        return {"refused": Refusal.NOT_WHAT_IT_SAYS}
    if sum(len(line.text) for line in lines) < 40:
        return {"refused": Refusal.NO_TEXT}
    return {"lines": [[line.text, line.look, line.level] for line in lines]}


def _lines(data: bytes):  # type: ignore[no-untyped-def]  # the libraries load under the limits
    from directory.providers.statements.importing.refusals import Refusal, Refused

    if data.startswith(b"PK\x03\x04"):
        from directory.providers.statements.importing.docx_lines import docx_lines

        return docx_lines(data)
    if b"%PDF-" in data[:1024]:
        from directory.providers.statements.importing.pdf_lines import pdf_lines

        return pdf_lines(data)
    old = data.startswith(b"\xd0\xcf\x11\xe0")
    raise Refused(Refusal.OLD_WORD if old else Refusal.NOT_WHAT_IT_SAYS)


if __name__ == "__main__":
    answer_once(lambda data: json.dumps(_read(data)).encode(), LONGEST_ANSWER)
