"""Our examples of questions, in use in the demo alone, where every page of them says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from clinic.practitioners.models import Practitioner
from clinic.records.consent_texts.content import DEMONSTRATION
from clinic.records.questions import drafting, examples
from clinic.records.questions.content.shapes import Content, Page, Question, as_json
from clinic.records.questions.models import Questionnaire
from clinic.records.versions.models import digest_of


def load(now: datetime) -> None:
    """Bring those into use that are not there yet."""
    practitioner = Practitioner.objects.exclude(user=None).order_by("position", "pk").first()
    if practitioner is None:
        return
    known = set(Questionnaire.objects.values_list("slug", flat=True))
    for about, content in examples.all_examples():
        if about["slug"] not in known:
            marked = _marked(content)
            made = drafting.start(writer=None, now=now, content=marked, **about)
            drafting.approve_draft(made, by=practitioner, seen=digest_of(as_json(marked)), now=now)


def _marked(content: Content) -> Content:
    pages = tuple(_marked_page(page, number) for number, page in enumerate(content.pages, start=1))
    return content.with_pages(pages)


def _marked_page(page: Page, number: int) -> Page:
    return replace(page, questions=(Question(f"demonstration_{number}", DEMONSTRATION, "info"), *page.questions))
