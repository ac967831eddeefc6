from __future__ import annotations

import pytest

from clinic.records.questions.content.answers import in_words, posted, tidy
from clinic.records.questions.content.checking import fault_of
from clinic.records.questions.content.shapes import Option, Question

DATE = Question("when", "When?", "date", required=True)
NUMBER = Question("dose", "How much?", "number", minimum="1", maximum="10", unit="ml")
ROWS = Question("drugs", "Which?", "rows")
CHOICE = Question("skin", "Your skin?", "choice", options=(Option("dry", "Dry"), Option("oily", "Oily")))


def date(day="", month="", year=""):
    return {"day": day, "month": month, "year": year}


@pytest.mark.parametrize(
    ("question", "value", "fault", "words"),
    [
        (DATE, date("29", "feb", "2024"), "", "29 feb 2024"),
        (DATE, date("", "March", "2024"), "", "March 2024"),
        (DATE, date("", "", "2019"), "", "2019"),
        (DATE, date("29", "2", "2023"), "The date must be a real date, for example 27 3 1984", "29 2 2023"),
        (DATE, date("", "3"), "The date must include a year", "3"),
        (DATE, date("3", "", "2024"), "The date must include a month", "3 2024"),
        (DATE, date("", "", "24"), "The date must include a year with 4 numbers", "24"),
        (DATE, date("", "", "3024"), "Enter a year of our time, for example 2024", "3024"),
        (DATE, date("", "", "soon"), "The date must be a real date, for example 27 3 1984", "soon"),
        (DATE, date(), "Enter a date; a month or a year will do", ""),
        (NUMBER, "1,5", "", "1,5 ml"),
        (NUMBER, " 10 ", "", "10 ml"),
        (NUMBER, "1.5 ml", "Enter a number, for example 1.5", "1.5 ml ml"),
        (NUMBER, "-3", "Enter 1 ml or more", "-3 ml"),
        (NUMBER, "1e9", "Enter a number, for example 1.5", "1e9 ml"),
        (NUMBER, "10.01", "Enter 10 ml or less", "10.01 ml"),
        (NUMBER, "", "", ""),
        (ROWS, ["aspirin", " ", "apixaban"], "", "aspirin\napixaban"),
        (ROWS, ["a"] * 21, "20 lines at most; these are 21", "\n".join("a" * 21)),
        (ROWS, ["a" * 201], "200 characters at most; this has 201", "a" * 201),
        (CHOICE, "dry", "", "Dry"),
        (CHOICE, "never offered", "", ""),
        (Question("t", "?", "long_text"), "x" * 2340, "2,000 characters at most; this has 2,340", "x" * 2340),
        (Question("t", "?", "long_text"), "\x00#include \u202e[[x]] <b>", "", "\x00#include \u202e[[x]] <b>"),
        (Question("w", "?", "scale", minimum="0", maximum="8"), "9", "", ""),
        (Question("y", "?", "yes_no", required=True), "", "Choose an answer", ""),
    ],
)
def test_what_is_amiss_is_said_and_what_was_typed_stays(question, value, fault, words):
    answer = tidy(question, {"value": value})

    assert fault_of(question, answer) == fault
    assert in_words(question, answer) == words


def test_the_fields_of_a_form_are_read_by_the_key_of_the_question(rf):
    form = rf.post(
        "/", {"when.day": "3", "when.month": "4", "drugs": ["a", ""], "skin": "dry", "dose": "2", "well.detail": "x"}
    ).POST

    assert posted(DATE, form) == {"value": date("3", "4")}
    assert posted(ROWS, form) == {"value": ["a"]}
    assert posted(CHOICE, form) == {"value": "dry"}
    assert posted(Question("well", "Well?", "yes_no", detail="Why not?"), form) == {"detail": "x"}
    assert posted(Question("gone", "?", "text"), form) == {}
