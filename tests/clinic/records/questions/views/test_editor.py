"""The owner's editor: what its pages do to a draft, and that nothing is in use before a practitioner has approved it."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from clinic.records.questions.content.shapes import as_json
from clinic.records.questions.drafting import newest
from clinic.records.questions.examples import all_examples
from clinic.records.questions.models import Questionnaire
from tests.factories.browsers import just_signed_in
from tests.factories.clinic import StaffFactory
from tests.factories.questions import WELL, QuestionnaireVersionFactory, content_with, in_use, nurse

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client):
    client.force_login(StaffFactory(role="owner"))
    return client


@pytest.fixture
def practitioner():
    return nurse()


def address(name, questionnaire, *rest):
    return reverse(f"records:{name}", args=[questionnaire.slug, *rest])


def digest(questionnaire):
    return newest(questionnaire).content_digest


def keys(questionnaire):
    return [[one.key for one in page.questions] for page in newest(questionnaire).read().pages]


def do(client, questionnaire, what, **fields):
    fields = {"do": what, "seen": digest(questionnaire), **fields}
    return client.post(address("questionnaire", questionnaire), fields)


def test_an_owner_writes_questions_from_nothing(owner):
    response = owner.post(
        reverse("records:new_questionnaire"), {"title": "Skin", "audience": "patient", "valid_months": "6"}
    )
    skin = Questionnaire.objects.get()
    assert response.url == address("questionnaire", skin)
    do(owner, skin, "add-page", title="Your skin")

    add = address("add_question", skin, 0)
    assert "What kind of answer?" in owner.get(add).content.decode()
    assert "Options, one a line" in owner.get(f"{add}?type=choice").content.decode()
    fields = {
        "seen": digest(skin),
        "text": "What is your skin like?",
        "required": "on",
        "options": "Dry\noily | Greasy",
    }
    assert owner.post(f"{add}?type=choice", fields).status_code == 302
    asked = {
        "seen": digest(skin),
        "text": "Since when?",
        "joined": "all",
        "about_1": "what_is_your_skin_like",
        "op_1": "is",
        "value_1": "greasy",
    }
    assert owner.post(f"{add}?type=date", asked).status_code == 302
    rule = {
        "seen": digest(skin),
        "to_staff": "Greasy skin",
        "effect": "warn",
        "clear_by": "practitioner",
        "applies_to": ["peel"],
        "about_1": "what_is_your_skin_like",
        "op_1": "is",
        "value_1": "Greasy",
    }
    assert owner.post(address("add_rule", skin), rule).status_code == 302

    content = as_json(newest(skin).read())
    assert content["pages"][0]["questions"] == [
        {
            "key": "what_is_your_skin_like",
            "text": "What is your skin like?",
            "type": "choice",
            "required": True,
            "options": [{"value": "dry", "text": "Dry"}, {"value": "oily", "text": "Greasy"}],
        },
        {
            "key": "since_when",
            "text": "Since when?",
            "type": "date",
            "shown_when": {"all": [{"key": "what_is_your_skin_like", "op": "is", "value": "oily"}]},
        },
    ]
    assert content["rules"] == [
        {
            "id": "greasy_skin",
            "when": {"all": [{"key": "what_is_your_skin_like", "op": "is", "value": "oily"}]},
            "effect": "warn",
            "to_staff": "Greasy skin",
            "clear_by": "practitioner",
            "for": ["peel"],
        }
    ]
    page = owner.get(address("questionnaire", skin)).content.decode()
    assert "Asked when “What is your skin like?” is “Greasy”" in page
    assert "Not approved" in owner.get(reverse("records:texts")).content.decode()


def test_questions_are_moved_split_copied_and_deleted_with_care(owner):
    shown = {"key": "more", "text": "More?", "type": "text", "shown_when": {"all": [{"key": "well", "op": "answered"}]}}
    other = {"key": "other", "text": "Other?", "type": "text"}
    subject = QuestionnaireVersionFactory(content=content_with(WELL, shown, other)).of

    do(owner, subject, "up", key="other")
    assert keys(subject) == [["well", "other", "more"]]
    do(owner, subject, "split", key="other")
    assert keys(subject) == [["well"], ["other", "more"]]
    do(owner, subject, "up", key="other")
    assert keys(subject) == [["well", "other"], ["more"]]
    do(owner, subject, "copy", key="other")
    assert keys(subject) == [["well", "other", "other_2"], ["more"]]
    do(owner, subject, "delete", key="other")
    do(owner, subject, "join", page="1")
    assert keys(subject) == [["well", "other_2", "more"]]

    for what, key, said in (
        ("delete", "well", "It is still needed by “More?”. Change that first."),
        ("up", "well", "It stands at the end already."),
        ("up", "nobody", "This question was deleted meanwhile."),
        ("explode", "well", "There is no such step."),
    ):
        response = do(owner, subject, what, key=key)
        assert response.status_code == 409
        assert said in response.content.decode()
    do(owner, subject, "down", key="well")
    do(owner, subject, "down", key="well")
    assert keys(subject) == [["other_2", "well", "more"]], "it cannot come after what it shows"


def test_a_change_of_what_somebody_else_changed_is_refused_and_what_was_typed_stays(owner):
    subject = QuestionnaireVersionFactory().of
    seen = digest(subject)
    do(owner, subject, "add-page", title="Another")

    response = owner.post(address("question", subject, "well"), {"seen": seen, "text": "Are you well at all?"})

    page = response.content.decode()
    assert response.status_code == 409
    assert "Somebody else changed these questions meanwhile" in page
    assert "Are you well at all?" in page
    fields = {"seen": response.context["version"].content_digest, "text": "Are you well at all?"}
    assert owner.post(address("question", subject, "well"), fields).status_code == 302
    assert newest(subject).read().question("well").text == "Are you well at all?"


def test_what_is_wrong_with_a_question_stands_beside_its_box(owner):
    subject = QuestionnaireVersionFactory().of
    add = f"{address('add_question', subject, 0)}?type=scale"

    page = owner.post(
        add, {"seen": digest(subject), "text": " ", "minimum": "zero", "about_1": "later"}
    ).content.decode()
    assert "Write the question" in page
    assert "Enter a number" in page
    assert "This field is required" in page
    assert "Choose a question that comes earlier" in page

    too_long = {"seen": digest(subject), "text": "How much?", "minimum": "0", "maximum": "80"}
    page = owner.post(add, too_long).content.decode()
    assert "a scale goes from one whole number to another" in page
    assert owner.get(address("question", subject, "nobody")).status_code == 404
    assert owner.get(address("add_question", subject, 9)).status_code == 404


def test_trying_shows_what_comes_of_the_answers_and_keeps_nothing(owner):
    subject = QuestionnaireVersionFactory(
        content=content_with(
            WELL,
            {"key": "worry", "text": "How much?", "type": "scale", "min": "0", "max": "8"},
            {"key": "ill", "text": "Since when?", "type": "date", "shown_when": {"all": [{"key": "well", "op": "is", "value": "no"}]}},
            scores=[{"key": "sum", "text": "The sum", "of": ["worry"]}],
            rules=[
                {"id": "young", "when": {"all": [{"fact": "age", "op": "at_most", "value": "17"}]}, "effect": "block", "to_staff": "Under 18", "clear_by": "nobody"},
                {"id": "high", "when": {"all": [{"key": "sum", "op": "at_least", "value": "5"}]}, "effect": "warn", "to_staff": "Talk first", "to_patient": "We talk first.", "clear_by": "prescriber"},
            ],
        )
    ).of  # fmt: skip
    before = digest(subject)

    page = owner.post(address("try_questions", subject), {"worry": "6", "fact.age": "17"}).content.decode()

    assert "1 answer has to be put right" in " ".join(page.split())
    assert "Choose an answer" in page
    assert "Under 18" in page
    assert "We talk first." in page
    assert "The sum: 6" in page
    assert "Not asked: Since when?" in page
    assert "Since when?" in owner.get(address("try_questions", subject)).content.decode()
    assert digest(subject) == before


def test_a_practitioner_reads_what_changes_and_approves_it(owner, practitioner):
    subject = in_use()
    fields = {"seen": digest(subject), "text": "Are you quite well today?", "required": "on", "ask_again": "on"}
    owner.post(address("question", subject, "well"), fields)
    approve = address("approve_questions", subject)

    assert owner.post(approve, {"seen": digest(subject)}).status_code == 403
    assert "A practitioner of this clinic reads this page" in owner.get(approve).content.decode()

    browser = just_signed_in(practitioner.user)
    page = browser.get(approve).content.decode()
    assert '<ins><span class="vh">new: </span>quite</ins>' in page
    assert "What patients will be asked again" in page
    assert "What is asked differently from now on" in page
    assert browser.post(approve, {"seen": "another"}).status_code == 409
    assert subject.versions.get(state="approved").number == 1

    assert browser.post(approve, {"seen": digest(subject)}).status_code == 302
    assert [(one.number, one.state) for one in subject.versions.order_by("number")] == [(1, "retired"), (2, "approved")]
    assert subject.versions.get(number=2).approved_by == practitioner


def test_approving_asks_for_a_fresh_sign_in_a_profile_and_a_question(client, practitioner):
    subject = QuestionnaireVersionFactory(content={}).of
    approve = address("approve_questions", subject)
    client.force_login(practitioner.user)
    assert client.post(approve, {"seen": digest(subject)}).url.startswith("/accounts/")

    page = just_signed_in(practitioner.user).post(approve, {"seen": digest(subject)}).content.decode()
    assert "There is no question in it yet." in page
    page = just_signed_in(StaffFactory(role="practitioner")).post(approve, {"seen": digest(subject)}).content.decode()
    assert "your account is not linked to a practitioner" in page
    assert subject.versions.get().state == "draft"


def test_a_draft_is_thrown_away_and_what_was_in_use_stays(owner):
    used, never = in_use(), QuestionnaireVersionFactory().of
    assert "There is no draft" in do(owner, used, "drop").content.decode()
    do(owner, used, "add-page", title="Another")

    assert do(owner, used, "drop").url == address("questionnaire", used)
    assert do(owner, never, "drop").url == reverse("records:texts")

    assert [one.state for one in used.versions.all()] == ["approved"]
    assert list(Questionnaire.objects.all()) == [used]


def test_questions_leave_as_a_file_and_come_back(owner):
    subject = in_use(instrument="Scales", licence_note="By letter of 3 March")
    written = owner.get(address("export_questionnaire", subject))
    assert written["Content-Disposition"] == 'attachment; filename="questions-1.json"'

    def send(raw):
        return owner.post(reverse("records:import_questionnaire"), {"file": SimpleUploadedFile("q.json", raw)})

    assert send(written.content).url == address("questionnaire", subject)
    assert subject.versions.get(state="draft").content == subject.versions.get(state="approved").content
    assert "has a draft already" in send(written.content).content.decode()

    other = json.loads(written.content) | {"slug": "other"}
    assert send(json.dumps(other).encode()).status_code == 302
    made = Questionnaire.objects.get(slug="other")
    assert (made.instrument, made.licence_note) == ("Scales", "By letter of 3 March")
    for spoilt, said in (
        (other | {"slug": "x/y", "valid_months": 25, "audience": "all"}, "“valid_months” is a number from 1 to 24."),
        (other | {"slug": "z", "licence_note": ""}, "“licence_note” says by which licence"),
        (other | {"slug": "z", "format": "else"}, "its “format” is not"),
        (other | {"slug": "z", "content": {"pages": 1}}, "“pages” is not a list."),
        (other | {"slug": "z", "title": " "}, "“title” is missing."),
        (other | {"slug": "z", "extra": 1}, "“extra” is not known."),
    ):
        response = send(json.dumps(spoilt).encode())
        assert response.status_code == 422
        assert said in response.content.decode()
    assert "Choose a file" in owner.post(reverse("records:import_questionnaire"), {}).content.decode()
    assert Questionnaire.objects.count() == 2


def test_our_examples_become_drafts_once(owner):
    assert owner.post(reverse("records:example_questionnaires")).url == reverse("records:texts")
    owner.post(reverse("records:example_questionnaires"))

    made = Questionnaire.objects.order_by("slug")
    assert [one.slug for one in made] == sorted(about["slug"] for about, _ in all_examples())
    assert {version.state for one in made for version in one.versions.all()} == {"draft"}
    assert not any(about["instrument"] for about, _ in all_examples())


def test_scores_are_named_changed_and_needed(owner):
    scale = {"key": "worry", "text": "How much?", "type": "scale", "min": "0", "max": "8"}
    subject = QuestionnaireVersionFactory(content=content_with(scale)).of
    assert owner.get(address("add_score", subject)).status_code == 200
    owner.post(address("add_score", subject), {"seen": digest(subject), "text": "Worries", "of": ["worry"]})
    owner.post(address("score", subject, "worries"), {"seen": digest(subject), "text": "All worries", "of": ["worry"]})

    assert newest(subject).read().scores[0].text == "All worries"
    assert "the score “All worries”" in do(owner, subject, "delete", key="worry").content.decode()
    do(owner, subject, "delete-score", key="worries")
    assert newest(subject).read().scores == ()


def test_rules_are_changed_and_deleted(owner):
    when = {"all": [{"key": "well", "op": "is", "value": "no"}]}
    rule = {"id": "ill", "when": when, "effect": "warn", "to_staff": "Ill", "clear_by": "nobody", "for": ["unknown"]}
    subject = QuestionnaireVersionFactory(content=content_with(rules=[rule])).of
    page = owner.get(address("rule", subject, "ill")).content.decode()
    assert 'value="unknown" ' in page
    assert 'value="No"' in page

    fields = {"seen": digest(subject), "to_staff": "Is ill", "effect": "block", "clear_by": "nobody"}
    assert "Choose what the rule looks at" in owner.post(address("rule", subject, "ill"), fields).content.decode()
    fields |= {"about_1": "fact:age", "op_1": "at_most", "value_1": "17"}
    assert owner.post(address("rule", subject, "ill"), fields).status_code == 302
    changed = newest(subject).read().rule("ill")
    assert (changed.to_staff, changed.effect, changed.when.terms[0].is_fact) == ("Is ill", "block", True)

    do(owner, subject, "delete-rule", key="ill")
    assert newest(subject).read().rules == ()
