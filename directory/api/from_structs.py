"""marshmallow schemas of what nodes say to each other, made from the closed types in `protocols`.

So the API accepts and describes exactly what the protocol does, and nothing is written down twice.
Each field is of the publication class of its type. A loaded value is the type's own.
"""

import re
from functools import cache
from typing import Any, ClassVar

import msgspec
from marshmallow import Schema, ValidationError, fields, post_load, validate
from msgspec import Struct, inspect
from msgspec.json import Decoder

from protocols.kinds import HIDDEN, PLAIN, WRITTEN
from protocols.publication import Publication

NOT_OF_THE_FORM = "This has not the form that it must have."


class StructSchema(Schema):
    """Reads JSON into a closed type, and names every field that does not fit."""

    struct: ClassVar[type[Struct]]

    @post_load(pass_original=True)
    def _build(self, loaded: Any, original: Any, **_: Any) -> Struct:
        try:
            return msgspec.convert(original, self.struct)
        except msgspec.ValidationError as error:
            path = str(error).rpartition("`$.")[2].rstrip("`") if "`$." in str(error) else ""
            raise ValidationError(NOT_OF_THE_FORM, path or "_schema") from None


@cache
def schema_of(struct: type[Struct]) -> type[StructSchema]:
    """The schema of a closed type that has a `publication`."""
    kind = inspect.type_info(struct)
    Decoder(struct)  # worked out here, where there is one thread; see protocols.encoding
    if not isinstance(kind, inspect.StructType):
        raise TypeError(f"{struct} is no type of this protocol")
    publication: Publication = struct.publication  # type: ignore[attr-defined]
    members: dict[str, Any] = {"struct": struct, "__doc__": struct.__doc__}
    if kind.tag_field:
        members[kind.tag_field] = fields.String(
            required=True, validate=validate.Equal(kind.tag), metadata=_said(publication)
        )
    for one in kind.fields:
        members[one.encode_name] = _field(one.type, publication, required=one.required)
    return type(struct.__name__, (StructSchema,), members)


def _said(publication: Publication) -> dict[str, Any]:
    return {"publication": publication}


def _field(kind: inspect.Type, publication: Publication, **options: Any) -> fields.Field:  # type: ignore[type-arg]
    said = _said(publication)
    match kind:
        case inspect.UnionType(types=(one, inspect.NoneType())):
            return _field(one, publication, **options, allow_none=True)
        case inspect.StructType(cls=struct):
            return fields.Nested(schema_of(struct), metadata=said, **options)
        case inspect.VarTupleType(item_type=item, min_length=least, max_length=most):
            length = validate.Length(least, most)
            return fields.List(_field(item, publication), validate=length, metadata=said, **options)
        case inspect.LiteralType(values=values):
            return fields.String(validate=validate.OneOf(values), metadata=said, **options)
        case inspect.StrType(min_length=least, max_length=most, pattern=pattern):
            return _text(least, most, pattern, said, options)
        case inspect.IntType(ge=least, le=most, multiple_of=step):
            within = validate.Range(least, most)
            said = {**said, "multipleOf": step} if step else said
            return fields.Integer(strict=True, validate=within, metadata=said, **options)
        case inspect.BoolType():
            return fields.Boolean(truthy={True}, falsy={False}, metadata=said, **options)
        case inspect.DateType():
            return fields.Date(metadata=said, **options)
        case inspect.DateTimeType():
            return fields.AwareDateTime(metadata=said, **options)
    raise TypeError(f"no field for {kind}")


def _text(
    least: int | None, most: int | None, pattern: str | None, said: Any, options: Any
) -> fields.String:
    checks: list[Any] = []
    if least is not None or most is not None:
        checks.append(validate.Length(least, most))
    if pattern is not None:
        checks.append(validate.Regexp(pattern, error="Has characters that cannot stand here."))
        said = {**said, "pattern": described(pattern)}
    return fields.String(validate=checks, metadata=said, **options)


def _without(controls: str) -> str:
    """Text with none of these controls, nor what is hidden, that is not all white space.

    As ECMA 262 writes it, which JSON Schema asks for. Characters beyond the first plane stand for
    themselves: Python and ECMA have no escape in common.
    """
    hidden = re.sub(r"\\U([0-9a-f]{8})", lambda code: chr(int(code[1], 16)), HIDDEN)
    other = f"{controls}{hidden}"
    return f"^[^{other}]*[^\\s{other}][^{other}]*$"


_TEXTS = {PLAIN: _without(r"\x00-\x1f"), WRITTEN: _without(r"\x00-\x08\x0b\x0c\x0e-\x1f")}


def described(pattern: str) -> str:
    """A pattern as the description has it; those of text are written otherwise there."""
    return _TEXTS.get(pattern) or pattern.replace(r"\Z", "$")
