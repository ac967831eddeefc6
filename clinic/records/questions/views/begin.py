"""Begin a questionnaire: from nothing, from a file or from our examples; and take one out as a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.web.flash import leave_notice
from clinic.core.web.htmx import render_page
from clinic.records.questions import drafting, examples, files
from clinic.records.questions.arranging import free_key
from clinic.records.questions.content.strict_json import NotRead
from clinic.records.questions.forms.settings import ImportForm, SettingsForm
from clinic.records.questions.models import Questionnaire
from clinic.records.questions.views.kept import WRONG, newest_of


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE_TEXTS)
def new(request: HttpRequest) -> HttpResponse:
    form = SettingsForm(request.POST or None)
    if form.is_valid():
        made = drafting.start(
            writer=user_of(request), now=clock.now(), slug=_free_slug(form.cleaned_data["title"]), **form.cleaned_data
        )
        leave_notice(request, "Begun. Add the first page, then its questions.")
        return redirect("records:questionnaire", made.slug)
    context = {"section": "forms", "form": form}
    return render_page(request, "records/questions/new.html", context, status=WRONG if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE_TEXTS)
def take_in(request: HttpRequest) -> HttpResponse:
    """Read a file; whatever is wrong with it is listed, and nothing of it is kept."""
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    lines: list[str] = []
    if form.is_bound and form.is_valid():
        try:
            made = files.imported(form.cleaned_data["file"], writer=user_of(request), now=clock.now())
        except NotRead as refused:
            lines = refused.lines
        else:
            leave_notice(request, f"Read. “{made.title}” is a draft until a practitioner approves it.")
            return redirect("records:questionnaire", made.slug)
    context = {"section": "forms", "form": form, "lines": lines}
    return render_page(request, "records/questions/import.html", context, status=WRONG if form.is_bound else 200)


@require_POST
@needs(Right.WRITE_TEXTS)
def begin_examples(request: HttpRequest) -> HttpResponse:
    """Make drafts of our examples that are not there yet."""
    made = examples.draft(writer=user_of(request), now=clock.now())
    names = ", ".join(f"“{one.title}”" for one in made)
    leave_notice(
        request, f"Drafts were made of {names}. Read every word before you approve it." if made else "All are there."
    )
    return redirect("records:texts")


@require_safe
@needs(Right.WRITE_TEXTS)
def export(request: HttpRequest, slug: str) -> HttpResponse:
    questionnaire, version, _ = newest_of(slug)
    response = JsonResponse(
        files.exported(questionnaire, version), json_dumps_params={"indent": 2, "ensure_ascii": False}
    )
    response["Content-Disposition"] = f'attachment; filename="questions-{version.number}.json"'
    return response


def _free_slug(title: str) -> str:
    """A name for addresses of staff. The key's form is narrower than a slug's, and does for one."""
    stem = slugify(title)[:50] or "questions"
    taken = set(Questionnaire.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return stem if stem not in taken else free_key(stem, [one.replace("-", "_") for one in taken]).replace("_", "-")
