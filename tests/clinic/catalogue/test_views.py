from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.catalogue.models import Treatment
from clinic.catalogue.templatetags.catalogue import drawing, length_of_time
from tests.factories import content as make


def test_the_list_groups_treatments_by_category_with_time_and_price(client):
    skin = make.make_category(name="Skin", slug="skin", position=2)
    talks = make.make_category(name="Consultations", slug="consultations", position=1)
    make.make_treatment(name="Peel", category=skin, price=Decimal("90.00"), is_price_from=True, duration_minutes=75)
    make.make_treatment(name="First talk", category=talks, price=0)

    response = client.get("/treatments/")

    html = response.content.decode()
    assert [category.name for category, _ in response.context["groups"]] == ["Consultations", "Skin"]
    assert "from £90</strong>" in html
    assert "1 hour 15 minutes" in html
    assert "Free</strong>" in html
    assert 'href="#skin"' in html


def test_drafts_and_unknown_treatments_are_not_found(client):
    make.make_treatment(slug="draft", live=False)

    assert client.get("/treatments/draft/").status_code == 404
    assert client.get("/treatments/nothing/").status_code == 404
    assert "/treatments/draft/" not in client.get("/treatments/").content.decode()


def test_a_treatment_page_says_what_it_is_and_who_does_it(client):
    treatment = make.make_treatment(
        name="Peel", slug="peel", body="<p>A mild acid.</p>", risks_and_recovery="<p>Redness.</p>", art="chemical-peel"
    )
    make.make_practitioner(name="Nurse Ada", slug="ada", treatments=(treatment,))
    make.make_practitioner(name="Nurse Draft", slug="hidden", treatments=(treatment,), live=False)

    html = client.get("/treatments/peel/").content.decode()

    assert "A mild acid." in html
    assert "Redness." in html
    assert "£90" in html
    assert 'href="/practitioners/ada/"' in html
    assert "Nurse Draft" not in html
    assert "?treatment=peel" in html


def test_what_needs_a_consultation_books_that_of_its_own_category_first(client):
    talks, lips = make.make_category(position=1), make.make_category(position=2)
    make.make_treatment(slug="first", category=talks, kind=Treatment.Kind.CONSULTATION)
    make.make_treatment(slug="lip-talk", category=lips, kind=Treatment.Kind.CONSULTATION)
    make.make_treatment(slug="lips", category=lips, requires_consultation=True)

    html = client.get("/treatments/lips/").content.decode()

    assert "?treatment=lip-talk" in html
    assert "?treatment=lips" not in html
    assert "> Book a consultation </a>" in " ".join(html.split())


@pytest.mark.parametrize("rules", ["uk", "warn"])
def test_a_prescription_only_medicine_has_no_page(client, settings, rules):
    settings.ADVERTISING_RULES = rules
    make.make_medicine()
    client.force_login(make.make_staff("owner"))

    assert client.get("/treatments/toxin/").status_code == 404
    assert "toxin" not in client.get("/treatments/").content.decode()


@pytest.mark.parametrize("address", ["/treatments/", "/treatments/peel/"])
def test_pages_ask_no_more_for_three_than_for_one(client, address):
    peel = make.make_treatment(slug="peel")
    make.make_practitioner(treatments=(peel,))
    make.make_treatment(image=make.make_picture())
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for _ in range(2):
        make.make_practitioner(treatments=(peel, make.make_treatment(image=make.make_picture())))
    client.get(address)

    with CaptureQueriesContext(connection) as three:
        client.get(address)
    assert len(three) == len(one) <= 8


def test_a_slip_in_the_name_of_a_drawing_breaks_nothing(client):
    make.make_treatment(slug="peel", art="no-such-drawing")

    assert client.get("/treatments/peel/").status_code == 200
    assert drawing("no-such-drawing") == "consultations"


@pytest.mark.parametrize(
    ("amount", "words"),
    [(None, ""), (Decimal("90.00"), "£90"), (Decimal("49.50"), "£49.50"), (Decimal(1200), "£1,200")],
)
def test_prices_in_pounds(amount, words):
    assert Treatment(price=amount).price_in_words == words


def test_prices_in_words():
    assert Treatment(price=None).price_in_words == ""
    assert Treatment(price=Decimal(0)).price_in_words == "Free"
    assert Treatment(price=Decimal(90), is_price_from=True).price_in_words == "from £90"


@pytest.mark.parametrize(
    ("minutes", "words"), [(1, "1 minute"), (45, "45 minutes"), (60, "1 hour"), (135, "2 hours 15 minutes")]
)
def test_lengths_of_time(minutes, words):
    assert length_of_time(minutes) == words
