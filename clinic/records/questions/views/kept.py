"""What the pages of the editor share: the questionnaire, its newest version, and a step that is kept or refused."""

from __future__ import annotations

from typing import Any

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


def newest_of(slug: str) -> tuple[Questionnaire, QuestionnaireVersion, Content]:
    questionnaire = questionnaire_of(slug)
    version = drafting.newest(questionnaire)
    return questionnaire, version, version.read()


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


def render_editor(request: HttpRequest, template: str, slug: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """A page of the editor, with the questionnaire as it stands now."""
    questionnaire, version, content = newest_of(slug)
    about = {
        "section": "forms",
        "questionnaire": questionnaire,
        "version": version,
        "content": content,
        "notice": take_notice(request),
    }
    return render_page(request, f"records/questions/{template}.html", {**about, **context}, status=status)
