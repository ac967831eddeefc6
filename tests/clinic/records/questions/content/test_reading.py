from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.records.questions.content import strict_json
from clinic.records.questions.content.reading import content_of
from clinic.records.questions.content.shapes import as_json
from clinic.records.questions.content.strict_json import NotRead
from tests.clinic.records.questions.content.strategies import contents, junk
from tests.clinic.records.questions.content.test_evaluating import ONE


def lines(data):
    with pytest.raises(NotRead) as refused:
        content_of(data)
    return refused.value.lines


def changed(*path, to):
    data = copy.deepcopy(ONE)
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return data


FIRST = ("pages", 0, "questions", 0)
SHOWN = ("pages", 0, "questions", 1, "shown_when")


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ([], "Questionnaire: named parts were expected."),
        ({"pages": {}}, "Questionnaire: “pages” is not a list."),
        ({"pagess": []}, "Questionnaire: “pagess” is not known."),
        ({"pages": [{"title": "x", "questions": []}] * 31}, "Questionnaire: 30 pages at most."),
        (changed(*FIRST, "key", to="Bad Key"), "Questionnaire, page 1, question 1: “key” takes small letters, figures and _ alone."),
        (changed(*FIRST, "key", to="weeks"), "The key “weeks” is given 2 times."),
        (changed(*FIRST, "colour", to="red"), "Questionnaire, page 1, question 1: “colour” is not known."),
        (changed(*FIRST, "type", to="photo"), "Questionnaire, page 1, question 1: “type” cannot be “photo”."),
        (changed(*FIRST, "text", to=" "), "Questionnaire, page 1, question 1: “text” is missing."),
        (changed(*FIRST, "text", to="x\x00"), "Questionnaire, page 1, question 1: “text” has a character that cannot be shown."),
        (changed(*FIRST, "text", to="\ud800"), "Questionnaire, page 1, question 1: “text” has a character that cannot be shown."),
        (changed(*FIRST, "text", to="x" * 1001), "Questionnaire, page 1, question 1: “text” has 1,001 characters; 1,000 at most."),
        (changed(*FIRST, "required", to="yes"), "Questionnaire, page 1, question 1: “required” is true or false."),
        (changed(*FIRST, "options", to=[{"value": "a", "text": "A"}]), "pregnant: only a question with a list has options."),
        (changed(*SHOWN, to={"all": [], "any": []}), "Questionnaire, page 1, question 2: a condition has either “all” or “any”."),
        (changed(*SHOWN, to={"all": []}), "Questionnaire, page 1, question 2: a condition compares something."),
        (changed(*SHOWN, to={"all": [{"key": "ill", "op": "answered"}]}), "weeks: “ill” comes later."),
        (changed(*SHOWN, to={"all": [{"key": "weeks", "op": "answered"}]}), "weeks: “weeks” comes later."),
        (changed(*SHOWN, to={"all": [{"key": "nobody", "op": "answered"}]}), "weeks: “nobody” is no question here."),
        (changed(*SHOWN, to={"all": [{"fact": "age", "op": "answered"}]}), "weeks: a question is shown by earlier answers, not by facts."),
        (changed(*SHOWN, to={"all": [{"key": "pregnant", "op": "is", "value": "maybe"}]}), "weeks: “maybe” is no answer to “pregnant”."),
        (changed(*SHOWN, to={"all": [{"key": "pregnant", "op": "at_least", "value": "1"}]}), "weeks: “pregnant” cannot be compared with the number “1”."),
        (changed(*SHOWN, to={"all": [{"key": "pregnant", "op": "includes", "value": "yes"}]}), "weeks: “pregnant” has one answer."),
        (changed("scores", 0, "of", to=["ill"]), "worries: “ill” is not a scale of this questionnaire."),
        (changed("rules", 0, "for", to=["Toxin!"]), "Questionnaire, rule 1, family 1: takes small letters, figures, - and _ alone."),
        (changed("rules", 0, "clear_by", to="owner"), "Questionnaire, rule 1: “clear_by” cannot be “owner”."),
        (changed("rules", 1, "id", to="pregnancy"), "The rule “pregnancy” is there 2 times."),
        (changed("rules", 0, "when", to={"any": [{"key": "ill", "op": "is", "value": "mg"}]}), "Rule pregnancy: “ill” has several answers: use “includes”."),
        (changed("pages", 0, "questions", 2, "max", to="80"), "worry: a scale goes from one whole number to another, 10 steps at most."),
    ],
)  # fmt: skip
def test_each_fault_is_a_line(data, line):
    assert line in lines(data)


def test_all_faults_are_told_at_once():
    data = changed(*FIRST, "colour", to="red")
    data["rules"][0]["effect"] = "shout"

    assert len(lines(data)) == 2


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b'{"pages": [], "pages": []}', "“pages” is there twice in one place."),
        (b"{" * 20, "The file nests deeper than 12 levels."),
        (b'"' + b"[" * 10_000, "The file is not JSON: line 1, column 1."),
        (b"[" * 100_000, "The file nests deeper than 12 levels."),
        (b"[NaN]", "NaN is not a number that is taken."),
        (b"[" + b"9" * 5000 + b"]", "A number has too many digits."),
        (b"\xff\xfe", "The file is not text in UTF-8."),
        (b"{", "The file is not JSON: line 1, column 2."),
        (b"", "The file is not JSON: line 1, column 1."),
        (b" " * 200_001, "The file is larger than 200 kB."),
    ],
)
def test_strange_json_is_refused_with_a_line(raw, line):
    with pytest.raises(NotRead) as refused:
        strict_json.parse(raw)

    assert refused.value.lines == [line]


def test_what_was_exported_is_read_again():
    assert strict_json.parse(json.dumps(as_json(content_of(ONE))).encode()) == as_json(content_of(ONE))


@settings(max_examples=100)
@given(contents(), junk, st.data())
def test_no_data_makes_the_reader_fail(content, strange, data):
    """Any part of a sound questionnaire, put in place of by anything, is read or refused."""
    json_of = as_json(content)
    places = list(_places(json_of))
    if places:
        holder, name = data.draw(st.sampled_from(places))
        holder[name] = strange
    try:
        found = content_of(json_of)
    except NotRead:
        return
    assert content_of(as_json(found)) == found


def _places(data):
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, value in items:
        yield data, name
        yield from _places(value)
