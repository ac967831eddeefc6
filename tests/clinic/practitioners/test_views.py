from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.practitioners.models import Credential
from tests.factories import content as make


def credential(person, kind, organisation, **values):
    return Credential.objects.create(practitioner=person, kind=kind, organisation=organisation, **values)


def test_a_profile_groups_credentials_and_never_calls_a_membership_a_register(client):
    ada = make.make_practitioner(name="Nurse Ada", slug="ada", is_demo=True)
    credential(
        ada,
        "statutory_register",
        "Nursing and Midwifery Council",
        short_name="NMC",
        number="00X0000X",
        check_url="https://www.nmc.org.uk/",
    )
    credential(ada, "membership", "Royal College of Nursing", short_name="RCN")
    credential(ada, "network", "ACE Group")

    response = client.get("/practitioners/ada/")

    html = " ".join(response.content.decode().split())
    assert [(title, len(rows)) for title, _, rows in response.context["credential_groups"]] == [
        ("On the statutory register", 1),
        ("Memberships", 1),
        ("Professional networks", 1),
    ]
    assert "Check on the NMC register" in html
    assert "00X0000X" in html
    assert "This is a demonstration person." in html
    assert "regulated by" not in html.lower()
    assert "?for=consultation&amp;with=ada" in html


def test_drafts_are_not_found(client):
    make.make_practitioner(name="Nurse Draft", slug="draft", live=False)

    assert client.get("/practitioners/draft/").status_code == 404
    assert "Nurse Draft" not in client.get("/practitioners/").content.decode()


def test_a_profile_lists_lawful_treatments_and_own_articles(client):
    peel = make.make_treatment(name="Peel", slug="peel")
    ada = make.make_practitioner(
        slug="ada", treatments=(peel, make.make_medicine(), make.make_treatment(name="Secret", live=False))
    )
    make.make_article(title="By Ada", author=ada)
    make.make_article(title="By another")
    make.make_article(title="Draft of Ada", author=ada, live=False)

    html = client.get("/practitioners/ada/").content.decode()

    assert 'href="/treatments/peel/"' in html
    assert "toxin" not in html
    assert "Secret" not in html
    assert "By Ada" in html
    assert "By another" not in html
    assert "Draft of Ada" not in html


def test_who_takes_no_bookings_has_no_button(client):
    make.make_practitioner(slug="ada", is_bookable=False)

    assert "?with=ada" not in client.get("/practitioners/ada/").content.decode()


def test_pages_ask_no_more_for_three_than_for_one(client):
    def fill():
        person = make.make_practitioner(treatments=(make.make_treatment(),), image=make.make_picture())
        credential(person, "network", "ACE Group")
        return person

    first = fill()
    for address in ("/practitioners/", f"/practitioners/{first.slug}/"):
        client.get(address)
        with CaptureQueriesContext(connection) as one:
            client.get(address)
        fill(), fill()
        client.get(address)
        with CaptureQueriesContext(connection) as three:
            client.get(address)
        assert len(three) == len(one) <= 8
