"""Random questionnaires that are sound, and random answers to them, sensible or not."""

from __future__ import annotations

from hypothesis import strategies as st

from clinic.records.questions.content.shapes import (
    CLEARED_BY,
    EFFECTS,
    FACTS,
    TYPES,
    Condition,
    Content,
    Option,
    Page,
    Question,
    Rule,
    Score,
    Term,
)

words = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20).filter(str.strip)
TEXTS = ["", "yes", "no", "unsure", "a", "b", "none", "3", "1,5", "-7", "x" * 2001, "\x00", "forehead"]
pieces = st.sampled_from(TEXTS) | st.text(max_size=5)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | pieces,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["value", "detail", "day", "month", "year"]), inner, max_size=4)
    ),
    max_leaves=6,
)


@st.composite
def term_about(draw, questions, scores=(), *, facts=False):
    subjects = [one for one in questions if one.is_asked] + list(scores)
    if facts and (not subjects or draw(st.booleans())):
        op = draw(st.sampled_from(["at_least", "at_most", "answered", "is"]))
        return Term(draw(st.sampled_from(sorted(FACTS))), op, "" if op == "answered" else "12", is_fact=True)
    about = draw(st.sampled_from(subjects))
    if isinstance(about, Score):
        return Term(about.key, draw(st.sampled_from(["at_least", "at_most"])), str(draw(st.integers(0, 20))))
    return Term(about.key, *draw(comparisons(about)))


@st.composite
def comparisons(draw, question):
    kind, options = question.type, [one.value for one in question.options]
    offered = {
        "yes_no": ["yes", "no"],
        "yes_no_unsure": ["yes", "no", "unsure"],
        "choice": options,
        "multi": [*options, "none"],
        "area": ["forehead", "chin"],
        "rows": ["a"],
        "number": ["1.5"],
        "scale": ["3"],
    }.get(kind, ["a"])
    if kind == "date" or draw(st.integers(0, 4)) == 0:
        return "answered", ""
    if kind in {"number", "scale"}:
        return draw(st.sampled_from(["at_least", "at_most", "is"])), draw(st.sampled_from(offered))
    ops = ["includes"] if kind in {"multi", "area", "rows"} else ["is", "is_not"]
    return draw(st.sampled_from(ops)), draw(st.sampled_from(offered))


@st.composite
def conditions(draw, questions, scores=(), *, facts=False):
    terms = draw(st.lists(term_about(questions, scores, facts=facts), min_size=1, max_size=3))
    return Condition(tuple(terms), needs_all=draw(st.booleans()))


@st.composite
def question(draw, key, earlier):
    kind = draw(st.sampled_from(sorted(TYPES)))
    asked = [one for one in earlier if one.is_asked]
    values = draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3, unique=True))
    return Question(
        key=key,
        text=draw(words),
        type=kind,
        required=draw(st.booleans()),
        ask_again=draw(st.booleans()),
        options=tuple(Option(one, one.upper()) for one in values) if kind in {"choice", "multi"} else (),
        detail="Tell us more" if kind.startswith("yes") and draw(st.booleans()) else "",
        minimum="0" if kind == "scale" else "",
        maximum="8" if kind == "scale" else "",
        shown_when=draw(conditions(asked)) if asked and draw(st.booleans()) else None,
    )


@st.composite
def contents(draw):
    questions: list[Question] = []
    for number in range(draw(st.integers(0, 8))):
        questions.append(draw(question(f"q{number}", questions)))
    cut = draw(st.integers(0, len(questions)))
    scales = tuple(one.key for one in questions if one.type == "scale")
    scores = (Score("total", "Total", scales),) if scales else ()
    rules = [
        Rule(
            id=f"r{number}",
            when=draw(conditions(questions, scores, facts=True)),
            effect=draw(st.sampled_from(sorted(EFFECTS))),
            clear_by=draw(st.sampled_from(sorted(CLEARED_BY))),
            to_staff="Look",
            applies_to=tuple(draw(st.lists(st.sampled_from(["toxin", "peel"]), unique=True))),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    pages = (Page("One", tuple(questions[:cut])), Page("Two", tuple(questions[cut:])))
    return Content(pages, tuple(rules), scores)


@st.composite
def answered(draw):
    """A questionnaire and answers to it: some that fit, some that do not, some to questions that it never had."""
    content = draw(contents())
    keys = [one.key for one in content.questions()] + ["stranger"]
    fitting = st.fixed_dictionaries({"value": pieces | st.lists(pieces, max_size=3)}, optional={"detail": pieces})
    return content, draw(st.dictionaries(st.sampled_from(keys), fitting | junk, max_size=len(keys)))
