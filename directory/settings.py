"""Settings from the environment, typed, in one place. `docs/settings.md` lists them all."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env, EnvError
from marshmallow import ValidationError
from marshmallow.validate import Length, OneOf, Range, Regexp

from directory.security.mail.notify import UUID, is_key
from federation import is_loopback

PREFIX = "HEARTH_"
LOG_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a node's operator can set.

    HEARTH_DATA_DIR   data directory of the node, where --data-dir is not given
    HEARTH_DATABASE   address of the PostgreSQL database that holds the node; where it is not set,
                      the one that the data directory was made with, or else files there
    HEARTH_HOST       address that the web server listens on
    HEARTH_PORT       port that the web server listens on
    HEARTH_WEB_PROCESSES  processes in which the web server answers
    HEARTH_POLL_S     seconds between two looks at every peer's log; pings come sooner
    HEARTH_LOG_LEVEL  debug, info, warning or error
    HEARTH_CA_BUNDLE  file of the certificate authorities that may vouch for peers; the public ones
                      where it is not set
    HEARTH_PUBLIC_URL https address at which a proxy on this machine passes pages on; where it is
                      not set, pages answer to this machine alone
    HEARTH_CONTACT    whom people turn to about the pages, on their accessibility statement; the
                      offices that the authorities have published where it is not set
    HEARTH_SMTP_HOST  mail server for links to choose a password and to what partners may see; none
                      are sent where it is not set
    HEARTH_SMTP_PORT  its port; 465 is TLS from the start, any other STARTTLS
    HEARTH_SMTP_FROM  address in whose name they are sent
    HEARTH_SMTP_USER  name to log in to it with, if it asks
    HEARTH_SMTP_PASSWORD_FILE  file with the password to that name
    HEARTH_NOTIFY_KEY_FILE  file with an API key of GOV.UK Notify, by which all emails then leave in
                      the place of the mail server
    HEARTH_NOTIFY_TEMPLATE  id of its template with the placeholders ((subject)) and ((body))
    HEARTH_NOTIFY_URL where its API is
    HEARTH_CLAMAV     socket of ClamAV's daemon, which is asked about every file that somebody
                      sends; none is asked where it is not set
    HEARTH_RETENTION  whether the worker destroys what is due every day, or says how much that is:
                      destroy or report
    HEARTH_BACKUP_DAYS  days after which a backup is of no more use, where the worker destroys: the
                      epoch keys that it needs are destroyed then
    HEARTH_COMPLIANCE whether the worker tells and publishes how notices were kept to when a quarter
                      is over, or people do: itself or by-hand
    HEARTH_VALIDATOR  folder of the virtual environment with the sector's validator of SSDA903
                      returns; none is asked where it is not set
    HEARTH_EXPORT_DIR folder into which the worker writes what became of placements, for case
                      systems; nothing is written where it is not set
    HEARTH_EXPORT_HOURS  hours between two such files
    """

    data_dir: Path
    database: str | None = field(repr=False)  # a password may stand in it
    host: str
    port: int
    web_processes: int
    poll_s: float
    log_level: str
    ca_bundle: Path | None
    public_url: str | None
    contact: str | None
    smtp_host: str | None
    smtp_port: int
    smtp_from: str
    smtp_user: str | None
    smtp_password_file: Path | None
    notify_key_file: Path | None
    notify_template: str | None
    notify_url: str
    clamav: Path | None
    retention: str
    backup_days: int
    compliance: str
    validator: Path | None
    export_dir: Path | None
    export_hours: int


def read_settings() -> Settings:
    """The settings. Raises environs' EnvError naming the variable that cannot be used."""
    env = Env(prefix=PREFIX)
    settings = Settings(
        data_dir=env.path("DATA_DIR", Path("data")),
        database=env.str("DATABASE", None),
        host=env.str("HOST", "127.0.0.1"),
        port=env.int("PORT", 8400, validate=Range(1, 65_535)),
        web_processes=env.int("WEB_PROCESSES", 2, validate=Range(1, 64)),
        poll_s=env.float("POLL_S", 30.0, validate=Range(1, 3600)),
        log_level=env.str("LOG_LEVEL", "info", validate=OneOf(LOG_LEVELS)),
        ca_bundle=env.path("CA_BUNDLE", None, validate=_is_file),
        public_url=env.str("PUBLIC_URL", None, validate=_is_origin),
        contact=env.str("CONTACT", None, validate=Length(max=200)),
        smtp_host=env.str("SMTP_HOST", None),
        smtp_port=env.int("SMTP_PORT", 587, validate=Range(1, 65_535)),
        smtp_from=env.str("SMTP_FROM", "commonhearth@localhost"),
        smtp_user=env.str("SMTP_USER", None),
        smtp_password_file=env.path("SMTP_PASSWORD_FILE", None, validate=_is_file),
        notify_key_file=env.path("NOTIFY_KEY_FILE", None, validate=_is_notify_key),
        notify_template=env.str("NOTIFY_TEMPLATE", None, validate=_is_notify_template),
        notify_url=env.str(
            "NOTIFY_URL", "https://api.notifications.service.gov.uk", validate=_is_notify_url
        ),
        clamav=env.path("CLAMAV", None),
        retention=env.str("RETENTION", "report", validate=OneOf(("report", "destroy"))),
        backup_days=env.int("BACKUP_DAYS", 35, validate=Range(1, 400)),
        compliance=env.str("COMPLIANCE", "itself", validate=OneOf(("itself", "by-hand"))),
        validator=env.path("VALIDATOR", None),
        export_dir=env.path("EXPORT_DIR", None, validate=_is_folder),
        export_hours=env.int("EXPORT_HOURS", 24, validate=Range(1, 168)),
    )
    if (settings.notify_key_file is None) is not (settings.notify_template is None):
        raise EnvError("HEARTH_NOTIFY_KEY_FILE and HEARTH_NOTIFY_TEMPLATE: set both, or neither")
    return settings


def _is_file(path: Path) -> None:
    if not path.is_file():
        raise ValidationError(f"There is no file {path}.")


_is_notify_template = Regexp(f"^{UUID}$", error="This is no id of a template: it is a UUID.")


def _is_notify_key(path: Path) -> None:
    _is_file(path)
    with path.open("rb") as file:
        if not is_key(file.read(1000).decode("utf-8", "replace")):
            raise ValidationError(f"{path} holds no API key of GOV.UK Notify.")


def _is_notify_url(url: str) -> None:
    if not (url.startswith("http://") and is_loopback(url) and not url.endswith("/")):
        _is_origin(url)


def _is_folder(path: Path) -> None:
    if not path.is_dir():
        raise ValidationError(f"There is no folder {path}.")


def _is_origin(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or url != f"https://{parts.netloc}":
        raise ValidationError(f"{url} is no address such as https://hearth.leeds.example.")
