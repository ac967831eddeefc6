"""Write one question, rule or score of a draft."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.core.web.flash import leave_notice
from clinic.records.questions import arranging
from clinic.records.questions.arranging import Step
from clinic.records.questions.content.shapes import TYPES
from clinic.records.questions.forms.questions import QuestionForm, TypeForm
from clinic.records.questions.forms.rules import RuleForm, ScoreForm
from clinic.records.questions.views.kept import REFUSED, WRONG, Newest, keep, newest_of, render_editor


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE_TEXTS)
def add_question(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """First choose the type, by `?type=`; then write it, at the end of that page."""
    newest = newest_of(slug)
    content = newest.content
    if number >= len(content.pages):
        raise Http404
    chosen = request.GET.get("type", "")
    if chosen not in TYPES:
        form = TypeForm(request.GET if "type" in request.GET else None)
        return render_editor(request, "type", newest, form=form, page=content.pages[number], number=number)
    form_of = QuestionForm(request.POST or None, content=content, type=chosen)
    if not form_of.is_valid():
        return _form(request, newest, form_of, what="Add a question")
    step = partial(arranging.put, question=form_of.made(), page=number)
    return _kept(request, newest, form_of, step, what="Add a question")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE_TEXTS)
def question(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    newest = newest_of(slug)
    content = newest.content
    known = content.question(key)
    if known is None:
        raise Http404
    form = QuestionForm(request.POST or None, content=content, question=known)
    if not form.is_valid():
        return _form(request, newest, form, what="Change a question")
    return _kept(request, newest, form, partial(arranging.put, question=form.made(), page=0), what="Change a question")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE_TEXTS)
def rule(request: HttpRequest, slug: str, name: str = "") -> HttpResponse:
    newest = newest_of(slug)
    content = newest.content
    known = content.rule(name)
    if name and known is None:
        raise Http404
    form = RuleForm(request.POST or None, content=content, rule=known)
    what = "Change a rule" if known else "Add a rule"
    if not form.is_valid():
        return _form(request, newest, form, what=what)
    return _kept(request, newest, form, partial(arranging.put_rule, rule=form.made()), what=what)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE_TEXTS)
def score(request: HttpRequest, slug: str, key: str = "") -> HttpResponse:
    newest = newest_of(slug)
    content = newest.content
    known = next((one for one in content.scores if one.key == key), None)
    if key and known is None:
        raise Http404
    form = ScoreForm(request.POST or None, content=content, score=known)
    what = "Change a score" if known else "Add a score"
    if not form.is_valid():
        return _form(request, newest, form, what=what)
    return _kept(request, newest, form, partial(arranging.put_score, score=form.made()), what=what)


def _kept(request: HttpRequest, newest: Newest, form: Any, step: Step, *, what: str) -> HttpResponse:
    slug = newest.questionnaire.slug
    if lines := keep(request, newest.questionnaire, step):
        return _form(request, newest_of(slug), form, what=what, lines=lines, status=REFUSED)
    leave_notice(request, "Saved in the draft.")
    return redirect("records:questionnaire", slug)


def _form(
    request: HttpRequest, newest: Newest, form: Any, *, what: str, lines: list[str] | None = None, status: int = 0
) -> HttpResponse:
    """What was typed stays in the boxes; a second press saves it into what stands there by then."""
    status = status or (WRONG if form.is_bound else 200)
    return render_editor(request, "part", newest, form=form, what=what, lines=lines, status=status)
