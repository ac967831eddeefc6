"""How the log is written: a line an event, JSON in production and key=value elsewhere, with the request or task it is of.

A log is read by more people than a record and kept in more places. Addresses of people, their telephone numbers and the
secrets of links are left out, wherever in a line they stand, a traceback included.
"""

from __future__ import annotations

import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from clinic.core.sealing.secret_addresses import SECRET_ADDRESS

EXTRA = ("user", "method", "view", "status")  # numbers and names of the program's own, which say who by no name
PERSONAL = (
    # PostgreSQL tells the values of the row that it refused.
    (re.compile(r"DETAIL:.*?(?=\n\n(?:The above exception|During handling)|\Z)", re.DOTALL), "DETAIL: …"),
    (SECRET_ADDRESS, r"\1…"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "…@…"),
    (re.compile(r"(?<![\w.])(?:\+44|0)[\s-]?\d(?:[\s-]?\d){8,9}(?!\w)"), "+44…"),
)


def leave_out_people(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {name: _without_people(value) if isinstance(value, str) else value for name, value in event.items()}


def _without_people(text: str) -> str:
    for pattern, instead in PERSONAL:
        text = pattern.sub(instead, text)
    return text


def configuration(*, as_json: bool) -> dict[str, Any]:
    """For `LOGGING`. Everything goes by the standard library's loggers, our own and those of packages alike."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=EXTRA),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    console = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    last: list[Processor] = (
        [structlog.processors.format_exc_info, leave_out_people, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if as_json
        else [structlog.processors.format_exc_info, leave_out_people, console]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "loggers": {
            "django.request": {"level": "ERROR"},  # a refusal (404, 409, 422) is an answer, not news
            "django_tasks": {"level": "WARNING"},
        },
        "root": {"handlers": ["console"], "level": "INFO"},
    }
