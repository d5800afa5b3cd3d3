"""Settings from the environment, typed, in one place. `docs/settings.md` lists them all."""

from dataclasses import dataclass
from pathlib import Path

from environs import Env

PREFIX = "HEARTH_"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a node's operator can set.

    HEARTH_DATA_DIR   data directory of the node, where --data-dir is not given
    HEARTH_HOST       address that the web server listens on
    HEARTH_PORT       port that the web server listens on
    HEARTH_POLL_S     seconds between two looks at every peer's log; pings come sooner
    HEARTH_LOG_LEVEL  debug, info, warning or error
    """

    data_dir: Path
    host: str
    port: int
    poll_s: float
    log_level: str


def read_settings() -> Settings:
    """The settings. Raises environs' EnvError naming the variable that cannot be used."""
    env = Env(prefix=PREFIX)
    return Settings(
        data_dir=env.path("DATA_DIR", Path("data")),
        host=env.str("HOST", "127.0.0.1"),
        port=env.int("PORT", 8400),
        poll_s=env.float("POLL_S", 30.0),
        log_level=env.str("LOG_LEVEL", "info"),
    )
