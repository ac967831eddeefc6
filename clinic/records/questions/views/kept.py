"""What the pages of the editor share: the questionnaire, its newest version, and a step that is kept or refused."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from clinic.accounts.permissions import user_of
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.web.flash import take_notice
from clinic.core.web.htmx import render_page
from clinic.records.questions import drafting
from clinic.records.questions.arranging import Step
from clinic.records.questions.content.shapes import Content
from clinic.records.questions.content.strict_json import NotRead
from clinic.records.questions.models import Questionnaire, QuestionnaireVersion

WRONG, REFUSED = 422, 409


def questionnaire_of(slug: str) -> Questionnaire:
    return get_object_or_404(Questionnaire, slug=slug)


class Newest(NamedTuple):
    """A questionnaire with its newest version, read once for a page."""

    questionnaire: Questionnaire
    version: QuestionnaireVersion
    content: Content


def newest_of(slug: str) -> Newest:
    questionnaire = questionnaire_of(slug)
    version = drafting.newest(questionnaire)
    return Newest(questionnaire, version, version.read())


def keep(request: HttpRequest, questionnaire: Questionnaire, step: Step) -> list[str]:
    """Take the step from the content that the form was made of; the lines say why it was refused."""
    seen = request.POST.get("seen", "")
    try:
        drafting.change(questionnaire, seen=seen, step=step, writer=user_of(request), now=clock.now())
    except NotRead as refused:
        return refused.lines
    except DomainError as refused:
        return [str(refused)]
    return []


def render_editor(
    request: HttpRequest, template: str, newest: Newest, *, status: int = 200, **context: Any
) -> HttpResponse:
    """A page of the editor, about the questionnaire as it was read."""
    about = {"section": "forms", **newest._asdict(), "notice": take_notice(request)}
    return render_page(request, f"records/questions/{template}.html", {**about, **context}, status=status)
