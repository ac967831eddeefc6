from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.urls import reverse

from bookings.engine import booking, changes
from bookings.timetable.models import TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment, DiaryChange
from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.core.formats import short_desk_time
from tests.bookings.moments import details
from tests.bookings.one_nurse import location, nurse, treatment  # noqa: F401 -- fixtures
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, StaffFactory

pytestmark = pytest.mark.django_db
LATELY = "/diary/lately/"


@pytest.fixture
def now():
    """Now: PostgreSQL writes the trail by its own clock."""
    return clock.now()


@pytest.fixture
def desk(client):
    client.force_login(StaffFactory(role="desk", name="Dee Desk"))
    return client


@pytest.fixture
def visit(nurse, treatment, now):  # noqa: F811
    """Booked online, for a working day within the week."""
    day = next(day for n in range(2, 8) if (day := clock.today(now) + timedelta(days=n)).isoweekday() <= 5)
    starts_at = clock.day_bounds(day)[0] + timedelta(hours=10)
    made = booking.book(
        treatment=treatment, practitioner=nurse, starts_at=starts_at, details=details(), now=now, by_staff=True
    )
    made.messages.filter(kind="confirmation").update(state="sent", sent_at=now)
    return Appointment.objects.get(pk=made.pk)


def acts(client, **params):
    return client.get(LATELY, params).context["acts"]


def page_of(visit, what):
    return reverse(f"bookings:diary_{what}", args=[visit.reference])


def test_an_empty_day_says_what_will_stand_here(desk):
    page = desk.get(LATELY, {"day": "2026-01-05"})

    assert "Nothing was changed that day" in page.content.decode()


def test_a_move_shows_who_did_it_and_that_nobody_was_told_yet(desk, visit, now):
    to = visit.starts_at + timedelta(hours=2)
    desk.post(page_of(visit, "move"), {"slot": f"{to.isoformat()}|{visit.practitioner.slug}", "version": visit.version})

    act = acts(desk)[0]

    assert act.who == "Dee Desk"
    assert act.changes[0].what[0].startswith("Moved from")
    assert act.changes[0].due_at is not None
    assert act.may_undo
    assert "not told yet" in desk.get(LATELY).content.decode()


def test_each_change_says_of_which_time_it_speaks(desk, visit):
    desk.post(page_of(visit, "cancel"), {"version": visit.version})

    said = " ".join(desk.get(LATELY).content.decode().split())

    hour = short_desk_time(visit.starts_at)
    assert f"Booked online, {hour}" in said
    assert f"Cancelled, {hour}" in said


def test_an_arrival_that_was_undone_is_no_news(desk, visit):
    Appointment.objects.filter(pk=visit.pk).update(status=Status.CONFIRMED, version=visit.version + 1)
    Appointment.objects.filter(pk=visit.pk).update(status=Status.ARRIVED, version=visit.version + 2)
    Appointment.objects.filter(pk=visit.pk).update(status=Status.CONFIRMED, version=visit.version + 3)

    assert [change.what for act in acts(desk) for change in act.changes] == [["Confirmed"], ["Booked online"]]


def test_who_was_here_and_cancelled_is(desk, visit):
    Appointment.objects.filter(pk=visit.pk).update(status=Status.ARRIVED, version=visit.version + 1)
    desk.post(page_of(visit, "cancel"), {"version": visit.version + 1})

    assert acts(desk)[0].changes[0].what[0].startswith("Cancelled")


def test_undo_from_there_leads_back_to_the_day_shown(desk, visit):
    desk.post(page_of(visit, "cancel"), {"version": visit.version})
    shown = f"{LATELY}?day={clock.today():%Y-%m-%d}"
    form = BeautifulSoup(desk.get(shown).content, "html.parser").select_one(
        f".lately form[action='{page_of(visit, 'undo')}']"
    )

    answer = desk.post(form["action"], {one["name"]: one["value"] for one in form.select("input")})

    assert (answer.status_code, answer["Location"]) == (302, shown)


def test_undo_from_there_gives_the_very_status_back(desk, visit):
    Appointment.objects.filter(pk=visit.pk).update(status=Status.CONFIRMED)
    desk.post(page_of(visit, "cancel"), {"version": visit.version})

    desk.post(page_of(visit, "undo"), {"version": visit.version + 1, "next": "lately"})

    visit.refresh_from_db()
    assert (visit.status, visit.cancelled_at) == (Status.CONFIRMED, None)
    assert not visit.messages.unsent().filter(kind="cancelled").exists()


def test_a_cancelled_visit_is_struck_and_its_page_leads_to_where_it_stands_struck(desk, visit):
    desk.post(page_of(visit, "cancel"), {"version": visit.version})

    link = BeautifulSoup(desk.get(LATELY).content, "html.parser").select_one(".lately a.is-struck")
    assert link.find_next_sibling("span").get_text(strip=True) == "(cancelled)"
    back = BeautifulSoup(desk.get(page_of(visit, "visit")).content, "html.parser").select_one("a.back")["href"]
    assert back.endswith(f"&cancelled=1#g-{visit.reference}")
    assert BeautifulSoup(desk.get(back).content, "html.parser").select_one(f"#g-{visit.reference}")


def test_pressed_twice_undo_is_once(desk, visit):
    desk.post(page_of(visit, "cancel"), {"version": visit.version})
    for _ in range(2):
        desk.post(page_of(visit, "undo"), {"version": visit.version + 1})

    assert Appointment.objects.get(pk=visit.pk).version == visit.version + 2


def test_no_way_back_once_the_patient_was_told(desk, visit, now):
    desk.post(page_of(visit, "cancel"), {"version": visit.version})
    visit.messages.filter(kind="cancelled").update(state="sent", sent_at=now)

    assert not acts(desk)[0].may_undo
    page = desk.post(page_of(visit, "undo"), {"version": visit.version + 1, "next": "lately"}, follow=True)

    assert "Not undone." in page.content.decode()
    assert Appointment.objects.get(pk=visit.pk).status == Status.CANCELLED


def test_no_way_back_over_a_later_change(desk, visit):
    desk.post(page_of(visit, "cancel"), {"version": visit.version})
    desk.post(page_of(visit, "restore"), {"version": visit.version + 1})
    desk.post(page_of(visit, "cancel"), {"version": visit.version + 2})

    page = desk.post(page_of(visit, "undo"), {"version": visit.version + 1}, follow=True)

    assert "was changed again since" in page.content.decode()


def test_what_a_patient_did_is_shown_and_not_undone(desk, visit, now):
    changes.cancel(appointment=visit, now=now)

    newest = acts(desk)[0]

    assert newest.changes[0].what == ["Cancelled"]
    assert not newest.may_undo


def test_the_same_statements_however_many_changes(desk, visit, now, django_assert_max_num_queries):
    desk.get(LATELY)
    with django_assert_max_num_queries(11):
        desk.get(LATELY)
    for hour in range(1, 4):
        booking.book(
            treatment=visit.treatment, practitioner=visit.practitioner, starts_at=visit.starts_at + timedelta(hours=hour),
            details=details(hour + 1), now=now, by_staff=True,
        )  # fmt: skip
    with django_assert_max_num_queries(11):
        desk.get(LATELY)


class TestWithoutAGoodTime:
    def listed(self, client):
        return [(one.pk, one.why) for one in client.get(LATELY).context["unsettled"]]

    def test_one_under_time_off(self, desk, visit):
        TimeOff.objects.create(practitioner=visit.practitioner, during=span(visit.starts_at, visit.ends_at))

        assert self.listed(desk) == [(visit.pk, "Under time off")]

    def test_one_of_somebody_who_left(self, desk, visit):
        visit.practitioner.live = False
        visit.practitioner.save()

        assert self.listed(desk) == [(visit.pk, "The practitioner has left")]

    def test_one_at_a_closed_location(self, desk, visit):
        visit.location.is_active = False
        visit.location.save()

        assert self.listed(desk) == [(visit.pk, "The location is closed")]

    def test_none_where_all_is_well(self, desk, visit):
        TimeOff.objects.create(during=span(visit.ends_at, visit.ends_at + timedelta(hours=1)))

        assert self.listed(desk) == []

    def test_one_that_is_over_is_left_alone(self, desk, visit):
        TimeOff.objects.create(during=span(visit.starts_at, visit.ends_at))
        with time_machine.travel(visit.ends_at, tick=True):
            assert self.listed(desk) == []


def test_a_merge_of_the_record_hides_neither_that_the_patient_was_told_nor_is_it_undone_as_a_move(desk, visit, now):
    to = visit.starts_at + timedelta(hours=2)
    desk.post(page_of(visit, "move"), {"slot": f"{to.isoformat()}|{visit.practitioner.slug}", "version": visit.version})
    visit.messages.filter(kind="moved").update(state="sent", sent_at=now)
    kept = PatientFactory()
    desk.post(f"/diary/patients/{visit.patient.reference}/merge/", {"with": kept.reference, "keep": kept.reference})

    merged, moved, _booked = acts(desk)

    assert merged.changes[0].what == ["Moved to another record of the patient"]
    assert moved.changes[0].told_at == now
    assert not merged.may_undo
    assert not moved.may_undo


def test_the_visits_of_a_plan_stand_in_the_order_of_their_day(desk, visit):
    kept = {"practitioner": visit.practitioner, "treatment": visit.treatment, "location": visit.location}
    earlier = AppointmentFactory(starts_at=visit.starts_at - timedelta(hours=1), minutes=30, **kept)
    asked = {"who": visit.practitioner.slug, "day": clock.today(visit.starts_at), "starts": "09:00", "ends": "12:00"}
    rows = desk.get("/diary/plan/", asked | {"look": "1"}).context["rows"]
    fields = {f"version-{row.visit.reference}": row.visit.version for row in rows}
    fields |= {f"choice-{row.visit.reference}": row.options[0].value for row in rows}

    desk.post("/diary/plan/", asked | fields | {"do": "do", "is_plan": "1"})

    assert [change.visit for change in acts(desk)[0].changes] == [earlier, visit]


class TestAnUndonePlan:
    @pytest.fixture
    def blocked(self, desk, visit):
        """An hour with a visit in it, blocked by another of the desk."""
        asked = {
            "who": visit.practitioner.slug,
            "day": clock.today(visit.starts_at).isoformat(),
            "starts": "10:00",
            "ends": "12:00",
        }
        rows = desk.get("/diary/plan/", asked | {"look": "1"}).context["rows"]
        fields = {f"version-{row.visit.reference}": row.visit.version for row in rows}
        fields |= {f"choice-{row.visit.reference}": row.options[0].value for row in rows}
        desk.post("/diary/plan/", asked | fields | {"do": "do", "is_plan": "1", "reason": "Training"})
        return DiaryChange.objects.get()

    def test_is_one_line_that_says_by_whom_and_its_visits_are_no_moves_of_their_own(self, desk, visit, blocked):
        assert [len(act.changes) for act in acts(desk)] == [1, 1]
        desk.post("/diary/plan/undo/", {"key": blocked.key})

        undone, booked = acts(desk)

        assert (undone.group, undone.changes, undone.may_undo) == (blocked, [], False)
        assert undone.undone == "Undone:"
        line = BeautifulSoup(desk.get(LATELY).content, "html.parser").select_one(".lately .history > li")
        assert line.get_text().count("Dee Desk") == 1
        assert booked.changes[0].what[0].startswith("Booked")
        assert "Moved from" not in desk.get(LATELY).content.decode()

    def test_what_is_done_to_one_of_its_visits_afterwards_is_a_change_of_its_own(self, desk, visit, blocked):
        desk.post("/diary/plan/undo/", {"key": blocked.key})
        visit.refresh_from_db()
        desk.post(page_of(visit, "cancel"), {"version": visit.version})

        alone = [act for act in acts(desk) if act.group is None]  # in one transaction the trail has one moment

        assert (alone[0].changes[0].what, alone[0].may_undo) == (["Cancelled"], True)

    def test_stands_on_the_day_it_was_made_and_on_the_day_it_was_undone(self, desk, blocked, now):
        yesterday = now - timedelta(days=1)
        DiaryChange.objects.update(made_at=yesterday)
        desk.post("/diary/plan/undo/", {"key": blocked.key})

        before = acts(desk, day=clock.today(yesterday).isoformat())

        assert [act.group for act in before] == [blocked]
        assert before[0].at == yesterday
        assert before[0].undone.startswith("Undone by Dee Desk, ")
        assert next(act for act in acts(desk) if act.group).at == DiaryChange.objects.get().undone_at

    def test_a_block_that_has_passed_offers_no_undo(self, desk, blocked):
        DiaryChange.objects.update(starts_at=blocked.made_at - timedelta(hours=2), ends_at=blocked.made_at)

        assert [act.may_undo for act in acts(desk) if act.group] == [False]
