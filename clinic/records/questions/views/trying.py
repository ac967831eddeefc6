"""Fill a questionnaire in to see what it does: nothing of it is kept."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.records.questions.asking import boxes
from clinic.records.questions.content import answers as given
from clinic.records.questions.content.checking import check
from clinic.records.questions.content.evaluating import outcome, score
from clinic.records.questions.content.flags import raised
from clinic.records.questions.content.shapes import CLEARED_BY, EFFECTS, FACTS
from clinic.records.questions.views.kept import newest_of, render_editor


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE_TEXTS)
def trying(request: HttpRequest, slug: str) -> HttpResponse:
    """Every question is shown at first; once answers are sent, those that they hide are left out."""
    newest = newest_of(slug)
    content = newest.content
    answers = {one.key: given.posted(one, request.POST) for one in content.questions()}
    facts = {name: typed for name in FACTS if (typed := request.POST.get(f"fact.{name}", "").strip())}
    is_sent = request.method == "POST"
    result = outcome(content, answers)
    faults = check(content, answers) if is_sent else {}
    pages = [
        (page.title, boxes(page, answers, faults=faults, result=result if is_sent else None)) for page in content.pages
    ]
    hidden = [one.text for one in content.questions() if not result.shows(one)]
    flags = [(flag, EFFECTS[flag.effect], CLEARED_BY[flag.clear_by]) for flag in raised(content, answers, facts)]
    return render_editor(
        request,
        "try",
        newest,
        is_sent=is_sent,
        pages=pages,
        hidden=hidden,
        faults=faults,
        flags=flags,
        scores=[(one.text, score(result, one.key)) for one in content.scores],
        facts=[(name, label, facts.get(name, "")) for name, label in FACTS.items()],
    )
