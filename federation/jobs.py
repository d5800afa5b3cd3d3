"""What a worker does beside its turns: jobs in threads, each at most once at a time."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

import structlog
from sqlalchemy.exc import DBAPIError

from federation.trouble import explain_storage

log = structlog.get_logger("worker")


class Jobs:
    """A number of threads. A context manager; it waits for what is under way."""

    def __init__(self, threads: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._busy: dict[str, Future[None]] = {}

    def __enter__(self) -> "Jobs":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown()

    def start(self, job: str, run: Callable[..., object], *on: object) -> bool:
        """Start a job unless it is still under way; says whether it was started."""
        if self.is_busy(job):
            return False
        self._busy[job] = self._pool.submit(_guarded, job, run, *on)
        return True

    def is_busy(self, job: str) -> bool:
        """Whether a job is under way."""
        return job in self._busy and not self._busy[job].done()


def complain(what: str, error: Exception, **more: object) -> None:
    """Write down what went wrong, in words."""
    log.warning(what, why=str(error), error=type(error).__name__, **more)


def _guarded(job: str, run: Callable[..., object], *on: object) -> None:
    """A fault in one job, whatever it is, ends neither the others nor the worker."""
    try:
        run(*on)
    except DBAPIError as error:
        log.error("a job failed; it is tried again", job=job, why=explain_storage(error))
    except Exception:
        log.exception("a job failed; it is tried again", job=job)
