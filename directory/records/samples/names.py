"""Invented names of houses and of those who run them.

A name joins a material with a creature or plant ("Paper Heron House"), as no street, village or
registered home that we know of is called; every organisation says that it is fictional.
"""

from random import Random

_MATERIALS = (
    "Amber",
    "Button",
    "Calico",
    "Copper",
    "Corduroy",
    "Cotton",
    "Crayon",
    "Felt",
    "Flannel",
    "Gingham",
    "Linen",
    "Marble",
    "Paper",
    "Patchwork",
    "Pepper",
    "Pewter",
    "Saffron",
    "Tartan",
    "Thimble",
    "Velvet",
    "Walnut",
    "Wicker",
)
_LIVING = (
    "Aspen",
    "Badger",
    "Curlew",
    "Dormouse",
    "Fern",
    "Finch",
    "Foxglove",
    "Hare",
    "Heron",
    "Larch",
    "Lark",
    "Linnet",
    "Mallow",
    "Moth",
    "Otter",
    "Plover",
    "Rowan",
    "Sorrel",
    "Tansy",
    "Teasel",
    "Vole",
    "Wren",
)
_KINDS = ("House", "House", "House", "Lodge", "Cottage")
_COMPANIES = (
    "Paper Heron Care",
    "Corduroy Otter Homes",
    "Thimble Lark Residential",
    "Seven Buttons Care",
    "Patchwork Vole Children's Services",
    "Saffron Moth Group",
    "Velvet Plover Care and Education",
    "Two Wickers Care",
)
_CHARITIES = ("The Calico Wren Trust", "Gingham Fern Children's Charity")


def house_names(dice: Random, count: int) -> list[str]:
    """`count` different names of houses; at most 484."""
    pairs = [(material, living) for material in _MATERIALS for living in _LIVING]
    return [
        f"{material} {living} {dice.choice(_KINDS)}"
        for material, living in dice.sample(pairs, count)
    ]


def provider_name(dice: Random, sector: str, authority: str) -> str:
    """Who runs a home of this sector. `authority` is the name of the one where it stands."""
    if sector == "Private":
        # A few groups run many homes, most run one or two.
        weights = range(len(_COMPANIES), 0, -1)
        return dice.choices(_COMPANIES, weights)[0] + " Ltd (fictional)"
    if sector == "Voluntary":
        return dice.choice(_CHARITIES) + " (fictional)"
    if sector == "Health Authority":
        return f"{authority} health trust (fictional)"
    return f"{authority} council's own homes (fictional)"
