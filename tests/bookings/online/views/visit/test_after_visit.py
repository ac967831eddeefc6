"""What a patient books after a visit, and what staff see of it."""

from datetime import datetime, timedelta
from urllib.parse import quote

import pytest

from bookings.engine.series.follow_ups import book_follow_up
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.catalogue.models import Treatment
from clinic.core import clock
from tests.bookings.online.flow import MONDAY, hidden, small_clinic, text
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import (
    CarerAccessFactory,
    OfferedTreatmentFactory,
    PatientFactory,
    StaffFactory,
    TreatmentFactory,
)

pytestmark = pytest.mark.django_db
DUE = "2026-12-09T10:15:00+00:00"  # two weeks after the visit


@pytest.fixture(autouse=True)
def on_monday(time_machine):
    time_machine.move_to(MONDAY, tick=False)


@pytest.fixture
def place():
    place = small_clinic()
    place.review = TreatmentFactory(name="Review", slug="review", duration_minutes=15, open_to="returning")
    OfferedTreatmentFactory(practitioner=place.aisha, treatment=place.review)
    place.peel.follow_up, place.peel.course_visits, place.peel.course_interval_days = place.review, 3, 14
    place.peel.save()
    return place


@pytest.fixture
def visit(place):
    """Wednesday 25 November, 10:15, with Aisha."""
    return AppointmentFactory(
        starts_at=datetime.fromisoformat("2026-11-25T10:15:00+00:00"),
        practitioner=place.aisha,
        treatment=place.peel,
        location=place.location,
        patient=PatientFactory(full_name="Sam Lee", email="sam@example.com"),
    )


@pytest.fixture
def opened(client, visit):
    client.get(f"/visit/{visit.link_token}/")
    return client


def at(visit, *rest):
    return "/".join(["", "visit", visit.reference, *rest, ""])


class TestFollowUp:
    def test_is_offered_from_its_day_on_chosen_looked_at_and_booked(self, opened, visit):
        assert "Book your follow-up" in text(opened.get(at(visit)))
        times = text(opened.get(at(visit, "follow-up")))
        assert "Monday 7 December" in times

        slot = f"?slot={quote(DUE + '|' + visit.practitioner.slug)}"
        assert "Wednesday 9 December, 10:15am" in text(opened.get(at(visit, "follow-up") + slot))
        assert not Appointment.objects.filter(follows=visit).exists()

        booked = opened.post(
            at(visit, "follow-up") + slot, hidden(opened.get(at(visit, "follow-up") + slot)), follow=True
        )
        review = Appointment.objects.get(follows=visit)
        assert review.patient == visit.patient
        assert booked.redirect_chain[-1][0] == at(review)
        assert "Wednesday 9 December, 10:15am" in text(booked)
        assert "Booked for Wednesday 9 December" in text(opened.get(at(visit)))

    def test_pressed_twice_is_one(self, opened, visit):
        slot = f"?slot={quote(DUE + '|')}"
        form = hidden(opened.get(at(visit, "follow-up") + slot))
        answers = [opened.post(at(visit, "follow-up") + slot, form) for _ in range(2)]
        assert answers[0].headers["Location"] == answers[1].headers["Location"]
        assert Appointment.objects.filter(follows=visit).count() == 1

    def test_taken_meanwhile_offers_what_is_near(self, opened, visit):
        AppointmentFactory(practitioner=visit.practitioner, starts_at=datetime.fromisoformat(DUE))
        page = at(visit, "follow-up") + f"?slot={quote(DUE + '|')}"
        answer = opened.post(page, hidden(opened.get(page)), follow=True)
        assert "That time is no longer free" in text(answer)
        assert not Appointment.objects.filter(follows=visit).exists()

    def test_an_old_page_books_at_no_other_price_and_after_no_other_visit(self, opened, visit, place):
        """Kind 1, F9: the price is raised, then the first visit moved, while the page is open."""
        page = at(visit, "follow-up") + f"?slot={quote(DUE + '|')}"
        asked = opened.get(page)
        assert "<dt>Price</dt><dd>£60</dd>" in text(asked)
        Treatment.objects.filter(pk=place.review.pk).update(price=75)
        again = opened.post(page, hidden(asked))
        assert (again.status_code, Appointment.objects.filter(follows=visit).count()) == (409, 0)
        assert "<dt>Price</dt><dd>£75</dd>" in text(again)

        Appointment.objects.filter(pk=visit.pk).update(version=2)
        once_more = opened.post(page, hidden(again))
        assert (once_more.status_code, Appointment.objects.filter(follows=visit).count()) == (409, 0)
        opened.post(page, hidden(once_more))
        assert Appointment.objects.get(follows=visit).price == 75

    def test_an_old_page_for_another_time_says_that_it_is_booked(self, opened, visit):
        """Kind 1: two tabs, two times."""
        pages = [
            at(visit, "follow-up") + f"?slot={quote(DUE.replace('10:15', when) + '|')}" for when in ("10:15", "14:00")
        ]
        forms = [hidden(opened.get(page)) for page in pages]
        answers = [opened.post(page, form, follow=True) for page, form in zip(pages, forms, strict=True)]

        assert "You have booked your follow-up already" in text(answers[1])
        assert Appointment.objects.filter(follows=visit).count() == 1

    def test_nonsense_is_as_good_as_nothing(self, opened, visit):
        for query in ("?slot=x", "?slot=2026-12-09", "?from=yesterday&day=never"):
            assert opened.get(at(visit, "follow-up") + query).status_code == 200

    def test_a_cancelled_visit_and_a_stranger_get_none(self, client, opened, visit):
        visit.status, visit.cancelled_at = Status.CANCELLED, clock.now()
        visit.save()
        assert "Book your follow-up" not in text(opened.get(at(visit)))
        assert opened.get(at(visit, "follow-up")).status_code == 200
        assert not Appointment.objects.filter(follows=visit).exists()
        client.cookies.clear()
        assert client.get(at(visit, "follow-up")).status_code == 404


def shown(opened, visit):
    return hidden(opened.get(at(visit, "course")))


class TestCourse:
    def test_an_old_page_books_at_no_other_price(self, opened, visit, place):
        """Kind 1, F9"""
        form = shown(opened, visit) | {"visit-2": f"{DUE}|"}
        Treatment.objects.filter(pk=place.peel.pk).update(price=75)
        answer = opened.post(at(visit, "course"), form)

        assert (answer.status_code, Appointment.objects.filter(follows=visit).count()) == (409, 0)
        assert "Each visit: £75" in text(answer)

    def test_the_rest_is_booked_at_once(self, opened, visit):
        page = text(opened.get(at(visit, "course")))
        assert "Visit 2" in page
        assert "Wednesday 9 December, 10:15am" in page

        answers = {"visit-2": f"{DUE}|", "visit-3": "2026-12-23T11:00:00+00:00|"}
        answer = opened.post(at(visit, "course"), shown(opened, visit) | answers, follow=True)

        assert "Booked: 2 more visits" in text(answer)
        course = Appointment.objects.filter(follows=visit)
        assert [clock.local(one.starts_at).day for one in course] == [9, 23]
        assert len({one.series for one in course}) == 1
        assert "Book the rest of the course" not in text(opened.get(at(visit)))
        opened.post(at(visit, "course"), {"version": "1", "price": "£60"} | answers)
        assert Appointment.objects.filter(follows=visit).count() == 2

    def test_all_or_none_and_the_rest_of_the_choice_is_kept(self, opened, visit):
        AppointmentFactory(practitioner=visit.practitioner, starts_at=datetime.fromisoformat(DUE))
        kept = "2026-12-22T10:15:00+00:00|"
        answer = opened.post(at(visit, "course"), shown(opened, visit) | {"visit-2": f"{DUE}|", "visit-3": kept})

        assert answer.status_code == 409
        assert "cannot be had any more" in text(answer)
        assert f'value="{kept}" selected' in answer.content.decode()
        assert not Appointment.objects.filter(follows=visit).exists()

    def test_nothing_chosen_is_said(self, opened, visit):
        answer = opened.post(at(visit, "course"), {"visit-2": "", "visit-3": "rubbish"})
        assert answer.status_code == 422
        assert "Choose a time for at least one visit" in text(answer)

    def test_a_visit_of_a_course_does_not_begin_another(self, opened, visit):
        opened.post(at(visit, "course"), shown(opened, visit) | {"visit-2": f"{DUE}|"})
        second = Appointment.objects.get(follows=visit)
        opened.get(f"/visit/{second.link_token}/")
        assert "rest of the course" not in text(opened.get(at(second)))


class TestAtTheDesk:
    @pytest.fixture
    def desk(self, client):
        client.force_login(StaffFactory(role="desk"))
        return client

    def test_the_follow_up_is_filled_in_and_linked(self, desk, visit):
        page = desk.get(f"/diary/visits/{visit.reference}/").content.decode()
        assert "Book the follow-up: Review" in page
        answers = {
            "treatment": "review", "practitioner": visit.practitioner.slug, "day": "2026-12-09", "at": "10:15",
            "patient": visit.patient.reference, "follows": visit.reference, "do": "book",
        }  # fmt: skip
        asked = desk.get("/diary/book/", {key: answers[key] for key in ("treatment", "practitioner", "day", "follows")})
        assert f'name="follows" value="{visit.reference}"' in asked.content.decode()

        assert desk.post("/diary/book/", answers).status_code == 302
        assert Appointment.objects.get(follows=visit).patient == visit.patient
        after = desk.get(f"/diary/visits/{visit.reference}/").content.decode()
        assert "Book the follow-up" not in after
        assert "Review, Wednesday 9 December" in after

    def test_a_follow_up_says_what_it_follows(self, desk, visit):
        review = book_follow_up(visit=visit, starts_at=visit.starts_at + timedelta(days=14), now=clock.now())
        assert visit.reference in desk.get(f"/diary/visits/{review.reference}/").content.decode()


class TestWithoutABirthday:
    """Booked at the desk by name and number: more than that is booked by telephone."""

    @pytest.fixture
    def visit(self, place):
        said = {"age_said": 18, "age_said_at": clock.now(), "age_said_to": StaffFactory()}
        return AppointmentFactory(
            starts_at=datetime.fromisoformat("2026-11-25T10:15:00+00:00"),
            practitioner=place.aisha,
            treatment=place.peel,
            location=place.location,
            patient=PatientFactory(full_name="Sam Lee", email="", date_of_birth=None),
            source="desk",
            **said,
        )

    def test_nothing_further_is_offered(self, opened, visit):
        page = text(opened.get(at(visit)))

        assert "Book your follow-up" not in page
        assert "Book the rest of the course" not in page

    @pytest.mark.parametrize("way", ["follow-up", "course"])
    def test_an_old_address_shows_the_visit(self, opened, visit, way):
        page = text(opened.get(at(visit, way)))

        assert "Your visit" in page
        assert "Choose a time" not in page
        assert 'method="post"' not in opened.get(at(visit, way) + f"?slot={quote(DUE)}|").text


def test_a_follow_up_booked_by_a_helper_makes_them_not_the_patient(client, visit):
    access = CarerAccessFactory(patient=visit.patient)
    client.force_login(access.user)
    page = at(visit, "follow-up") + f"?slot={quote(DUE + '|' + visit.practitioner.slug)}"
    assert client.post(page, hidden(client.get(page))).status_code == 302
    review = at(Appointment.objects.get(follows=visit))
    assert "/preferences/" not in text(client.get(review))

    client.post(f"/my/people/{access.pk}/end/")
    assert client.get(review).status_code == 404
