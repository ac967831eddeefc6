import re
import uuid
from datetime import time, timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.urls import reverse

from bookings.engine.plans import block as blocks
from bookings.timetable.models import TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment, DiaryChange
from bookings.visits.models.statuses import Status
from tests.bookings.moments import NOW, at
from tests.bookings.one_nurse import location, nurse, treatment  # noqa: F401 -- fixtures
from tests.factories.bookings import AppointmentFactory, working_week
from tests.factories.clinic import PractitionerFactory, StaffFactory

pytestmark = pytest.mark.django_db
PLAN, UNDO = "/diary/plan/", "/diary/plan/undo/"


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(client):
    client.force_login(StaffFactory(role="desk"))
    return client


@pytest.fixture
def visit_at(nurse, treatment, location):  # noqa: F811
    def made(hour, minute=0, **values):
        known = {"practitioner": nurse, "treatment": treatment, "location": location, "starts_at": at(hour, minute)}
        return AppointmentFactory(**known | values)

    return made


def asked(nurse, **changes):  # noqa: F811
    known = {
        "who": nurse.slug,
        "day": "2027-03-02",
        "starts": "12:00",
        "ends": "17:00",
        "until": "",
        "reason": "Training",
    }
    return known | changes


def sent(page):
    """The fields of the plan's form as the browser would send them."""
    rows = page.context["rows"]
    fields = {f"version-{row.visit.reference}": row.visit.version for row in rows}
    fields |= {
        f"choice-{row.visit.reference}": next(option.value for option in row.options if option.is_chosen)
        for row in rows
    }
    return fields | {"key": str(page.context["key"]), "is_plan": "1", "do": "do"}


class TestBlock:
    def test_the_first_page_asks_and_offers_the_usual(self, desk, nurse):  # noqa: F811
        page = desk.get(PLAN, {"day": "2027-03-02", "who": nurse.slug})

        assert [(one.label, one.starts, one.ends) for one in page.context["presets"]] == [
            ("Morning", "09:00", "12:00"),
            ("Afternoon", "12:00", "17:00"),
            ("Whole day", "09:00", "17:00"),
        ]
        assert page.context["plan"] is None

    def test_what_is_blocked_already_is_said(self, desk, nurse):  # noqa: F811
        other = PractitionerFactory()
        for whose, starts_at, ends_at, reason in (
            (nurse, at(12), at(13), "Training"), (None, at(16), at(18), ""), (other, at(12), at(17), "Not theirs"),
        ):  # fmt: skip
            TimeOff.objects.create(practitioner=whose, during=span(starts_at, ends_at), reason=reason)

        page = " ".join(desk.get(PLAN, asked(nurse, look="1")).content.decode().split())

        assert "Blocked already: Tue 2 Mar 12:00 to 13:00, Training; Tue 2 Mar 16:00 to 18:00." in page
        assert (
            "Blocked already"
            not in desk.get(PLAN, asked(nurse, look="1", day="2027-03-03", until="2027-03-03")).content.decode()
        )

    def test_today_begins_now(self, desk, nurse):  # noqa: F811
        with time_machine.travel(NOW + timedelta(hours=2, minutes=3), tick=False):
            page = desk.get(PLAN, {"who": nurse.slug})

        assert [(one.label, one.starts, one.ends) for one in page.context["presets"]] == [
            ("Rest of today", "10:05", "17:00"),
            ("Morning", "10:05", "12:00"),
            ("Afternoon", "12:00", "17:00"),
        ]

    def test_a_preset_is_for_whoever_was_chosen_and_keeps_the_reason(self, desk, nurse, location):  # noqa: F811
        other = PractitionerFactory()
        working_week(other, location, starts_at=time(10), ends_at=time(15))
        typed = asked(other, starts="", ends="", until="2027-03-05", look="1", preset="afternoon")

        page = desk.get(PLAN, typed)

        assert page.context["planned_for"] == other.name
        assert (
            page.context["planned_time"] == desk.get(PLAN, typed | asked(other, ends="15:00")).context["planned_time"]
        )
        assert ("reason", "Training") in page.context["carried"]
        assert page.context["form"]["ends"].value() == "15:00"

    def test_leave_from_the_page_of_hours_leads_back_there(self, desk, nurse):  # noqa: F811
        hours = f"/diary/time/?who={nurse.slug}"
        link = BeautifulSoup(desk.get(hours).content, "html.parser").find("a", string=re.compile("Block time"))["href"]

        page = desk.get(link)
        assert "Block time</h1>" in page.content.decode()
        assert f'href="{hours}"' in page.content.decode()
        assert "Hours and leave" in page.content.decode()
        typed = asked(nurse, starts="", ends="", until="2027-03-15", next=page.context["next"])
        done = desk.post(PLAN, typed | sent(desk.get(PLAN, typed | {"look": "1"})))
        assert done.url == hours

    def test_blocking_an_afternoon_with_three_visits_takes_two_pages(self, desk, nurse, visit_at):  # noqa: F811
        visits = [visit_at(13), visit_at(14), visit_at(15)]

        page = desk.get(PLAN, asked(nurse, look="1"))
        assert [row.visit.pk for row in page.context["rows"]] == [visit.pk for visit in visits]
        done = desk.post(PLAN, asked(nurse) | sent(page))

        assert done.url == "/diary/?day=2027-03-02"
        assert TimeOff.objects.get().reason == "Training"
        assert not Appointment.objects.in_span(at(12), at(17)).exists()
        notice = desk.get(done.url).content.decode()
        assert "Visits: 3 moved." in notice
        assert "Undo" in notice

    def test_undo_takes_all_of_it_back(self, desk, nurse, visit_at):  # noqa: F811
        visit = visit_at(13, status=Status.CONFIRMED)
        desk.post(PLAN, asked(nurse) | sent(desk.get(PLAN, asked(nurse, look="1"))))

        desk.post(UNDO, {"key": DiaryChange.objects.get().key})

        visit.refresh_from_db()
        assert (visit.starts_at, visit.status) == (at(13), Status.CONFIRMED)
        assert not TimeOff.objects.exists()

    def test_undo_says_what_of_it_had_passed_and_stays_blocked(self, desk, nurse):  # noqa: F811
        desk.post(PLAN, asked(nurse) | sent(desk.get(PLAN, asked(nurse, look="1"))))

        with time_machine.travel(at(13, 32), tick=False):
            desk.force_login(StaffFactory(role="desk"))
            notice = desk.post(UNDO, {"key": DiaryChange.objects.get().key}, follow=True).content.decode()

        assert "Undone. What had passed stays blocked: Tue 2 Mar 12:00 to 13:30." in notice

    def test_pressed_twice_it_is_done_once(self, desk, nurse, visit_at):  # noqa: F811
        visit_at(13)
        form = asked(nurse) | sent(desk.get(PLAN, asked(nurse, look="1")))

        assert desk.post(PLAN, form).status_code == 302
        assert desk.post(PLAN, form).status_code == 302
        assert DiaryChange.objects.count() == 1

    def test_a_choice_that_is_gone_is_said_beside_it_and_the_others_are_kept(self, desk, nurse, visit_at):  # noqa: F811
        first, second = visit_at(13), visit_at(14)
        form = asked(nurse) | sent(desk.get(PLAN, asked(nurse, look="1")))
        form[f"choice-{second.reference}"] = "cancel"
        visit_at(13, starts_at=Appointment.objects.get(pk=first.pk).starts_at + timedelta(days=1))

        page = desk.post(PLAN, form)

        assert page.status_code == 409
        rows = {row.visit.reference: row for row in page.context["rows"]}
        assert "taken" in rows[first.reference].refusal
        assert next(one.value for one in rows[second.reference].options if one.is_chosen) == "cancel"
        said = BeautifulSoup(page.content, "html.parser").select_one("[role=alert]")
        assert [link["href"] for link in said.select("a")] == [f"#choice-{first.reference}"]
        assert first.whose in said.get_text()
        assert not TimeOff.objects.exists()

    def test_a_visit_booked_meanwhile_is_shown_before_anything_is_done(self, desk, nurse, visit_at):  # noqa: F811
        visit_at(13)
        form = asked(nurse) | sent(desk.get(PLAN, asked(nurse, look="1")))
        late = visit_at(16)

        page = desk.post(PLAN, form)

        assert page.status_code == 409
        assert "The diary has changed meanwhile" in page.content.decode()
        assert late.reference in page.content.decode()

    def test_without_times_whole_days_are_blocked(self, desk, nurse):  # noqa: F811
        form = asked(nurse, starts="", ends="", until="2027-03-15", reason="Leave")
        desk.post(PLAN, form | sent(desk.get(PLAN, form | {"look": "1"})))

        during = TimeOff.objects.get().during
        assert (during.lower, during.upper) == (at(0), at(0, day=16))

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"day": "soon"}, "Enter a day"),
            ({"starts": "25:00"}, "Enter a time"),
            ({"ends": "11:00"}, "The end must be after the start"),
            ({"until": "2027-03-01"}, "The last day cannot be before the first"),
            ({"who": "nobody"}, "Choose whose diary"),
            ({"day": "2027-03-28", "starts": "01:30", "ends": "05:00"}, "this time does not exist"),
            ({"day": "2027-02-26"}, "This time has passed."),
            ({"reason": "x" * 81}, "80 characters"),
        ],
    )
    def test_what_cannot_be_is_said(self, desk, nurse, changes, said):  # noqa: F811
        page = desk.get(PLAN, asked(nurse, look="1") | changes)

        assert said in page.content.decode()

    def test_what_cannot_be_done_is_not_said_to_hit_nobody(self, desk, nurse):  # noqa: F811
        page = desk.get(PLAN, asked(nurse, look="1", day="2027-02-26")).content.decode()

        assert "This time has passed." in page
        assert "No visit is in the way" not in page

    @pytest.mark.parametrize(
        "junk", [{"key": "x"}, {"choice-ABCDEFGH": "move|x|y"}, {"version-X": "9" * 30}, {"do": "\x00"}]
    )
    def test_junk_does_nothing_worse_than_nothing(self, desk, nurse, junk):  # noqa: F811
        assert desk.post(PLAN, asked(nurse) | {"do": "do", "key": ""} | junk).status_code in {200, 302, 409, 422}

    def test_the_clinic_can_be_closed_by_the_desk_alone(self, desk, client, nurse):  # noqa: F811
        form = asked(nurse, who="everyone")
        desk.post(PLAN, form | sent(desk.get(PLAN, form | {"look": "1"})))
        assert TimeOff.objects.get().practitioner is None

        client.force_login(nurse_user(nurse))
        page = client.get(PLAN, form | {"look": "1"})
        assert "Choose whose diary" in page.content.decode()


class TestWho:
    def test_a_nurse_blocks_her_own_time_and_nobody_elses(self, client, nurse, treatment):  # noqa: F811
        colleague = PractitionerFactory(offers=[treatment])
        client.force_login(nurse_user(nurse))

        own = client.post(PLAN, asked(nurse) | sent(client.get(PLAN, asked(nurse, look="1"))))
        others = client.post(PLAN, asked(colleague) | {"do": "do", "key": str(uuid.uuid4())})

        assert (own.status_code, others.status_code) == (302, 422)
        assert TimeOff.objects.get().practitioner == nurse

    def test_a_nurse_does_not_undo_what_was_done_in_another_diary(self, desk, client, nurse, treatment):  # noqa: F811
        desk.post(PLAN, asked(nurse) | sent(desk.get(PLAN, asked(nurse, look="1"))))
        client.force_login(nurse_user(PractitionerFactory(offers=[treatment])))

        assert client.post(UNDO, {"key": DiaryChange.objects.get().key}).status_code == 403
        assert TimeOff.objects.exists()

    def test_a_nurse_is_not_offered_to_undo_what_she_may_not(self, client, nurse, treatment):  # noqa: F811
        block(nurse, practitioner=None)
        mine = block(nurse, starts_at=at(9, day=3), ends_at=at(10, day=3))
        client.force_login(nurse_user(nurse))

        offered = [act.group.pk for act in client.get("/diary/lately/").context["acts"] if act.may_undo]

        assert offered == [mine.pk]

    def test_someone_without_a_diary_is_refused(self, client):
        client.force_login(StaffFactory(role="practitioner"))

        assert client.get(PLAN).status_code == 403

    @pytest.mark.parametrize("key", ["", "x", str(uuid.UUID(int=1))])
    def test_an_unknown_change_is_not_found(self, desk, key):
        assert desk.post(UNDO, {"key": key}).status_code == 404


class TestExtension:
    def extend(self, client, visit, minutes, **more):
        form = {"kind": "extension", "visit": visit.reference, "minutes": str(minutes), "do": "do"}
        return client.post(PLAN, form | {"key": str(uuid.uuid4()), f"version-{visit.reference}": visit.version} | more)

    def test_fifteen_minutes_more_is_one_tap_where_nobody_is_in_the_way(self, desk, visit_at):
        visit = visit_at(10)
        page = desk.get(reverse("bookings:diary_visit", args=[visit.reference])).content.decode()
        assert "+15 min" in page

        assert self.extend(desk, visit, 45).status_code == 302

        visit.refresh_from_db()
        assert visit.minutes == 45

    def test_on_the_page_it_was_asked_from_the_notice_leads_to_the_visit(self, desk, visit_at):
        visit, elsewhere = visit_at(10), "/diary/?day=2027-03-01"
        done = self.extend(desk, visit, 45, next=elsewhere)

        notice = BeautifulSoup(desk.get(done.url).content, "html.parser").select_one(".day-notice")
        address = f"/diary/visits/{visit.reference}/?next=%2Fdiary%2F%3Fday%3D2027-03-01"
        assert (done.url, notice.a["href"]) == (elsewhere, address)

    def test_one_that_runs_into_the_next_shows_the_plan_first(self, desk, visit_at):
        visit, following = visit_at(10), visit_at(10, 30)

        page = self.extend(desk, visit, 45)

        assert page.status_code == 409
        assert page.context["refusal"] == ""
        assert [row.visit.pk for row in page.context["rows"]] == [following.pk]
        done = self.extend(desk, visit, 45, **sent(page))
        assert done.status_code == 302
        following.refresh_from_db()
        assert following.starts_at != at(10, 30)

    def test_of_a_page_out_of_date_it_says_so(self, desk, visit_at):
        visit = visit_at(10)
        Appointment.objects.filter(pk=visit.pk).update(version=7)

        page = self.extend(desk, visit, 45)

        assert page.status_code == 409
        assert "changed meanwhile" in page.context["refusal"]

    @pytest.mark.parametrize("minutes", ["", "x", "0", "-15", "99999999999999999999", "481"])
    def test_a_length_that_makes_no_sense(self, desk, visit_at, minutes):
        page = self.extend(desk, visit_at(10), minutes)

        assert page.status_code == 409
        assert "between 5 minutes and 8 hours" in page.context["refusal"]

    @pytest.mark.parametrize("reference", ["XXXXXXXX", "\x00", ""])
    def test_an_unknown_visit(self, desk, reference):
        assert desk.get(PLAN, {"kind": "extension", "visit": reference, "minutes": "45"}).status_code == 404


def block(nurse, **changes):  # noqa: F811
    """A block of time, without visits in its way, as the desk made it."""
    known = {"practitioner": nurse, "starts_at": at(12), "ends_at": at(17)}
    made = blocks.Block(**known | changes)
    return blocks.do(made, now=NOW, choices={}, versions={}, by=StaffFactory(role="desk"), key=uuid.uuid4())


def nurse_user(practitioner):
    user = StaffFactory(role="practitioner")
    practitioner.user = user
    practitioner.save()
    return user
