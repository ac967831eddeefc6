"""A questionnaire as a file: written for another clinic, and read from one, strictly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from clinic.accounts.models import User
from clinic.records.questions import drafting
from clinic.records.questions.content import reading, strict_json
from clinic.records.questions.content.shapes import Content
from clinic.records.questions.content.strict_json import NotRead
from clinic.records.questions.models import Questionnaire, QuestionnaireVersion
from clinic.records.versions.models import State

FORMAT = "clinic-questionnaire-1"
TEXTS = {"title": 120, "audience": 7, "instrument": 120, "licence_note": 300}
MOST_MONTHS = 24


def exported(questionnaire: Questionnaire, version: QuestionnaireVersion) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "slug": questionnaire.slug,
        "title": questionnaire.title,
        "audience": questionnaire.audience,
        "valid_months": questionnaire.valid_months,
        "instrument": questionnaire.instrument,
        "licence_note": questionnaire.licence_note,
        "content": version.content,
    }


def imported(raw: bytes, *, writer: User | None, now: datetime) -> Questionnaire:
    """Keep what the file says as a draft: of a new questionnaire, or the next version of the one with its name.

    Raises:
        NotRead: something is wrong with it, and nothing was kept.
    """
    about, content = read(strict_json.parse(raw))
    with transaction.atomic():
        known = Questionnaire.objects.select_for_update().filter(slug=about["slug"]).first()
        if known is None:
            return drafting.start(writer=writer, now=now, content=content, **about)
        if known.versions.filter(state=State.DRAFT).exists():
            raise NotRead([f"“{known.title}” has a draft already. Approve it or throw it away first."])
        drafting.replace_draft(known, content=content, writer=writer, now=now)
        return known


def read(data: Any) -> tuple[dict[str, Any], Content]:
    """What the file says about the questionnaire, and its content.

    Raises:
        NotRead
    """
    reader = reading.Reader()
    here = "File"
    parts = reader.parts(data, here, ("format", "slug", "valid_months", "content", *TEXTS))
    if parts.get("format") != FORMAT:
        raise NotRead([f"File: its “format” is not “{FORMAT}”."])
    about = _about(reader, parts)
    try:
        content = reading.content_of(parts.get("content"))
    except NotRead as refused:
        raise NotRead([*reader.lines, *refused.lines]) from None
    if reader.lines:
        raise NotRead(reader.lines)
    return about, content


def _about(reader: reading.Reader, parts: Mapping[str, Any]) -> dict[str, Any]:
    here = "File"
    months = parts.get("valid_months", 6)
    if type(months) is not int or not 1 <= months <= MOST_MONTHS:
        reader.say(here, f"“valid_months” is a number from 1 to {MOST_MONTHS}.")
    about = {name: reader.text(parts, name, here, longest=longest) for name, longest in TEXTS.items()}
    if not about["title"].strip():
        reader.say(here, "“title” is missing.")
    if about["audience"] not in Questionnaire.Audience.values:
        reader.say(here, "“audience” is “patient” or “staff”.")
    if about["instrument"] and not about["licence_note"]:
        reader.say(here, "“licence_note” says by which licence the instrument is used.")
    return about | {"slug": reader.matching(parts, "slug", here, reading.SLUG), "valid_months": months}
