"""What import contracts cannot see: `protocols` never asks for the time, for chance or for a file.

A time and random bytes are arguments there, so that every rule can be tested at any moment.
"""

import ast
from pathlib import Path

PROTOCOLS = Path(__file__).parent.parent / "protocols"
IMPURE = {"now", "utcnow", "today", "uuid1", "uuid4", "urandom", "open", "print", "input"}


def impure_calls(source: str) -> list[str]:
    """Return `line: call` for every call in `source` that reaches outside its arguments."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called.rpartition(".")[2] in IMPURE:
                found.append(f"{node.lineno}: {called}()")
    return found


def test_an_impure_call_is_seen() -> None:
    assert impure_calls("x = 1\nwhen = datetime.now(tz=UTC)") == ["2: datetime.now()"]
    assert impure_calls("def seal(message, now): return message, now") == []


def test_protocols_make_no_impure_call() -> None:
    found = {str(file): impure_calls(file.read_text("utf-8")) for file in PROTOCOLS.rglob("*.py")}
    assert found, "no module found"
    assert {file: calls for file, calls in found.items() if calls} == {}
