"""F16: staff find a patient as they say, hear or remember the name."""

from datetime import date

import pytest
from django.db import connection
from django.urls import reverse

from clinic.patients.search import matching
from tests.factories.clinic import PatientFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def siobhan():
    PatientFactory(full_name="Shirley O’Malley", email="shirley@example.com", phone="+447700900999")
    return PatientFactory(
        full_name="Siobhán O’Brien",
        email="s.obrien@example.com",
        phone="+447700900123",
        date_of_birth=date(1984, 3, 27),
    )


FINDS = [
    "siobhan",
    "SIOBHÁN",
    "o'brien",
    "o’brien",
    "obrien",
    "O'Brien Siobhan",
    "siob bri",
    "s.obrien@example.com",
    "obrien@EXAMPLE",
    "07700 900123",
    "+44 7700 900123",
    "7700 900 12",
    "0123",
    "123",
    "27/3/1984",
    "27.03.1984",
    "27 3 1984",
    "27/03/84",
    "1984-03-27",
    "27 March 1984",
    "27th mar 1984",
    "o'brien 27/3/84",
    "27/3/1984 siobhan 0123",
    "siobhan 07700 900 123",
]


@pytest.mark.parametrize("text", FINDS)
def test_f16_finds_by_any_part_in_any_order(siobhan, text):
    assert list(matching(text)) == [siobhan]


@pytest.mark.parametrize(
    "text", ["", "  ", "'", "12", "siobhan 28/3/1984", "brien 0999", "\x00", "31/2/1984", "99/99/9999"]
)
def test_f16_finds_nobody_where_something_does_not_fit(siobhan, text):
    assert list(matching(text)) == []


@pytest.mark.parametrize("reference", ["24ABCDEF", "2345678A", "23456789", "2A3B4C5D", "27MAR84X"])
def test_f16_a_reference_that_begins_with_figures_is_found(siobhan, reference):
    siobhan.reference = reference
    siobhan.save()

    assert list(matching(reference.lower())) == [siobhan]


def test_f16_at_the_desk_and_among_messages(client, siobhan):
    client.force_login(StaffFactory(role="desk"))
    for text in ("siobhan", "O'Brien Siobhan", "27/3/1984", "0123"):
        assert client.post("/diary/book/", {"do": "find", "search": text}).context["found"] == [siobhan]
        assert client.get(reverse("bookings:messages"), {"q": text}).status_code == 200


def test_f16_an_index_serves_parts_of_names(siobhan):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM patients_patient WHERE name_key LIKE '%' || person_fold('O’Brien') || '%'"
        )
        assert "patient_name_parts" in "".join(row[0] for row in cursor.fetchall())
