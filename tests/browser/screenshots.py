"""The pictures in the README, of a fresh demonstration: `make screenshots`.

Everything in them is made up. Each is taken as somebody of the demonstration sees the page, in
Debian's Chromium, and kept small: few colours, and no more of the page than tells what it is.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from directory.demo.consortium import free_ports
from tests.browser.conftest import ARGUMENTS, CHROMIUM

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
WIDE, HIGH = 1100, 900
COLOURS = 64
MOST = 150_000  # bytes


@dataclass(frozen=True)
class Demonstration:
    """Where its first node is, and what signs its people in."""

    url: str
    password: str
    codes: Sequence[str]


@contextmanager
def demonstration() -> Iterator[Demonstration]:
    """A fresh one, until the end."""
    port = min(free_ports(3))
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "directory.cli", "demo", "--port", str(port)]
        process = subprocess.Popen(
            [*command, "--data-dir", folder], stderr=subprocess.PIPE, text=True
        )
        try:
            said = ""
            for line in process.stderr or ():
                said += line
                if "Ctrl-C" in line:
                    break
            password = re.search(r"^Password: (\S+)$", said, re.MULTILINE)
            codes = re.search(r"^Codes, .*?: (.+)$", said, re.MULTILINE)
            if not password or not codes:
                raise SystemExit(f"The demonstration did not start:\n{said}")
            yield Demonstration(f"http://127.0.0.1:{port}", password[1], codes[1].split())
        finally:
            process.terminate()
            process.wait()


def sign_in(page: Page, there: Demonstration, who: str) -> None:
    """As somebody of the first node, with the first of the codes."""
    page.goto(f"{there.url}/")
    page.get_by_label("Email address").fill(f"{who}@leeds.example")
    page.get_by_label("Password", exact=True).fill(there.password)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code").fill(there.codes[0])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Signed in as").wait_for()


def keep(page: Page, name: str, high: int = HIGH) -> None:
    """The top of a page, in few colours."""
    page.wait_for_load_state()
    page.set_viewport_size({"width": WIDE, "height": high})
    shot = Image.open(BytesIO(page.screenshot()))
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.png"
    shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    print(f"{path.name}: {size:,} bytes")  # noqa: T201 - a command's answer
    if size > MOST:
        raise SystemExit(f"{path.name} is above {MOST:,} bytes: show less of the page")


def as_commissioner(page: Page, there: Demonstration) -> None:
    keep(page, "start")
    page.goto(f"{there.url}/homes?words=autism")
    keep(page, "search")
    page.goto(f"{there.url}/homes/SAMPLE-E08000035-003")  # of which a vacancy is said
    keep(page, "home")
    page.goto(f"{there.url}/")
    page.get_by_role("link", name="Shortlists").first.click()
    page.get_by_role("link", name="Example search 1").click()
    keep(page, "shortlist", 1000)
    page.goto(f"{there.url}/match")
    page.get_by_label("Age in years", exact=True).fill("12")
    page.get_by_label("Ofsted’s overall judgement", exact=True).select_option("Good or better")
    page.get_by_label("Autism", exact=True).select_option("Essential")
    page.get_by_role("button", name="Match homes").click()
    keep(page, "match")


def as_provider(page: Page, there: Demonstration) -> None:
    page.goto(f"{there.url}/our-homes/vacancies")
    keep(page, "vacancies")


def as_duty_officer(page: Page, there: Demonstration) -> None:
    page.get_by_role("link", name="Notices received").first.click()
    keep(page, "inbox", 700)


VISITS: dict[str, Callable[[Page, Demonstration], None]] = {
    "commissioner": as_commissioner,
    "provider": as_provider,
    "duty": as_duty_officer,
}


def take(browser: Browser, there: Demonstration) -> None:
    """Every picture."""
    for who, visit in VISITS.items():
        with browser.new_context(
            viewport={"width": WIDE, "height": HIGH}, locale="en-GB"
        ) as context:
            page = context.new_page()
            sign_in(page, there, who)
            visit(page, there)


if __name__ == "__main__":
    with demonstration() as found, sync_playwright() as driver:
        take(driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS), found)
