"""Every setting is documented with its default, and one that cannot be used says which and why."""

import ast
import inspect
import re
from pathlib import Path

import pytest
from environs import EnvError

from directory import settings
from directory.settings import PREFIX, Settings, read_settings

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "settings.md"
_ROW = re.compile(r"^\| `(HEARTH_[A-Z_]+)` \| `?([^|`]+)`? \| (.+) \|$", re.MULTILINE)


def documented() -> dict[str, str]:
    """Default by variable, as the page says."""
    return {name: default for name, default, _ in _ROW.findall(PAGE.read_text("utf-8"))}


def read_in_code() -> dict[str, str]:
    """The field that each variable fills, from the calls on `env` in the source."""
    calls = [
        node
        for node in ast.walk(ast.parse(inspect.getsource(settings)))
        if isinstance(node, ast.keyword) and isinstance(node.value, ast.Call)
    ]
    return {
        PREFIX + call.value.args[0].value: call.arg
        for call in calls
        if isinstance(call.value, ast.Call)
        and isinstance(call.value.func, ast.Attribute)
        and ast.unparse(call.value.func.value) == "env"
        and isinstance(call.value.args[0], ast.Constant)
        and call.arg
    }


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in read_in_code():
        monkeypatch.delenv(name, raising=False)


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    assert documented().keys() == read_in_code().keys()
    assert set(read_in_code().values()) == set(Settings.__dataclass_fields__)


def test_no_part_of_the_software_reads_another_variable() -> None:
    used = {
        name
        for package in ("directory", "federation", "protocols", "deploy")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix in (".py", ".service", ".conf", ".env", ".md")
        for name in re.findall(r"\bHEARTH_[A-Z_]*[A-Z]", path.read_text("utf-8"))
    }
    assert used == documented().keys()


def test_the_page_says_the_defaults() -> None:
    defaults = read_settings()
    for name, field in read_in_code().items():
        value = getattr(defaults, field)
        assert documented()[name] == ("not set" if value is None else str(value))


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("HEARTH_PORT", "http", "Not a valid integer"),
        ("HEARTH_PORT", "0", "greater than or equal to 1"),
        ("HEARTH_POLL_S", "0", "greater than or equal to 1"),
        ("HEARTH_LOG_LEVEL", "loud", "debug, info, warning, error"),
        ("HEARTH_PUBLIC_URL", "http://hearth.example", "no address such as https://"),
        ("HEARTH_PUBLIC_URL", "https://hearth.example/pages", "no address such as https://"),
        ("HEARTH_CA_BUNDLE", "/nowhere.pem", "no file /nowhere.pem"),
        ("HEARTH_NOTIFY_KEY_FILE", str(PAGE), "holds no API key of GOV.UK Notify"),
        ("HEARTH_NOTIFY_TEMPLATE", "letter", "no id of a template"),
        ("HEARTH_NOTIFY_TEMPLATE", "9d751e0e-f929-4891-82a1-a3e1c3c18ee3", "set both, or neither"),
        ("HEARTH_NOTIFY_URL", "http://notify.example", "no address such as https://"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(EnvError, match=why) as caught:
        read_settings()
    assert name in str(caught.value)
