"""What macros made before: those of GOV.UK are pure, and take longer than a search of all homes."""

from functools import lru_cache
from typing import Any

import msgspec
from flask import Flask
from jinja2.runtime import Macro, Undefined

_KEPT = 4096


def make_once(app: Flask) -> None:
    """Give templates `made_once(macro, …)`: what the macro makes of these parameters.

    It stays in the memory of the process: never for what somebody typed, nor what is said of a
    child.
    """

    @lru_cache(_KEPT)
    def kept(macro: Macro, parameters: bytes) -> str:
        return macro(*msgspec.json.decode(parameters))

    @app.template_global()
    def made_once(macro: Macro, *parameters: Any) -> str:
        return kept(macro, msgspec.json.encode(parameters, enc_hook=_nothing))


def _nothing(value: object) -> None:
    """For `value if condition`, which is Jinja's undefined where there is no condition."""
    if not isinstance(value, Undefined):
        raise NotImplementedError
