"""What a running node writes to its log: one JSON line an event, to standard error.

Events name nodes, logs, counts and reasons. Nothing about a child, no key and no token ever
stands in one.
"""

import logging
import sys

import structlog


def observe(level: str) -> None:
    """Set up structured logging for this process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
