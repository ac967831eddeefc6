from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from bookings.engine import changes
from bookings.visits.models import Appointment, PatientNote
from bookings.visits.models.statuses import Status
from tests.bookings.moments import at
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PractitionerFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
SHEET, TYPE = "/diary/sheet/", "/diary/sheet/type/"
DAY = "2027-03-02"


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def soup(response):
    return BeautifulSoup(response.content, "html.parser")


@pytest.fixture
def other(treatment, visit):
    """A colleague's visit."""
    colleague = PractitionerFactory(name="Demo Colleague", slug="colleague", user=StaffFactory(role="practitioner"))
    return AppointmentFactory(practitioner=colleague, starts_at=at(11), patient__full_name="Rowan Bay")


def status_of(visit):
    return Appointment.objects.get(pk=visit.pk).status


def sent(outcomes, **more):
    """What the form sends: `{visit: outcome}`."""
    rows = {f"{visit.reference}-outcome": outcome for visit, outcome in outcomes.items()}
    versions = {f"{visit.reference}-version": visit.version for visit in outcomes}
    return {"day": DAY, **versions, **rows, **more}


# --- who may -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [SHEET, TYPE])
def test_only_diary_staff_come_here(client, visit, url):
    assert client.get(url)["Location"].startswith("/accounts/login/")
    for user, status in ((UserFactory(), 403), (StaffFactory(role="editor"), 403), (StaffFactory(role="owner"), 200)):
        client.force_login(user)
        answer = client.get(url)
        assert answer.status_code == status
        assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("url", [SHEET, TYPE])
def test_desk_and_owner_see_everyone_and_a_practitioner_only_their_own(client, visit, other, nurse, url):
    for user, sees_other in (
        (StaffFactory(role="desk"), True),
        (StaffFactory(role="owner"), True),
        (nurse.user, False),
    ):
        client.force_login(user)
        for query in ("", "&with=colleague", "&with=nobody"):
            page = words(client.get(f"{url}?day={DAY}{query}"))
            assert ("Rowan Bay" in page) is sees_other
    assert "Joan Whitfield" in page


def test_a_practitioner_types_in_only_their_own(client, visit, other, nurse):
    client.force_login(nurse.user)

    client.post(TYPE, sent({visit: "completed", other: "completed"}))

    assert (status_of(visit), status_of(other)) == ("completed", "booked")


def test_one_without_a_diary_of_their_own_is_told_so(client, visit):
    client.force_login(StaffFactory(role="practitioner"))
    for url in (SHEET, TYPE):
        assert "You have no diary of your own" in words(client.get(url))


# --- the sheet ---------------------------------------------------------------------------------------------------


def test_the_sheet_has_what_the_nurse_needs(desk, visit, other):
    page = desk.get(SHEET)

    second, first = soup(page).select(".sheet")
    for told in ("Joan Whitfield", "38 years", "07700 900123", "Blue room", "Peel", "Afraid of needles"):
        assert told in re.sub(r"\s+", " ", first.get_text(" "))
    assert "Demo Colleague" in second.get_text()
    assert "made 2 March 2027, 18:00" in words(page)
    assert len(first.select(".tick")) == 3


def test_the_sheet_has_what_staff_wrote_of_the_visit_and_not_what_was_corrected(desk, visit, other):
    author, told = StaffFactory(role="desk"), {"patient": visit.patient, "visit": visit}
    wrong = PatientNote.objects.create(**told, author=author, text="Latex is fine", written_at=at(9))
    PatientNote.objects.create(**told, author=author, text="Latex allergy", corrects=wrong, written_at=at(9))
    PatientNote.objects.create(**told, author=author, text="Parks at the back", written_at=at(9))
    PatientNote.objects.create(patient=visit.patient, author=author, text="Of another day", written_at=at(9))

    second, first = soup(desk.get(SHEET)).select(".sheet")
    rows = [" ".join(row.get_text(" ").split()) for row in first.select("tbody tr")]
    [row] = [row for row in rows if "Joan Whitfield" in row]
    assert "Afraid of needles Latex allergy Parks at the back" in row
    assert not re.search("Latex is fine|Of another day", " ".join(rows) + second.get_text())


def test_one_practitioner_is_chosen(desk, visit, other):
    assert len(soup(desk.get(f"{SHEET}?day={DAY}&with=colleague")).select(".sheet")) == 1


@pytest.mark.parametrize(
    "query", ["day=x", "day=2027-02-30", "day=9999-12-31", "with=%00", "with=nobody", "day=%00&x=1"]
)
def test_what_makes_no_sense_is_as_good_as_absent(desk, visit, query):
    for url in (SHEET, TYPE):
        page = desk.get(f"{url}?{query}")
        assert page.status_code == 200
        assert "2 March" in words(page)


def test_an_empty_day_says_so(desk, nurse):
    assert "Nothing to print" in words(desk.get(f"{SHEET}?day=2027-03-07"))
    assert "No visits on Sunday 7 March" in words(desk.get(f"{TYPE}?day=2027-03-07"))


def test_the_diary_leads_to_the_sheet_of_its_day(desk, visit):
    page = desk.get(f"/diary/?day={DAY}&with=nurse").content.decode()

    assert f'href="{SHEET}?day={DAY}&amp;with=nurse&amp;next=' in page


# --- typing the day in ---------------------------------------------------------------------------------------------


def test_the_whole_day_is_saved_in_one_go(desk, visit, other, nurse):
    missed = AppointmentFactory(practitioner=nurse, starts_at=at(12))
    left = AppointmentFactory(practitioner=nurse, starts_at=at(12, 30))

    answer = desk.post(TYPE, sent({visit: "completed", other: "arrived", missed: "no_show", left: ""}), follow=True)

    assert answer.redirect_chain[-1][0] == f"/diary/?day={DAY}"
    assert "3 visits saved." in words(answer)
    assert [status_of(one) for one in (visit, other, missed, left)] == ["completed", "arrived", "no_show", "booked"]


def test_a_second_tap_saves_nothing_twice(desk, visit):
    form = sent({visit: "completed"})
    first = desk.post(TYPE, form)
    before = Appointment.objects.get(pk=visit.pk).version

    second = desk.post(TYPE, form)

    assert (first.status_code, second.status_code) == (302, 302)
    assert Appointment.objects.get(pk=visit.pk).version == before


def test_what_cannot_be_saved_is_said_beside_it_and_the_rest_is_saved(desk, visit, other):
    form = sent({visit: "completed", other: "no_show"})
    changes.cancel(appointment=visit, now=at(9), by_staff=True)

    answer = desk.post(TYPE, form)

    assert answer.status_code == 409
    row = soup(answer).select_one(f"#v-{visit.reference}")
    assert "This visit was changed meanwhile" in row.get_text()
    assert "Cancelled" in row.get_text()
    assert "1 saved, 1 not" in words(answer)
    assert "Saved" in soup(answer).select_one(f"#v-{other.reference}").get_text()
    assert (status_of(visit), status_of(other)) == ("cancelled", "no_show")


def test_the_row_that_was_refused_has_the_new_version_and_what_was_chosen(desk, visit):
    form = sent({visit: "completed"})
    Appointment.objects.filter(pk=visit.pk).update(version=5)

    page = soup(desk.post(TYPE, form))

    assert page.select_one(f"input[name='{visit.reference}-version']")["value"] == "5"
    assert page.select_one(f"input[name='{visit.reference}-outcome'][checked]")["value"] == "completed"
    assert desk.post(TYPE, form | {f"{visit.reference}-version": 5}).status_code == 302
    assert status_of(visit) == "completed"


def test_a_visit_moved_to_another_day_is_named(desk, visit, other):
    form = sent({visit: "completed", other: "arrived"})
    changes.move(appointment=visit, starts_at=at(10, 30, day=9), now=at(9), by_staff=True)

    answer = desk.post(TYPE, form)

    assert answer.status_code == 409
    assert "is now on Tuesday 9 March" in words(answer)
    assert (status_of(visit), status_of(other)) == ("booked", "arrived")


@pytest.mark.parametrize(
    "bad",
    [{"outcome": "everything"}, {"outcome": "\x00"}, {"version": "x"}, {"version": "-1"}, {"version": "9" * 30}],
)
def test_no_input_breaks_it(desk, visit, bad):
    form = sent({visit: "completed"}) | {f"{visit.reference}-{name}": value for name, value in bad.items()}

    assert desk.post(TYPE, form).status_code == 409
    assert status_of(visit) == "booked"


def test_nothing_chosen_changes_nothing(desk, visit):
    assert "Nothing was changed." in words(desk.post(TYPE, {"day": DAY}, follow=True))
    assert status_of(visit) == "booked"


def test_as_many_statements_for_many_visits_as_for_one(desk, visit, nurse, django_assert_max_num_queries):
    for url in (SHEET, TYPE):
        with django_assert_max_num_queries(14):
            desk.get(url)
    for minute in range(0, 150, 5):
        AppointmentFactory(
            practitioner=nurse,
            starts_at=at(14, minute % 60) if minute < 60 else at(14 + minute // 60, minute % 60),
            minutes=5,
        )
    for url in (SHEET, TYPE):
        with django_assert_max_num_queries(14):
            desk.get(url)


def test_access_needs_are_on_the_sheet(desk, nurse):
    AppointmentFactory(practitioner=nurse, starts_at=at(12), patient__access_needs="Needs the lift.")

    assert "Needs the lift." in words(desk.get(SHEET, {"day": DAY}))


def test_a_visit_that_has_not_begun_is_refused_beside_its_row_and_the_rest_is_kept(desk, visit, nurse):
    tonight = AppointmentFactory(practitioner=nurse, starts_at=at(20), patient__full_name="Rowan Bay")

    page = desk.post(TYPE, sent({visit: "completed", tonight: "completed"}))

    assert page.status_code == 409
    row = soup(page).find(id=f"v-{tonight.reference}")
    assert "This visit begins at 20:00" in row.find(class_="field__error").text
    assert (status_of(visit), status_of(tonight)) == ("completed", "booked")


def test_a_day_of_which_all_is_noted_says_so_and_has_no_button(desk, visit):
    assert "Every visit of this day is noted already." not in words(desk.get(f"{TYPE}?day={DAY}"))
    desk.post(TYPE, sent({visit: "completed"}))

    page = desk.get(f"{TYPE}?day={DAY}")

    assert "Every visit of this day is noted already." in words(page)
    assert "Save the day" not in words(page)


def test_one_visit_that_is_open_keeps_the_button(desk, visit, nurse):
    AppointmentFactory(practitioner=nurse, starts_at=at(12), status="completed")

    assert "Save the day" in words(desk.get(f"{TYPE}?day={DAY}"))


def test_the_words_are_those_of_the_statuses(desk, visit):
    """One word a meaning: on paper, in the form and on the card."""
    assert [
        th.text for th in soup(desk.get(f"{SHEET}?day={DAY}")).find_all(class_="sheet__tick") if th.name == "th"
    ] == [
        Status.ARRIVED.label,
        Status.COMPLETED.label,
        Status.NO_SHOW.label,
    ]
    assert [label.text.strip() for label in soup(desk.get(f"{TYPE}?day={DAY}")).find_all(class_="outcome")] == [
        "As it is",
        *(status.label for status in (Status.ARRIVED, Status.COMPLETED, Status.NO_SHOW, Status.CANCELLED)),
    ]


# --- a date of birth that was not asked yet, and a visit called off --------------------------------------------------


@pytest.fixture
def unasked(nurse, treatment):
    treatment.minimum_age = 0
    treatment.save()
    return AppointmentFactory(
        practitioner=nurse, treatment=treatment, starts_at=at(12), patient__date_of_birth=None, source="desk"
    )


def born(visit, *written):
    names = [f"{visit.reference}-date_of_birth_{part}" for part in ("day", "month", "year")]
    return dict(zip(names, written, strict=True))


def test_a_birthday_is_typed_in_where_the_visit_is_with_what_became_of_it(desk, visit, unasked):
    page = soup(desk.get(TYPE, {"day": DAY}))
    assert [box["name"] for box in page.select(".dob input")] == list(born(unasked, "", "", ""))

    answer = desk.post(TYPE, sent({visit: "arrived", unasked: "completed"}, **born(unasked, "27", "3", "1988")))

    assert answer.status_code == 302
    assert (status_of(visit), status_of(unasked)) == ("arrived", "completed")
    unasked.patient.refresh_from_db()
    assert unasked.patient.date_of_birth.isoformat() == "1988-03-27"


def test_a_birthday_alone_is_kept_too(desk, unasked):
    assert "1 visit saved." in words(desk.post(TYPE, sent({}, **born(unasked, "27", "3", "1988")), follow=True))
    unasked.patient.refresh_from_db()
    assert unasked.patient.date_of_birth.isoformat() == "1988-03-27"


@pytest.mark.parametrize("written", [("31", "2", "1988"), ("27", "", "1988"), ("", "", "")])
def test_without_a_birthday_the_row_is_refused_and_keeps_what_was_typed(desk, visit, unasked, written):
    answer = desk.post(TYPE, sent({visit: "arrived", unasked: "completed"}, **born(unasked, *written)))

    row = soup(answer).find(id=f"v-{unasked.reference}")
    assert answer.status_code == 409
    assert row.select_one("input[type=radio][checked]")["value"] == "completed"
    assert tuple(box.get("value", "") for box in row.select(".dob input")) == written
    assert (status_of(visit), status_of(unasked)) == ("arrived", "booked")


def test_no_arrow_key_leads_to_cancelled(desk, visit):
    page = soup(desk.get(TYPE, {"day": DAY}))
    assert "cancelled" not in [one["value"] for one in page.select("input[type=radio]")]
    box = page.find("input", attrs={"name": f"{visit.reference}-is_cancelled"})
    assert box["type"] == "checkbox"

    desk.post(TYPE, sent({visit: ""}, **{box["name"]: "on"}))

    assert status_of(visit) == "cancelled"


def test_cancelled_and_something_else_is_refused_beside_its_row(desk, visit):
    answer = desk.post(TYPE, sent({visit: "completed"}, **{f"{visit.reference}-is_cancelled": "on"}))

    row = soup(answer).find(id=f"v-{visit.reference}")
    assert answer.status_code == 409
    assert "not both" in row.select_one(".field__error").get_text()
    assert [box.get("value", "on") for box in row.select("input[checked]")] == ["completed", "on"]
    assert status_of(visit) == "booked"


@pytest.mark.parametrize("url", [SHEET, TYPE, "/diary/numbers/"])
def test_a_practitioner_is_told_that_it_is_only_their_own(client, visit, nurse, url):
    for user, told in ((nurse.user, True), (StaffFactory(role="desk"), False)):
        client.force_login(user)
        assert ("Only your own visits." in words(client.get(f"{url}?day={DAY}"))) is told


def test_a_day_of_which_all_is_noted_says_so_in_place_of_its_button(desk, visit):
    page = desk.get(TYPE, {"day": DAY})
    assert "Save the day" in words(page)
    assert "is noted already" not in words(page)

    Appointment.objects.filter(pk=visit.pk).update(status=Status.COMPLETED)

    page = desk.get(TYPE, {"day": DAY})
    assert "Every visit of this day is noted already." in words(page)
    assert "Save the day" not in words(page)
