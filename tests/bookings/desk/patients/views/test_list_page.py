"""D6, F16: the list and the search as the desk sees them."""

from datetime import timedelta

import pytest

from bookings.visits.models import Appointment
from tests.bookings.desk.views.desk_page import Page
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
ADDRESS = "/diary/patients/"


def text_of(response):
    return " ".join(response.content.decode().split())


def test_it_opens_to_the_three_roles_of_the_diary_alone(client):
    assert client.get(ADDRESS).status_code == 302
    for user, status in (
        (StaffFactory(role="desk"), 200), (StaffFactory(role="owner"), 200), (StaffFactory(role="practitioner"), 200),
        (StaffFactory(role="editor"), 403), (UserFactory(), 403),
    ):  # fmt: skip
        client.force_login(user)
        assert client.get(ADDRESS).status_code == status


def test_a_row_says_who_when_born_and_which_visits(desk, ten_past_nine):
    patient = PatientFactory(full_name="Siobhán O’Brien")
    visit = AppointmentFactory(patient=patient, starts_at=ten_past_nine + timedelta(days=1))

    page = text_of(desk.get(ADDRESS, {"q": "obrien"}))

    for text in ("Siobhán O’Brien", "27 March 1988", "(38)", "07700 900123", "25 Nov 2026, 9:10", visit.treatment.name):
        assert text in page
    assert f'href="/diary/patients/{patient.reference}/?next=%2Fdiary%2Fpatients%2F%3Fq%3Dobrien"' in page
    assert f'href="/diary/visits/{visit.reference}/?next=%2Fdiary%2Fpatients%2F%3Fq%3Dobrien"' in page


def test_the_swap_is_the_list_alone_and_the_whole_page_has_the_text_typed(desk):
    PatientFactory(full_name="Siobhán O’Brien")

    whole = desk.get(ADDRESS, {"q": "obrien"})
    swap = desk.get(ADDRESS, {"q": "obrien"}, headers={"hx-request": "true"})

    assert 'value="obrien"' in whole.content.decode()
    assert "<html" not in swap.content.decode()
    assert 'id="q"' not in swap.content.decode()
    assert "Siobhán O’Brien" in swap.content.decode()
    assert "1 found" in text_of(swap)
    assert "HX-Request" in swap["Vary"]


def test_a_name_and_a_number_that_nobody_has_fill_in_the_booking_page(desk):
    page = Page.of(desk, desk.get(ADDRESS, {"q": "jo ash 07700 900456"}))

    assert page.response.context["new"] == {"full_name": "Jo Ash", "phone": "07700 900456"}


def test_empty_list_says_so(desk):
    assert "There are no patients yet" in desk.get(ADDRESS).content.decode()


@pytest.mark.parametrize(
    ("text", "box"), [("Nobody Here", "full_name"), ("07700 900555", "phone"), ("nobody@example.com", "email")]
)
def test_nobody_found_leads_to_the_booking_page_with_what_was_typed(desk, text, box):
    answer = desk.get(ADDRESS, {"q": text})
    assert "Nobody fits" in answer.content.decode()
    assert f'name="{box}" value="{text}"' in answer.content.decode()

    page = Page.of(desk, desk.post("/diary/book/", {box: text}))

    assert page.fields[box] == text
    assert not Appointment.objects.exists()


def test_more_leads_on_and_back_to_the_start(desk):
    for number in range(30):
        PatientFactory(full_name=f"Sam Lee {number:02}")

    first = desk.get(ADDRESS, {"q": "lee"})
    page = first.context["page"]
    second = desk.get(ADDRESS, {"q": "lee", "after": page.after})

    assert f"?q=lee&amp;after={page.after}" in first.content.decode()
    assert [row.patient.full_name for row in second.context["page"].rows] == [f"Sam Lee {n}" for n in range(25, 30)]
    assert "To the start" in second.content.decode()


def test_the_header_links_it_on_staff_pages(desk):
    assert 'href="/diary/patients/"' in desk.get("/diary/").content.decode()


def test_statements_do_not_grow_with_the_rows(desk, django_assert_max_num_queries):
    for number in range(30):
        AppointmentFactory(patient=PatientFactory(full_name=f"Sam Lee {number:02}"))
    with django_assert_max_num_queries(10):
        assert desk.get(ADDRESS, {"q": "lee"}).status_code == 200
