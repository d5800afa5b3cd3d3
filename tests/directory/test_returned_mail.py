"""Emails that a mail server sends back: read whoever wrote them, and noted where they left."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.security.mail.returned import MOST_READ, SentBack, read_sent_back

RECEIPT = f"<{'0123456789abcdef' * 2}@leeds.example>"
# As RFC 3464 section 9.1 and appendix A have it.
REPORT = f"""Return-Path: <>
From: Mail Delivery Subsystem <MAILER-DAEMON@mail.leeds.example>
To: hearth@leeds.example
Subject: Undelivered mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="RAA14128"

--RAA14128
Content-Type: text/plain

The original message could not be delivered to <nobody@partner.example>.

--RAA14128
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.leeds.example

Final-Recipient: RFC822; nobody@partner.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 No such user

--RAA14128
Content-Type: message/rfc822

From: hearth@leeds.example
To: nobody@partner.example
Subject: A notice for you from Leeds
Message-ID: {RECEIPT}

Its text.

--RAA14128--
"""


def changed(old: str, new: str) -> bytes:
    assert old in REPORT
    return REPORT.replace(old, new).encode()


def test_a_report_says_which_email_and_why() -> None:
    assert read_sent_back(REPORT.encode()) == SentBack(
        RECEIPT, "Their mail server knows no such address (5.1.1)"
    )
    full = changed("5.1.1", "4.2.2 (mailbox full)")
    assert read_sent_back(full) == SentBack(RECEIPT, "Their mail server sent it back (4.2.2)")
    headers = changed("message/rfc822", "text/rfc822-headers")
    assert read_sent_back(headers) == read_sent_back(REPORT.encode())
    assert read_sent_back(REPORT.replace("\n", "\r\n").encode()) is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Action: failed", "Action: delayed"),
        ("Action: failed", "Action: delivered"),
        ("multipart/report", "multipart/mixed"),
        ("message/delivery-status", "text/plain"),
        (RECEIPT, "<1@elsewhere.example>"),
        (RECEIPT, f"{RECEIPT} x"),
        ("Its text.", "x" * MOST_READ),
    ],
)
def test_what_says_nothing_of_ours_changes_nothing(old: str, new: str) -> None:
    assert read_sent_back(changed(old, new)) is None


def test_an_email_in_an_email_without_end_is_no_report() -> None:
    nested = "".join(
        f'Content-Type: multipart/report; boundary="b{depth}"\n\n--b{depth}\n'
        for depth in range(5_000)
    )
    assert read_sent_back(nested.encode()) is None


@given(st.binary(max_size=400), st.integers(0, len(REPORT) - 1))
def test_no_bytes_break_the_reading(junk: bytes, at: int) -> None:
    whole = REPORT.encode()
    for data in (junk, whole[:at] + junk + whole[at:], whole[:at]):
        found = read_sent_back(data)
        assert found is None or re.fullmatch(r"<[0-9a-f]{32}@\S+>", found.receipt)
