"""Emails by GOV.UK Notify: what leaves, what is said when it does not, and what is never logged."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from directory.security.mail.emails import Email, Mailer, NotTaken, Taken
from directory.security.mail.notify import NotifyMailer
from tests.directory.notify_service import KEY, SECRET, TEMPLATE, NotifyService, notify_service
from tests.federation.servers import saying, talking

LINK = "https://hearth.leeds.example/told/a_token-(of)_ours"
EMAIL = Email("school@partner.example", "A notice", f"From [Leeds](https://x).\n\n{LINK}\n")


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[NotifyService, NotifyMailer]]:
    with notify_service(tmp_path_factory.mktemp("notify")) as one:
        yield one


@pytest.fixture
def service(running: tuple[NotifyService, NotifyMailer]) -> Iterator[NotifyService]:
    yield running[0]
    running[0].refuses = None


@pytest.fixture
def mailer(running: tuple[NotifyService, NotifyMailer]) -> NotifyMailer:
    return running[1]


def handed_over(mailer: Mailer, email: Email = EMAIL) -> str:
    went = mailer.hand_over(email)
    assert isinstance(went, Taken), went
    return went.receipt


def test_an_email_goes_with_a_token_the_template_and_nothing_that_reads_as_markdown(
    service: NotifyService, mailer: NotifyMailer
) -> None:
    receipt = handed_over(mailer)
    assert service.came.get(timeout=10) == (EMAIL.to, EMAIL.subject, EMAIL.text)
    sent = service.received[-1].decode()
    assert r"From \\[Leeds\\]\\(https://x\\)." in sent
    assert LINK in sent, "a link on a line of its own stays one"
    assert KEY not in sent
    assert mailer.came_of(receipt) == "on its way"
    service.statuses[receipt] = "delivered"
    assert mailer.came_of(receipt) == "arrived"
    del service.statuses[receipt]
    assert mailer.came_of(receipt) == "arrived", "forgotten after a week"


@pytest.mark.parametrize(
    ("status", "says", "for_good"),
    [
        ("permanent-failure", "no such address", True),
        ("temporary-failure", "the mailbox is full", False),
        ("technical-failure", "could not send it", False),
    ],
)
def test_what_was_not_delivered_is_said_in_words(
    service: NotifyService, mailer: NotifyMailer, status: str, says: str, for_good: bool
) -> None:
    receipt = handed_over(mailer)
    service.statuses[receipt] = status
    fate = mailer.came_of(receipt)
    assert isinstance(fate, NotTaken)
    assert says in fate.why
    assert fate.for_good is for_good


@pytest.mark.parametrize(
    ("refuses", "says", "for_good"),
    [
        ((400, "ValidationError", "email_address Not valid"), "is no email address", True),
        ((400, "BadRequestError", "in trial mode"), "trial mode, or the template", False),
        ((403, "AuthError", "Invalid token"), "the node's API key, or the node's clock", False),
        ((429, "RateLimitError", "Exceeded"), "no more emails of this node's for now", False),
        ((500, "Exception", "Internal server error"), "out of order (HTTP 500)", False),
        ((302, "Moved", "elsewhere"), "out of order (HTTP 302)", False),
    ],
)
def test_a_refusal_is_said_in_words_and_logged_without_the_recipient(
    service: NotifyService,
    mailer: NotifyMailer,
    refuses: tuple[int, str, str],
    says: str,
    for_good: bool,
) -> None:
    receipt = handed_over(mailer)
    service.refuses = refuses
    with capture_logs() as logged:
        went = mailer.hand_over(EMAIL)
        assert mailer.came_of(receipt) == "on its way", "it is asked again"
    assert isinstance(went, NotTaken)
    assert says in went.why
    assert went.for_good is for_good
    assert [one["status"] for one in logged] == [refuses[0]] * 2
    for secret in (EMAIL.to, "Leeds", LINK, SECRET, refuses[2], receipt):
        assert secret not in str(logged)


def test_a_wrong_key_and_no_email_address_are_refused(
    service: NotifyService, mailer: NotifyMailer, tmp_path: Path
) -> None:
    other = tmp_path / "other.key"
    other.write_text(KEY[:-1] + "1")
    went = NotifyMailer(service.url, TEMPLATE, other).hand_over(EMAIL)
    assert isinstance(went, NotTaken)
    assert "does not accept the node's API key" in went.why
    assert mailer.hand_over(Email("nobody", "A", "B")) == NotTaken(
        "GOV.UK Notify says that it is no email address", for_good=True
    )


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}",
        b'HTTP/1.1 201 Created\r\nContent-Length: 15\r\n\r\n{"id":"../../a"}'[:-1],
        b"HTTP/1.1 201 Created\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 200_000,
        b"no HTTP at all\r\n\r\n",
    ],
    ids=["no id", "a path for an id", "too long", "not HTTP"],
)
def test_an_answer_of_somebody_else_is_no_receipt(mailer: NotifyMailer, answer: bytes) -> None:
    with talking(saying(answer)) as url:
        went = NotifyMailer(url, TEMPLATE, mailer.key_file).hand_over(EMAIL)
    assert isinstance(went, NotTaken)


def test_the_key_leaves_over_https_alone(mailer: NotifyMailer) -> None:
    went = NotifyMailer("http://notify.example", TEMPLATE, mailer.key_file).hand_over(EMAIL)
    assert went == NotTaken("GOV.UK Notify could not be reached")
