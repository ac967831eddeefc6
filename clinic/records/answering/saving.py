"""Keep answers as they are typed, one row a question; what another device wrote meanwhile is never written over."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction

from clinic.core.errors import DomainError
from clinic.records.answering.models import DraftAnswer, FormRequest
from clinic.records.answering.models.request import State
from clinic.records.answering.requesting import version_in_use
from clinic.records.entries.keys import Reads, sealer_of
from clinic.records.questions.content.answers import Answer
from clinic.records.questions.models import QuestionnaireVersion

DIGITS = 16


class NotOpen(DomainError):
    """They were sent, waived or ended meanwhile."""

    code = "not_open"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page showed of one answer: its version, 0 for none, and a mark of its text."""

    version: int
    mark: str

    def __str__(self) -> str:
        return f"{self.version}:{self.mark}"

    @classmethod
    def read(cls, written: str) -> Seen:
        """As a form sends it back; whatever else it sends counts as nothing seen."""
        number, _, mark = written.partition(":")
        return cls(int(number), mark[:DIGITS]) if number.isdecimal() and len(number) < DIGITS else cls(0, "")


def seen(request: FormRequest, key: str, answer: Answer, version: int) -> Seen:
    text = f"{request.pk}|{key}|{_text(answer)}"
    return Seen(version, hmac.new(settings.SECRET_KEY.encode(), text.encode(), sha256).hexdigest()[:DIGITS])


def version_of(request: FormRequest) -> QuestionnaireVersion:
    """The version that is being answered: that of the first answer, or the one in use.

    Raises:
        NotOpen
    """
    if not request.is_open:
        raise NotOpen("These answers were sent already, or are not needed any more.")
    version = request.version or version_in_use(request.questionnaire)
    if version is None:
        raise NotOpen("These questions are not asked any more.")
    return version


def save(
    request: FormRequest,
    *,
    answers: Mapping[str, Answer],
    shown: Mapping[str, Seen],
    written_on: str,
    now: datetime,
) -> list[str]:
    """Keep each answer that differs from what was shown; gives the keys that another device changed meanwhile.

    Raises:
        NotOpen
    """
    with transaction.atomic():
        row = FormRequest.objects.select_for_update(no_key=True).get(pk=request.pk)
        version = version_of(row)
        known = {draft.key: draft for draft in DraftAnswer.objects.select_for_update().filter(request=row)}
        stale = []
        for key, answer in answers.items():
            was = shown.get(key, Seen(0, ""))
            if seen(row, key, answer, 0).mark == (was.mark or seen(row, key, {}, 0).mark):
                continue
            draft = known.get(key)
            if (draft.version if draft else 0) != was.version:
                stale.append(key)
                continue
            row_of_key = draft or DraftAnswer(request=row, key=key, version=0)
            row_of_key.written_on, row_of_key.updated_at = written_on, now
            _keep(row_of_key, answer)
        if row.state != State.STARTED or row.version_id is None:
            row.state, row.version, row.changed_at = State.STARTED, version, now
            row.save(update_fields=["state", "version", "changed_at"])
    return stale


def _keep(draft: DraftAnswer, answer: Answer) -> None:
    is_new = draft.version == 0
    draft.version += 1
    sealer_of(draft.request.patient).put(draft, "value", _text(answer))
    draft.save(force_insert=is_new)


def read(request: FormRequest, opened: Reads, *, written_on: str | None = None) -> dict[str, tuple[Answer, int]]:
    """The answers so far, each with its version; those alone that one browser wrote, if it is named."""
    rows = DraftAnswer.objects.filter(request=request).select_related("request")
    rows = rows.filter(written_on=written_on) if written_on is not None else rows
    return {row.key: (json.loads(opened.text(row, "value")), row.version) for row in rows}


def _text(answer: Answer) -> str:
    found: dict[str, Any] = dict(answer)
    return json.dumps(found, sort_keys=True, ensure_ascii=True)
