"""How many examples Hypothesis tries: few by default and always the same, many under `-m soak`."""

from pathlib import Path

import pytest
from hypothesis import is_hypothesis_test, settings

settings.register_profile("quick", max_examples=50, deadline=None, derandomize=True)
settings.register_profile("soak", max_examples=1000, deadline=None, print_blob=True)


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("soak" if config.option.markexpr == "soak" else "quick")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.option.markexpr == "soak":
        for item in items:
            ours = Path(__file__).parent in item.path.parents
            if ours and is_hypothesis_test(getattr(item, "obj", None)):
                item.add_marker(pytest.mark.soak)
