"""The built style sheet and scripts: nothing of the Crown's, nothing from elsewhere."""

import re
from pathlib import Path

STATIC = Path(__file__).parent.parent / "directory" / "web" / "static"


def test_the_style_sheet_names_no_other_file() -> None:
    css = (STATIC / "commonhearth.css").read_text("utf-8")
    assert "url(" not in css
    assert "@import" not in css
    assert "@font-face" not in css


def test_pages_are_not_dressed_as_gov_uk() -> None:
    css = (STATIC / "commonhearth.css").read_text("utf-8")
    assert "GDS Transport" not in css
    assert not re.search(r"crest|crown\.(svg|png)", css)


def test_scripts_import_only_their_neighbours() -> None:
    for script in STATIC.glob("*.js"):
        text = script.read_text("utf-8")
        for wanted in re.findall(r"""\bfrom\s*["']([^"']+)["']""", text):
            assert (STATIC / wanted).is_file(), f"{script.name} imports {wanted}"
        assert "sourceMappingURL" not in text
