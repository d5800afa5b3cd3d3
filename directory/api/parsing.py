"""What comes in: JSON that is read one way only, and every field that does not fit named at once.

No answer repeats what was sent, neither values nor the names of fields that are not known: a
child's name could stand in either.
"""

import json
from collections.abc import Iterator
from typing import Any, NoReturn

import msgspec
from flask import Request
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser

from federation import Refused
from protocols.problems import Problem

LARGEST_BODY = 512 * 1024
"""Bytes: a notice has three documents of 60,000 characters each, and a character has up to four."""

_NOT_KNOWN = "Holds something that is not known here. See the field names in openapi.yaml."

_HEADERS = {
    "Idempotency-Key": Problem.IDEMPOTENCY_KEY_WANTED,
    "Reason": Problem.REASON_WANTED,
}


class StrictParser(FlaskParser):
    """Reads parameters, headers and bodies; unknown and doubled parameters are mistakes."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE}  # noqa: RUF012

    def load_json(self, req: Request, schema: Schema) -> Any:
        if req.mimetype != "application/json":
            raise Refused(Problem.UNSUPPORTED_MEDIA_TYPE, "Send JSON, as application/json.")
        return strict_json(req.get_data())

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        doubled = [name for name, values in req.args.lists() if len(values) > 1]
        if doubled:
            raise ValidationError({"_schema": ["A parameter stands there twice."]})
        return dict(req.args)

    def handle_error(self, error: ValidationError, req: Any, schema: Any, **_: Any) -> NoReturn:
        (location, messages), *_rest = error.messages_dict.items()
        known = {field.data_key or name for name, field in schema.fields.items()}
        if location == "headers":
            name, said = next(iter(messages.items()))
            raise Refused(_HEADERS[name], f"The header {name}: {said[0]}")
        raise Refused(
            Problem.INVALID,
            "Nothing was done. What has to be changed stands under errors.",
            list(_errors(str(location), messages, known)),
        )


def strict_json(data: bytes) -> Any:
    """The one reading of a JSON text; refuses what two readers could take for two things."""
    try:
        msgspec.json.decode(data)  # UTF-8, no half of a surrogate pair, no NaN
        return json.loads(data, object_pairs_hook=_without_doubles)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        raise Refused(
            Problem.BAD_REQUEST,
            "The body is not JSON that can be read in one way only: UTF-8, no name twice in an "
            "object, no NaN, not nested without end.",
        ) from None


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _errors(location: str, messages: Any, known: set[str]) -> Iterator[dict[str, str]]:
    """One error a field. Fields are named only where the schema knows them."""
    if location == "json":
        for path, detail in _walk(messages, ""):
            yield {"pointer": f"#{path}", "detail": detail}
        return
    for name, said in messages.items():
        if name in known:
            yield {"parameter": name, "detail": str(said[0])}
        else:
            yield {"detail": str(said[0]) if name == "_schema" else _NOT_KNOWN}


def _walk(messages: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(messages, list):
        yield path, str(messages[0])
        return
    unknown = False
    for name, said in messages.items():
        if said == ["Unknown field."]:
            unknown = True
        else:
            yield from _walk(said, path if name == "_schema" else f"{path}/{name}")
    if unknown:
        yield path, _NOT_KNOWN
