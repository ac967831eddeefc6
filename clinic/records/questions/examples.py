"""Our examples of questionnaires, for a clinic to begin from: drafts that a practitioner reads and approves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from clinic.accounts.models import User
from clinic.records.questions import drafting, files
from clinic.records.questions.content import strict_json
from clinic.records.questions.content.shapes import Content
from clinic.records.questions.models import Questionnaire

FOLDER = Path(__file__).with_name("starting_set")


def all_examples() -> Iterator[tuple[dict[str, Any], Content]]:
    """What each says of itself, and its content."""
    for path in sorted(FOLDER.glob("*.json")):
        yield files.read(strict_json.parse(path.read_bytes()))


def draft(*, writer: User | None, now: datetime) -> list[Questionnaire]:
    """Make a draft of each that the clinic does not have; gives those."""
    known = set(Questionnaire.objects.values_list("slug", flat=True))
    return [
        drafting.start(writer=writer, now=now, content=content, **about)
        for about, content in all_examples()
        if about["slug"] not in known
    ]
