"""The rules of a questionnaire are total: whatever was answered, they say what is asked, amiss, raised and signed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.records.questions.content.answers import tidy
from clinic.records.questions.content.checking import check
from clinic.records.questions.content.evaluating import outcome, score
from clinic.records.questions.content.flags import concerns, raised, worst
from clinic.records.questions.content.reading import content_of
from clinic.records.questions.content.shapes import Content, as_json
from clinic.records.questions.content.signing import to_sign
from clinic.records.questions.content.strict_json import NotRead
from tests.clinic.records.questions.content.strategies import answered, contents


def visible(content, answers):
    """The keys of the questions that are asked."""
    return tuple(outcome(content, answers).answers)


FACTS = st.dictionaries(st.sampled_from(["age", "weeks_since_toxin", "unknown"]), st.integers() | st.none() | st.text())


@settings(max_examples=80)
@given(answered(), FACTS)
def test_any_answers_have_an_outcome(drawn, facts):
    content, answers = drawn

    shown, faults, flags = visible(content, answers), check(content, answers), raised(content, answers, facts)
    signed = to_sign(content, answers)

    keys = [one.key for one in content.questions()]
    assert [key for key in keys if key in shown] == list(shown)
    assert set(faults) <= set(shown)
    assert {flag.rule for flag in flags} <= {rule.id for rule in content.rules}
    assert worst(flags) == (flags[0].effect if flags else "none")
    assert [line["key"] for line in signed] == [one.key for one in content.questions() if one.is_asked]
    json.dumps([*signed, *(flag.as_json() for flag in flags)])


@settings(max_examples=80)
@given(answered())
def test_what_is_hidden_is_kept_but_never_signed_and_decides_nothing(drawn):
    content, answers = drawn
    shown = visible(content, answers)
    without = {key: value for key, value in answers.items() if key in shown}

    hidden = [line for line in to_sign(content, answers) if line["hidden_by"]]

    assert {line["key"] for line in hidden} == {one.key for one in content.questions() if one.is_asked} - set(shown)
    assert all(line["answer"] == {} and line["words"] == "" for line in hidden)
    assert visible(content, without) == shown
    assert raised(content, without) == raised(content, answers)
    assert to_sign(content, without) == to_sign(content, answers)


@settings(max_examples=50)
@given(contents())
def test_a_sound_questionnaire_is_read_as_it_was_written(content):
    assert content_of(json.loads(json.dumps(as_json(content)))) == content


@settings(max_examples=50)
@given(contents(), st.randoms(use_true_random=False))
def test_no_order_can_be_saved_in_which_a_condition_looks_ahead(content, random):
    questions = list(content.questions())
    random.shuffle(questions)
    shuffled = Content((content.pages[0].__class__("All", tuple(questions)),), content.rules, content.scores)
    place = {one.key: number for number, one in enumerate(questions)}
    looks_ahead = any(
        place[key] >= place[one.key] for one in questions if one.shown_when for key in one.shown_when.keys
    )

    if looks_ahead:
        with pytest.raises(NotRead, match="comes later"):
            content_of(as_json(shuffled))
    else:
        assert content_of(as_json(shuffled)) == shuffled


@settings(max_examples=50)
@given(answered())
def test_an_answer_in_order_stays_as_it_is(drawn):
    content, answers = drawn
    for question in content.questions():
        once = tidy(question, answers.get(question.key))
        assert tidy(question, json.loads(json.dumps(once))) == once


ONE = {
    "pages": [
        {
            "title": "About you",
            "questions": [
                {"key": "pregnant", "text": "Are you pregnant?", "type": "yes_no_unsure", "required": True, "detail": "When?"},
                {
                    "key": "weeks",
                    "text": "How many weeks?",
                    "type": "number",
                    "max": "42",
                    "unit": "weeks",
                    "shown_when": {"all": [{"key": "pregnant", "op": "is", "value": "yes"}]},
                },
                {
                    "key": "worry",
                    "text": "How often do you think of it?",
                    "type": "scale",
                    "min": "0",
                    "max": "8",
                },
                {"key": "worry_too", "text": "How much does it weigh?", "type": "scale", "min": "0", "max": "8"},
                {
                    "key": "ill",
                    "text": "Any of these?",
                    "type": "multi",
                    "options": [{"value": "ms", "text": "Multiple sclerosis"}, {"value": "mg", "text": "Myasthenia gravis"}],
                },
            ],
        }
    ],
    "scores": [{"key": "worries", "text": "Worries", "of": ["worry", "worry_too"]}],
    "rules": [
        {
            "id": "pregnancy",
            "when": {"any": [{"key": "pregnant", "op": "is", "value": "yes"}, {"key": "weeks", "op": "at_least", "value": "1"}]},
            "effect": "block",
            "for": ["toxin"],
            "to_staff": "Pregnant",
            "to_patient": "We do not treat during pregnancy.",
            "clear_by": "nobody",
        },
        {
            "id": "worried",
            "when": {"all": [{"key": "worries", "op": "at_least", "value": "10"}]},
            "effect": "warn",
            "to_staff": "Talk about it",
            "clear_by": "prescriber",
        },
        {
            "id": "young",
            "when": {"all": [{"fact": "age", "op": "at_most", "value": "17"}]},
            "effect": "block",
            "to_staff": "Under 18",
            "clear_by": "nobody",
        },
    ],
}  # fmt: skip


def test_one_questionnaire_from_end_to_end():
    content = content_of(ONE)
    answers = {
        "pregnant": {"value": "no", "detail": "typed before"},
        "weeks": {"value": "12"},
        "worry": {"value": "4"},
        "worry_too": {"value": "8"},
        "ill": {"value": ["mg", "none", "lupus"]},
    }

    assert visible(content, answers) == ("pregnant", "worry", "worry_too", "ill")
    assert check(content, answers) == {"ill": "Choose either “None of these” or what fits, not both"}
    assert score(outcome(content, answers), "worries") == 12
    assert [flag.rule for flag in raised(content, answers, {"age": 17})] == ["young", "worried"]
    assert [flag.rule for flag in raised(content, answers)] == ["worried"]
    lines = {line["key"]: line for line in to_sign(content, answers)}
    assert lines["pregnant"]["words"] == "No"
    assert (lines["weeks"]["answer"], lines["weeks"]["hidden_by"]) == ({}, ["pregnant"])
    assert lines["ill"]["words"] == "Myasthenia gravis\nNone of these"

    pregnant = answers | {"pregnant": {"value": "yes", "detail": "in June"}, "weeks": {"value": "43"}}
    assert check(content, pregnant)["weeks"] == "Enter 42 weeks or less"
    flag = raised(content, pregnant)[0]
    assert (flag.rule, flag.effect, flag.clear_by, flag.because) == (
        "pregnancy",
        "block",
        "nobody",
        ("pregnant", "weeks"),
    )
    assert concerns(flag, ["toxin"])
    assert not concerns(flag, ["peel"])
    assert check(content, {})["pregnant"] == "Choose an answer"
