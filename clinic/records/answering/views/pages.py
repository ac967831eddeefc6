"""The pages of a sitting: questions page by page, what was answered, and sending it."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from clinic.core.formats import desk_clock
from clinic.records.answering import saving
from clinic.records.answering.submitting import NotComplete, submit
from clinic.records.answering.views.sitting import Sitting
from clinic.records.entries.models import Entry
from clinic.records.questions.content import answers as given
from clinic.records.questions.content.checking import fault_of
from clinic.records.questions.content.shapes import Page

LONGEST_NAME = 100
ELSEWHERE = "This was answered on another device too. Continue keeps what stands here."


def question_page(request: HttpRequest, sitting: Sitting, number: int) -> HttpResponse:
    """One page of questions. POST keeps everything that was typed, and goes on if nothing is amiss."""
    page = sitting.page(number)
    if page is None:
        raise Http404
    if request.method != "POST":
        return _render(request, sitting, number, page)
    had = set(request.POST.getlist("asked"))
    answers = sitting.posted(request, page)
    stale = sitting.save(request, answers)
    more = request.POST.get("more", "")
    if more:
        return _render(request, sitting, number, page, more=more)
    if "later" in request.POST:
        return redirect(sitting.address("later"))
    result = sitting.result
    shown = [one for one in page.questions if result.shows(one)]
    faults = {one.key: fault for one in shown if (fault := fault_of(one, answers.get(one.key, given.NOTHING)))}
    faults |= {key: _elsewhere(sitting, key) for key in stale}
    comes_up = [one for one in shown if one.is_asked and one.key not in had]
    if faults or comes_up:
        typed = {key: answer for key, answer in answers.items() if key in stale}
        faults = {key: fault for key, fault in faults.items() if key in had}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
        return _render(request, sitting, number, page, faults=faults, typed=typed, status=status)
    if "check" in request.POST:
        return redirect(sitting.address("check"))
    following = sitting.number_shown(number, 1)
    return redirect(sitting.address("page", following) if following else sitting.address("check"))


def save_one(request: HttpRequest, sitting: Sitting, number: int) -> HttpResponse:
    """Keep one answer while the page is open: sent by the script, which is told what it then shows."""
    page, key = sitting.page(number), request.POST.get("key", "")
    if page is None:
        raise Http404
    answers = sitting.posted(request, page, only=key)
    if not answers:
        return JsonResponse({"error": "unknown"}, status=HTTPStatus.BAD_REQUEST)
    if sitting.save(request, answers):
        return JsonResponse({"error": ELSEWHERE}, status=HTTPStatus.CONFLICT)
    draft = sitting.row.drafts.filter(key=key).only("version").first()
    shown = saving.seen(sitting.row, key, answers[key], draft.version if draft else 0)
    return JsonResponse({"seen": str(shown), "saved": f"Saved {desk_clock(sitting.now)}"})


def check_page(request: HttpRequest, sitting: Sitting) -> HttpResponse | Entry:
    """All answers with a way to change each; POST sends them, and gives the entry."""
    faults: Mapping[str, str] = {}
    if request.method == "POST":
        try:
            interpreter = request.POST.get("interpreter", "").replace("\0", "").strip()[:LONGEST_NAME]
            return submit(
                sitting.row, opened=sitting.opened, author=sitting.author, now=sitting.now, interpreter=interpreter
            )
        except NotComplete as refused:
            faults = refused.faults
    result = sitting.result
    pages = [
        (number, page.title, [(box, faults.get(box.question.key, "")) for box in sitting.boxes(page, {}, {})])
        for number, page in enumerate(sitting.content.pages, start=1)
        if any(result.shows(one) and one.is_asked for one in page.questions)
    ]
    context = {
        "pages": [(sitting.address("page", number), title, rows) for number, title, rows in pages],
        "faults": faults,
        "unconfirmed": sitting.last_time,
        "back_url": sitting.address("page", sitting.number_shown(len(sitting.content.pages) + 1, -1) or 1),
        "sitting": sitting,
        **sitting.about,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    return render(request, "records/answering/check.html", context, status=status)


def _elsewhere(sitting: Sitting, key: str) -> str:
    question = sitting.content.question(key)
    theirs = sitting.drafts.get(key)
    if question is None or theirs is None:
        return ELSEWHERE
    return f"{ELSEWHERE} There it says: {given.in_words(question, theirs[0]) or 'nothing'}"


def _render(
    request: HttpRequest,
    sitting: Sitting,
    number: int,
    page: Page,
    *,
    faults: Mapping[str, str] | None = None,
    typed: Mapping[str, Any] | None = None,
    more: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    faults, typed = faults or {}, typed or {}
    boxes = sitting.boxes(page, typed, faults, more)
    seen = sitting.seen(box.question.key for box in boxes) | {key: sitting.over(key) for key in typed}
    before = sitting.number_shown(number, -1)
    context = {
        "page": page,
        "number": number,
        "count": len(sitting.content.pages),
        "boxes": [(box, seen[box.question.key]) for box in boxes],
        "errors": [box for box in boxes if box.fault],
        "offers_last_time": any(box.question.key in sitting.last_time for box in boxes),
        "hides_some": sitting.hides_some,
        "back_url": sitting.address("page", before) if before else sitting.address("start"),
        "save_url": sitting.address("save", number),
        "sitting": sitting,
        **sitting.about,
    }
    return render(request, "records/answering/page.html", context, status=status)
