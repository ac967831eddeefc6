"""One sitting with a questionnaire: what it shows, keeps and sends, whether a patient has a link or staff sit with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest

from clinic.records.answering import last_time, saving
from clinic.records.answering.models import DraftAnswer, FormRequest
from clinic.records.answering.saving import Seen
from clinic.records.entries.signing import Author
from clinic.records.questions.asking import Box, boxes
from clinic.records.questions.content import answers as given
from clinic.records.questions.content.answers import Answer
from clinic.records.questions.content.evaluating import Outcome, outcome
from clinic.records.questions.content.shapes import Content, Page
from clinic.records.reading.opening import OpenRecord


@dataclass
class Sitting:
    """`sees_all`: what other browsers wrote, and last time's answers, may be shown; otherwise what this one wrote.

    `open` opens the record, with a line in the access log; it is called when there is something to read.
    """

    row: FormRequest
    author: Author
    written_on: str
    sees_all: bool
    open: Callable[[], OpenRecord]
    address: Callable[..., str]
    now: datetime
    about: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def content(self) -> Content:
        return saving.version_of(self.row).read()

    @cached_property
    def opened(self) -> OpenRecord:
        return self.open()

    @cached_property
    def drafts(self) -> dict[str, tuple[Answer, int]]:
        """What may be shown of what was typed."""
        rows = DraftAnswer.objects.filter(request=self.row)
        if not (rows if self.sees_all else rows.filter(written_on=self.written_on)).exists():
            return {}
        return saving.read(self.row, self.opened, written_on=None if self.sees_all else self.written_on)

    @cached_property
    def last_time(self) -> dict[str, Answer]:
        """Last time's answers that are offered again, of the questions that nobody has answered yet."""
        if not self.sees_all:
            return {}
        found = last_time.offered_again(self.opened, self.row.questionnaire, self.content, self.now)
        return {key: answer for key, answer in found.items() if key not in self.drafts}

    @property
    def hides_some(self) -> bool:
        """Whether another browser wrote answers that are not shown here."""
        rows = DraftAnswer.objects.filter(request=self.row)
        return not self.sees_all and rows.exclude(written_on=self.written_on).exists()

    @cached_property
    def answers(self) -> dict[str, Answer]:
        return self.last_time | {key: answer for key, (answer, _) in self.drafts.items()}

    @cached_property
    def result(self) -> Outcome:
        return outcome(self.content, self.answers)

    def page(self, number: int) -> Page | None:
        return self.content.pages[number - 1] if 0 < number <= len(self.content.pages) else None

    def boxes(self, page: Page, answers: Mapping[str, Any], faults: Mapping[str, str], more: str = "") -> list[Box]:
        result = outcome(self.content, {**self.answers, **answers})
        return boxes(page, {**self.answers, **answers}, faults=faults, result=result, more_rows=more)

    def seen(self, keys: Iterable[str]) -> dict[str, Seen]:
        """What a page shows of each answer, as its form sends it back; of last time's nothing counts as typed."""
        found = {}
        for key in keys:
            answer, version = self.drafts.get(key, (given.NOTHING, 0))
            found[key] = saving.seen(self.row, key, answer, version)
        return found

    def number_shown(self, start: int, step: int) -> int:
        """The next page, by steps, on which anything is asked; 0 behind the last or before the first."""
        result = self.result
        number = start + step
        while page := self.page(number):
            if any(result.shows(one) for one in page.questions):
                return number
            number += step
        return 0

    def posted(self, request: HttpRequest, page: Page, *, only: str = "") -> dict[str, Answer]:
        """The answers of a form: of the questions that it had, and of none that was not on this page."""
        had = set(request.POST.getlist("asked"))
        return {
            one.key: given.posted(one, request.POST)
            for one in page.questions
            if one.is_asked and one.key in had and only in {"", one.key}
        }

    def save(self, request: HttpRequest, answers: Mapping[str, Answer]) -> list[str]:
        """Keep what differs; gives the keys that were changed elsewhere meanwhile."""
        shown = {key: Seen.read(request.POST.get(f"seen.{key}", "")) for key in answers}
        stale = saving.save(self.row, answers=answers, shown=shown, written_on=self.written_on, now=self.now)
        self.row.refresh_from_db()
        for name in ("drafts", "last_time", "answers", "result"):
            self.__dict__.pop(name, None)
        return stale

    def over(self, key: str) -> Seen:
        """What the form says when whoever typed wants to keep it in place of what another browser wrote."""
        row = DraftAnswer.objects.filter(request=self.row, key=key).first()
        return saving.seen(self.row, key, given.NOTHING, row.version if row else 0)
