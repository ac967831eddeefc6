"""The demo's clinical texts."""

from __future__ import annotations

from datetime import datetime

from clinic.records.demo import questions


def load(now: datetime) -> None:
    questions.load(now)
