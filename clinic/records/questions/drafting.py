"""Change the draft of a questionnaire; the version in use stays as it is until a draft is approved."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from clinic.accounts.models import User
from clinic.core.errors import DomainError
from clinic.practitioners.models import Practitioner
from clinic.records.questions.arranging import Step
from clinic.records.questions.content import reading
from clinic.records.questions.content.shapes import Content, as_json
from clinic.records.questions.models import Questionnaire, QuestionnaireVersion
from clinic.records.versions.approving import approve, begin_draft
from clinic.records.versions.models import State, digest_of


class ChangedMeanwhile(DomainError):
    """Somebody else saved a change, or approved it, since the page was opened."""


class NothingAsked(DomainError):
    pass


class WasUsed(DomainError):
    """A version of it was in use."""


def newest(questionnaire: Questionnaire) -> QuestionnaireVersion:
    """The draft, or the version in use where nobody has begun the next."""
    return questionnaire.versions.latest("number")


def change(
    questionnaire: Questionnaire, *, seen: str, step: Step, writer: User | None, now: datetime
) -> QuestionnaireVersion:
    """Take a step from the content whose digest was `seen`, and keep the outcome as the draft.

    Raises:
        ChangedMeanwhile: the content is another by now.
        NotRead: the outcome would not be sound; its lines say why.
    """
    with transaction.atomic():
        Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
        version = newest(questionnaire)
        if digest_of(version.content) != seen:
            raise ChangedMeanwhile("Somebody else changed these questions meanwhile. Look at them and do it again.")
        return replace_draft(questionnaire, content=step(version.read()), writer=writer, now=now)


def replace_draft(
    questionnaire: Questionnaire, *, content: Content, writer: User | None, now: datetime
) -> QuestionnaireVersion:
    """Keep the content as the draft if it is sound.

    Raises:
        NotRead
    """
    data = as_json(content)
    reading.content_of(data)
    return begin_draft(kind=QuestionnaireVersion, of=questionnaire, content=data, writer=writer, now=now)


def start(*, writer: User | None, now: datetime, content: Content | None = None, **about: Any) -> Questionnaire:
    """Begin a new questionnaire, with an empty draft or with this content."""
    with transaction.atomic():
        made = Questionnaire.objects.create(**about)
        replace_draft(made, content=content or Content(), writer=writer, now=now)
    return made


def approve_draft(questionnaire: Questionnaire, *, by: Practitioner, seen: str, now: datetime) -> QuestionnaireVersion:
    """Bring the draft into use.

    Raises:
        NotADraft: it was changed or approved meanwhile.
        NothingAsked: there is no question in it.
    """
    version = newest(questionnaire)
    if not any(question.is_asked for question in version.read().questions()):
        raise NothingAsked("There is no question in it yet.")
    return approve(version, by=by, seen=seen, now=now)


def drop_draft(questionnaire: Questionnaire, *, seen: str) -> bool:
    """Throw the draft away, and a questionnaire that was never in use with it. True if it is gone altogether.

    Raises:
        ChangedMeanwhile
        WasUsed: there is no draft, or something else needs this questionnaire.
    """
    with transaction.atomic():
        Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
        version = newest(questionnaire)
        if version.state != State.DRAFT:
            raise WasUsed("There is no draft. A version that was in use stays.")
        if digest_of(version.content) != seen:
            raise ChangedMeanwhile("Somebody else changed the draft meanwhile. Look at it again.")
        version.delete()
        if questionnaire.versions.exists():
            return False
        try:
            questionnaire.delete()
        except ProtectedError:
            raise WasUsed("A treatment or a visit needs this questionnaire. Take it off there first.") from None
        return True
