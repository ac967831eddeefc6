"""Put the questions of a questionnaire in order: pure steps from one content to the next."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial

from django.utils.text import slugify

from clinic.core.errors import DomainError
from clinic.records.questions.content.shapes import Content, Page, Question, Rule, Score

LONGEST_KEY = 36
Step = Callable[[Content], Content]


class StillNeeded(DomainError):
    """Another question or a rule looks at its answer."""


class NotThere(DomainError):
    """It was deleted meanwhile."""


def free_key(words: str, taken: Iterable[str]) -> str:
    """A key made of these words that nothing else has."""
    stem = re.sub(r"[^a-z0-9]+", "_", slugify(words)).strip("_")[:LONGEST_KEY].rstrip("_")
    if not stem[:1].isalpha():
        stem = f"q_{stem}".rstrip("_")[:LONGEST_KEY]
    known, number = set(taken), 1
    key = stem
    while key in known:
        number += 1
        key = f"{stem}_{number}"
    return key


def keys(content: Content) -> list[str]:
    return [*(one.key for one in content.questions()), *(one.key for one in content.scores)]


def add_page(content: Content, *, title: str) -> Content:
    return content.with_pages((*content.pages, Page(title)))


def rename_page(content: Content, *, number: int, title: str) -> Content:
    return _with_page(content, number, replace(_page(content, number), title=title))


def join_page(content: Content, *, number: int) -> Content:
    """Put its questions at the end of the page before, or take an empty first page away."""
    page = _page(content, number)
    if number == 0:
        if page.questions:
            raise NotThere("There is no page before this one.")
        return content.with_pages(content.pages[1:])
    before = content.pages[number - 1]
    joined = replace(before, questions=before.questions + page.questions)
    return content.with_pages((*content.pages[: number - 1], joined, *content.pages[number + 1 :]))


def split_page(content: Content, *, key: str) -> Content:
    """Begin a new page with this question."""
    number, place = _where(content, key)
    page = content.pages[number]
    if place == 0:
        raise NotThere("A page begins with this question already.")
    first, second = page.questions[:place], page.questions[place:]
    halves = (replace(page, questions=first), Page(f"{page.title}, continued", second))
    return content.with_pages((*content.pages[:number], *halves, *content.pages[number + 1 :]))


def move(content: Content, *, key: str, by: int) -> Content:
    """One place up (-1) or down (+1), over to the next page at the end of one."""
    number, place = _where(content, key)
    pages = [list(page.questions) for page in content.pages]
    question = pages[number].pop(place)
    if 0 <= place + by <= len(pages[number]):
        pages[number].insert(place + by, question)
    elif 0 <= number + by < len(pages):
        pages[number + by].insert(len(pages[number + by]) if by < 0 else 0, question)
    else:
        raise NotThere("It stands at the end already.")
    rows = zip(content.pages, pages, strict=True)
    return content.with_pages(tuple(replace(page, questions=tuple(questions)) for page, questions in rows))


def copy(content: Content, *, key: str) -> Content:
    """The same again, right below, under a key of its own."""
    number, place = _where(content, key)
    page = content.pages[number]
    original = page.questions[place]
    again = replace(original, key=free_key(original.key, keys(content)), text=f"{original.text} (copy)")
    questions = (*page.questions[: place + 1], again, *page.questions[place + 1 :])
    return _with_page(content, number, replace(page, questions=questions))


def delete(content: Content, *, key: str) -> Content:
    """Take a question out.

    Raises:
        StillNeeded
    """
    if needed := content.depends_on(key):
        raise StillNeeded(f"It is still needed by {', '.join(needed)}. Change that first.")
    number, place = _where(content, key)
    page = content.pages[number]
    return _with_page(content, number, replace(page, questions=(*page.questions[:place], *page.questions[place + 1 :])))


def put(content: Content, *, question: Question, page: int) -> Content:
    """In place of the one with its key, or at the end of a page."""
    if content.question(question.key) is None:
        there = _page(content, page)
        return _with_page(content, page, replace(there, questions=(*there.questions, question)))
    number, place = _where(content, question.key)
    there = content.pages[number]
    questions = (*there.questions[:place], question, *there.questions[place + 1 :])
    return _with_page(content, number, replace(there, questions=questions))


def put_rule(content: Content, *, rule: Rule) -> Content:
    """In place of the one with its name, or at the end."""
    rules = tuple(rule if one.id == rule.id else one for one in content.rules)
    return replace(content, rules=rules if content.rule(rule.id) else (*rules, rule))


def delete_rule(content: Content, *, name: str) -> Content:
    return replace(content, rules=tuple(one for one in content.rules if one.id != name))


def put_score(content: Content, *, score: Score) -> Content:
    return replace(content, scores=(*(one for one in content.scores if one.key != score.key), score))


def delete_score(content: Content, *, key: str) -> Content:
    if needed := content.depends_on(key):
        raise StillNeeded(f"It is still needed by {', '.join(needed)}. Change that first.")
    return replace(content, scores=tuple(one for one in content.scores if one.key != key))


STEPS: Mapping[str, Callable[..., Content]] = {
    "up": partial(move, by=-1),
    "down": partial(move, by=1),
    "split": split_page,
    "copy": copy,
    "delete": delete,
}


def _with_page(content: Content, number: int, page: Page) -> Content:
    return content.with_pages((*content.pages[:number], page, *content.pages[number + 1 :]))


def _page(content: Content, number: int) -> Page:
    if not 0 <= number < len(content.pages):
        raise NotThere("This page was taken away meanwhile.")
    return content.pages[number]


def _where(content: Content, key: str) -> tuple[int, int]:
    for number, page in enumerate(content.pages):
        for place, question in enumerate(page.questions):
            if question.key == key:
                return number, place
    raise NotThere("This question was deleted meanwhile.")
