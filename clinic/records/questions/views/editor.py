"""A questionnaire as its owner writes it: its pages and questions in order, its rules, and what may be done with each."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.core.errors import DomainError
from clinic.core.web.flash import leave_notice
from clinic.records.questions import arranging, drafting
from clinic.records.questions.arranging import STEPS, Step
from clinic.records.questions.comparing import condition_in_words
from clinic.records.questions.content.shapes import TYPES, Content
from clinic.records.questions.forms.settings import PageForm, SettingsForm
from clinic.records.questions.views.kept import REFUSED, WRONG, keep, newest_of, questionnaire_of, render_editor

SAID = {
    "up": "Moved up.",
    "down": "Moved down.",
    "split": "A new page begins here.",
    "copy": "Copied below.",
    "delete": "Deleted.",
    "add-page": "Page added.",
    "rename": "Renamed.",
    "join": "Joined.",
    "delete-rule": "Rule deleted.",
    "delete-score": "Score deleted.",
}


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE_TEXTS)
def questionnaire(request: HttpRequest, slug: str) -> HttpResponse:
    """POST `do=` takes one step in the draft."""
    if request.method != "POST":
        return _page(request, slug)
    subject, do = questionnaire_of(slug), request.POST.get("do", "")
    if do == "drop":
        return _drop(request, slug)
    form = PageForm(request.POST) if do in {"add-page", "rename"} else None
    if form and not form.is_valid():
        return _page(request, slug, lines=[str(one) for one in form.errors["title"]], status=WRONG)
    step = _step(request, do, form)
    lines = keep(request, subject, step) if step else ["There is no such step."]
    if lines:
        return _page(request, slug, lines=lines, status=REFUSED)
    leave_notice(request, SAID[do])
    return redirect("records:questionnaire", slug)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE_TEXTS)
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    subject = questionnaire_of(slug)
    form = SettingsForm(request.POST or None, instance=subject)
    if form.is_valid():
        form.save()
        leave_notice(request, "Saved.")
        return redirect("records:questionnaire", slug)
    return render_editor(request, "settings", newest_of(slug), form=form, status=WRONG if form.is_bound else 200)


def _step(request: HttpRequest, do: str, form: PageForm | None) -> Step | None:
    key, number = request.POST.get("key", ""), request.POST.get("page", "")
    place = int(number) if number.isdecimal() and len(number) < len("1000") else -1
    if do in STEPS:
        return partial(STEPS[do], key=key)
    title = form.cleaned_data["title"] if form else ""
    steps: dict[str, Step] = {
        "add-page": partial(arranging.add_page, title=title),
        "rename": partial(arranging.rename_page, number=place, title=title),
        "join": partial(arranging.join_page, number=place),
        "delete-rule": partial(arranging.delete_rule, name=key),
        "delete-score": partial(arranging.delete_score, key=key),
    }
    return steps.get(do)


def _drop(request: HttpRequest, slug: str) -> HttpResponse:
    subject = questionnaire_of(slug)
    try:
        is_gone = drafting.drop_draft(subject, seen=request.POST.get("seen", ""))
    except DomainError as refused:
        return _page(request, slug, lines=[str(refused)], status=REFUSED)
    leave_notice(request, f"The draft of “{subject.title}” is thrown away.")
    return redirect("records:texts") if is_gone else redirect("records:questionnaire", slug)


def _page(request: HttpRequest, slug: str, *, lines: list[str] | None = None, status: int = 200) -> HttpResponse:
    newest = newest_of(slug)
    about = {"lines": lines, "pages": _pages(newest.content), **_rules(newest.content)}
    return render_editor(request, "editor", newest, status=status, **about)


def _pages(content: Content) -> list[tuple[str, list[dict[str, object]]]]:
    return [
        (
            page.title,
            [
                {
                    "question": one,
                    "type": TYPES[one.type],
                    "shown_when": condition_in_words(one.shown_when, content) if one.shown_when else "",
                    "needed_by": content.depends_on(one.key),
                }
                for one in page.questions
            ],
        )
        for page in content.pages
    ]


def _rules(content: Content) -> dict[str, object]:
    has_scales = any(one.type == "scale" for one in content.questions())
    rules = [(rule, condition_in_words(rule.when, content)) for rule in content.rules]
    return {"rules": rules, "has_scales": has_scales}
