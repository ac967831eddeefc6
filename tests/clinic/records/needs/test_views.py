"""The owner sets, on plain pages, what each treatment needs of the record."""

import pytest
from bs4 import BeautifulSoup

from clinic.records.needs.models import TreatmentRules, rules_of
from tests.factories.clinic import StaffFactory, TreatmentFactory
from tests.factories.questions import in_use

pytestmark = pytest.mark.django_db
LIST = "/diary/forms/treatments/"
SENT = {"record_kind": "injectable", "families": ["toxin"], "assessment_valid_days": "120", "cosign": "never"}


@pytest.fixture
def owner(client):
    client.force_login(StaffFactory(role="owner"))
    return client


@pytest.fixture
def treatment():
    return TreatmentFactory(name="Forehead")


def said_of(client, treatment):
    rows = BeautifulSoup(client.get(LIST).content, "html.parser").select("tbody tr")
    return next(" ".join(row.td.get_text().split()) for row in rows if row.th.get_text().strip() == str(treatment))


def test_a_treatment_needs_nothing_until_it_is_said(owner, treatment):
    assert said_of(owner, treatment) == "Nothing"
    assert rules_of(treatment) is None


def test_the_questions_before_a_visit_are_chosen(owner, treatment):
    asked = in_use(title="Your health")
    page = f"{LIST}{treatment.pk}/"

    assert owner.post(page, SENT | {"questionnaires": [asked.pk]}).status_code == 302

    assert list(rules_of(treatment).questionnaires.all()) == [asked]
    assert said_of(owner, treatment).endswith("1 questionnaire")
    shown = BeautifulSoup(owner.get(page).content, "html.parser")
    assert [box["value"] for box in shown.select("[name=questionnaires][checked]")] == [str(asked.pk)]
    wrong = owner.post(page, SENT | {"questionnaires": ["9999"]})
    assert "Choose from the list" in wrong.content.decode()
    assert owner.post(page, SENT).status_code == 302
    assert not rules_of(treatment).questionnaires.exists()


def test_what_is_saved_is_listed_and_shown_again(owner, treatment):
    page = f"{LIST}{treatment.pk}/"

    saved = owner.post(page, SENT | {"needs_identity_check": "on"}, follow=True)

    assert "Forehead: saved." in saved.content.decode()
    assert said_of(owner, treatment) == (
        "An injectable: what was given; an assessment, good for 120 days; identity seen"
    )
    shown = BeautifulSoup(owner.get(page).content, "html.parser")
    assert {box["value"] for box in shown.select("[name=families][checked]")} == {"toxin"}
    assert owner.post(page, {**SENT, "record_kind": "none"}).status_code == 302
    assert (said_of(owner, treatment), TreatmentRules.objects.count()) == ("Nothing", 1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"record_kind": ""}, "Choose one"),
        ({"families": ["magic"]}, "Choose from the list"),
        ({"assessment_valid_days": "731"}, "Enter 730 or less"),
        ({"assessment_valid_days": "half a year"}, "Enter a whole number, such as 180"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_kept(owner, treatment, wrong, said):
    answer = owner.post(f"{LIST}{treatment.pk}/", SENT | wrong)

    assert answer.status_code == 422
    field = BeautifulSoup(answer.content, "html.parser").select_one(".field--error")
    assert said in field.get_text()
    assert wrong.get("assessment_valid_days", "120") in answer.content.decode()
    assert not TreatmentRules.objects.exists()


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("practitioner", 200), ("desk", 403), ("editor", 403)])
def test_who_writes_texts_sets_it(client, treatment, role, status):
    client.force_login(StaffFactory(role=role))

    assert client.get(LIST).status_code == client.get(f"{LIST}{treatment.pk}/").status_code == status
    assert (b"What treatments need" in client.get("/diary/").content) is (status == 200)
