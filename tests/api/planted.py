"""A word in every text of every class, which nothing else says, so that a leak names its source."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, get_args

import msgspec
from msgspec import Struct, inspect

from protocols.commissioning import Email, Telephone, WebAddress
from protocols.kinds import PLAIN, WRITTEN, Code
from protocols.publication import Publication


def _pattern(kind: Any) -> str:
    """Of a kind of text."""
    return str(get_args(kind)[1].pattern)


_FORMS = {PLAIN: "{}", WRITTEN: "{}", _pattern(Code): "{}"} | {
    _pattern(WebAddress): "https://council.example/{}",
    _pattern(Email): "{}@council.example",
}
_FIXED = {_pattern(Telephone): "01632 960200"}


@dataclass
class Words:
    """Which word was planted for which class."""

    planted: dict[str, Publication] = field(default_factory=dict)

    def word(self, publication: Publication, where: str) -> str:
        """A new word."""
        one = f"zq{len(self.planted):03}{publication[:3]}"
        assert one not in self.planted, where
        self.planted[one] = publication
        return one

    def in_(self, text: str) -> dict[str, Publication]:
        """The words that stand in an answer."""
        return {word: of for word, of in self.planted.items() if word in text}

    def instance(self, struct: type[Struct], ceiling: Publication, **known: Any) -> Any:
        """A value of a closed type, with a word in every text of it that is free.

        `ceiling` is the class of what it stands in: what is said of somebody there is of that
        class, too.
        """
        return msgspec.convert(self._value(inspect.type_info(struct), ceiling, known), struct)

    def _value(self, kind: Any, ceiling: Publication, known: dict[str, Any]) -> Any:
        match kind:
            case inspect.UnionType(types=(one, inspect.NoneType())):
                return self._value(one, ceiling, {})
            case inspect.StructType():
                value = {kind.tag_field: kind.tag} if kind.tag_field else {}
                for one in kind.fields:
                    value[one.encode_name] = known.get(one.name, self._value(one.type, ceiling, {}))
                return value
            case inspect.StrType(pattern=pattern):
                return self._text(pattern, ceiling)
            case inspect.LiteralType(values=values):
                return values[0]
            case inspect.VarTupleType(item_type=item):
                return [self._value(item, ceiling, {})]
            case inspect.IntType(multiple_of=step):
                return step or 7
            case inspect.BoolType():
                return True
            case inspect.DateType():
                return date(2011, 2, 3).isoformat()
        raise TypeError(kind)

    def _text(self, pattern: str | None, ceiling: Publication) -> str:
        word = _FORMS.get(pattern or "")
        return (
            word.format(self.word(ceiling, "")) if word else _FIXED.get(pattern or "", "SC199999")
        )
