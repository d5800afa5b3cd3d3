"""Other spellings of a compact JOSE: of its base64url, and of its parts. None is to be read."""

from collections.abc import Callable, Iterator

Respelling = Callable[[str], str]


def _within(piece: str) -> Respelling:
    return lambda part: part[:4] + piece + part[4:]


def _in_the_place_of_one(sign: str) -> Respelling:
    return lambda part: part[:4] + sign + part[5:]


def _with_unused_bits(part: str) -> str:
    """The last of two or three characters carries bits that no byte has; here, one of them set."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return part[:-1] + letters[letters.index(part[-1]) ^ 1] if len(part) % 4 else part + "AB"


OF_A_PART: dict[str, Respelling] = {
    "padded": lambda part: part + "=" * (-len(part) % 4 or 4),
    "one =": lambda part: part + "=",
    "two =": lambda part: part + "==",
    "= before": lambda part: "=" + part,
    "= within": _within("="),
    "escaped padding": lambda part: part + "%3D",
    "spaces before": lambda part: "    " + part,
    "space after": lambda part: part + " ",
    "line break": _within("\n"),
    "line break after": lambda part: part + "\r\n",
    "tab": _within("\t"),
    "null": _within("\0"),
    "+ of the other alphabet": _in_the_place_of_one("+"),
    "/ of the other alphabet": _in_the_place_of_one("/"),
    "comma": _in_the_place_of_one(","),
    "invalid character": _within("?"),
    "invalid characters after": lambda part: part + "####",
    "one character too many": lambda part: part[: len(part) // 4 * 4] + "A",
    "unused bits": _with_unused_bits,
    "é": _within("é"),
    "full width": lambda part: part[:4] + chr(ord("Ａ") + ord("x") - ord("A")) + part[5:],
    "full width in all": lambda part: "".join(chr(ord(one) + 0xFEE0) for one in part),
    "Kelvin sign": _in_the_place_of_one("\u212a"),
    "long s": _in_the_place_of_one("\u017f"),
    "Arabic digit": _in_the_place_of_one("\u0661"),
    "width of nothing": _within("\u200b"),
    "byte order mark": lambda part: "\ufeff" + part,
    "combining accent": _within("\u0301"),
    "beyond the basic plane": _within("\U0001d400"),
}


def misspelt(text: str) -> Iterator[tuple[str, str]]:
    """Each other spelling of a compact JOSE, by what is wrong with it."""
    parts = text.split(".")
    for at, part in enumerate(parts):
        before, after = parts[:at], parts[at + 1 :]
        for name, respell in OF_A_PART.items():
            yield f"part {at}: {name}", ".".join([*before, respell(part), *after])
        yield f"part {at}: missing", ".".join([*before, "", *after])
        yield f"part {at}: missing with its separator", ".".join([*before, *after])
        yield f"part {at}: cut short", ".".join([*before, part[:-4], *after])
        yield f"part {at}: twice", ".".join([*before, part, part, *after])
    yield "no part at all", "." * (len(parts) - 1)
    yield "nothing", ""
    yield "an empty part too many", text + "."
    yield "a part too many", text + ".AAAA"
    yield "commas for separators", text.replace(".", ",")
    yield "ideographic full stops", text.replace(".", "\u3002")
    yield "quoted", f'"{text}"'
    yield "a line break after it", text + "\n"
