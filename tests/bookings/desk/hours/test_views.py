import re
from datetime import date, time

import pytest
import time_machine
from bs4 import BeautifulSoup

from bookings.timetable.models import ExtraHours, Location, RegularTimeOff, TimeOff, WorkingHours
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment, DiaryChange
from tests.bookings.moments import NOW, at
from tests.bookings.one_nurse import location, nurse, treatment  # noqa: F401 -- fixtures
from tests.factories.bookings import AppointmentFactory, LocationFactory
from tests.factories.clinic import PractitionerFactory, StaffFactory

pytestmark = pytest.mark.django_db
TIME, CHANGE, UNDO, LATELY = "/diary/time/", "/diary/time/change/", "/diary/plan/undo/", "/diary/lately/"


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


def week(page, **changes):
    """What the form of a week sends, with these changes, to be looked at."""
    form = page.context["form"]
    sent = {name: form[name].value() for name in form.fields}
    sent = {name: f"{value:%H:%M}" if isinstance(value, time) else value or "" for name, value in sent.items()}
    return sent | asked(page) | {"mark": form.mark} | changes


def asked(page):
    return {"kind": page.context["name"], "who": page.context["whose"].slug, "look": "1"}


def sent(page):
    """The fields of the plan's form as the browser would send them."""
    fields = {}
    for name, value in page.context["carried"]:
        fields.setdefault(name, []).append(value)
    for row in page.context["rows"]:
        fields[f"version-{row.visit.reference}"] = row.visit.version
        fields[f"choice-{row.visit.reference}"] = next(option.value for option in row.options if option.is_chosen)
    return fields | {"key": str(page.context["key"]), "is_plan": "1", "do": "do"}


def shortened(client, nurse, **changes):  # noqa: F811
    """The plan of Tuesdays until one, from tomorrow on."""
    page = client.get(CHANGE, {"kind": "week", "who": nurse.slug})
    return client.get(CHANGE, week(page, **{"day": "2027-03-02", "ends-2-0": "13:00"} | changes))


def text(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.content.decode()))


class TestThePage:
    def test_it_shows_the_week_leave_and_breaks_what_comes_first_on_top(self, desk, nurse, location):  # noqa: F811
        ExtraHours.objects.create(practitioner=nurse, location=location, during=span(at(10, day=13), at(12, day=13)))
        TimeOff.objects.create(practitioner=nurse, during=span(at(0, day=8), at(0, day=10)), reason="Leave")
        TimeOff.objects.create(practitioner=None, during=span(at(9, day=20), at(12, day=20)), reason="New floor")
        TimeOff.objects.create(practitioner=nurse, during=span(at(0, month=2), at(0, month=2, day=5)), reason="Gone by")
        for day in (1, 3):
            RegularTimeOff.objects.create(
                practitioner=nurse, weekday=day, starts_at=time(12), ends_at=time(13), valid_from=date(2027, 1, 1),
                reason="Lunch",
            )  # fmt: skip

        page = desk.get(TIME, {"who": nurse.slug})

        table = page.context["timetable"]
        assert [(one.when, one.what, one.note, one.is_readers) for one in table.once] == [
            ("Mon 8 Mar to Tue 9 Mar", "Time off", "Leave", True),
            ("Sat 13 Mar 10:00 to 12:00", "Extra hours", "", True),
            ("Sat 20 Mar 9:00 to 12:00", "The clinic is closed", "New floor", False),
        ]
        assert [(one.days, one.hours, one.reason) for one in table.breaks] == [
            ("Monday, Wednesday", "12:00–13:00", "Lunch")
        ]
        assert "Now" in text(page)
        assert "9:00–17:00" in text(page)

    def test_a_practitioner_opens_her_own_and_no_other(self, client, nurse):  # noqa: F811
        nurse.user = StaffFactory(role="practitioner")
        nurse.save()
        other = PractitionerFactory()
        client.force_login(nurse.user)

        assert client.get(TIME).context["whose"].person == nurse
        assert client.get(TIME, {"who": other.slug}).status_code == 403
        assert client.get(TIME, {"who": "everyone"}).status_code == 403
        assert client.get(CHANGE, {"kind": "week", "who": other.slug}).status_code == 403
        assert client.get(CHANGE, {"kind": "break", "who": "everyone"}).status_code == 403
        assert client.get(CHANGE, {"kind": "week", "who": nurse.slug}).status_code == 200

    @pytest.mark.parametrize("role", ["desk", "owner"])
    def test_desk_and_owner_open_anyones(self, client, role, nurse):  # noqa: F811
        client.force_login(StaffFactory(role=role))

        for who in (nurse.slug, "everyone"):
            assert client.get(TIME, {"who": who}).status_code == 200

    @pytest.mark.parametrize("path", [TIME, CHANGE])
    def test_an_editor_is_refused(self, client, path):
        client.force_login(StaffFactory(role="editor"))

        assert client.get(path).status_code == 403

    def test_whom_nobody_knows(self, desk, nurse):  # noqa: F811
        assert desk.get(TIME, {"who": "nobody"}).status_code == 404
        assert desk.get(CHANGE, {"kind": "riddle", "who": nurse.slug}).status_code == 404
        assert desk.get(CHANGE, {"kind": "week", "who": "everyone"}).status_code == 404

    def test_an_empty_clinic_is_told_how_to_begin(self, desk):
        assert "There is no practitioner yet" in text(desk.get(TIME))

        nurse = PractitionerFactory()  # noqa: F811
        page = text(desk.get(TIME))
        assert "there is none in use" in page
        assert "No hours are set yet" in page
        assert desk.get(CHANGE, {"kind": "week", "who": nurse.slug}).status_code == 302

        LocationFactory()
        assert "Set the usual week" in text(desk.get(TIME))

    def test_the_first_week_of_all_is_set(self, desk):
        nurse, _ = PractitionerFactory(), LocationFactory()  # noqa: F811
        page = desk.get(CHANGE, {"kind": "week", "who": nurse.slug})
        plan = desk.get(CHANGE, week(page, **{"starts-1-0": "09:00", "ends-1-0": "12:30"}))

        assert desk.post(CHANGE, sent(plan)).status_code == 302
        assert [(row.weekday, row.starts_at, row.ends_at) for row in WorkingHours.objects.all()] == [
            (1, time(9), time(12, 30))
        ]


class TestAChange:
    def test_it_is_looked_at_done_and_undone(self, desk, nurse, visit_at):  # noqa: F811
        visit = visit_at(15)
        plan = shortened(desk, nurse)
        assert [row.visit.pk for row in plan.context["rows"]] == [visit.pk]
        assert not DiaryChange.objects.exists()

        done = desk.post(CHANGE, sent(plan))
        assert done.url == f"{TIME}?who={nurse.slug}"
        assert "usual week, from Tue 2 Mar on. Visits: 1 moved." in text(desk.get(done.url))
        assert not Appointment.objects.in_span(at(15), at(16)).exists()

        undone = desk.post(UNDO, {"key": DiaryChange.objects.get().key}, follow=True)
        assert "Undone. Everything stands as it did." in text(undone)
        assert undone.redirect_chain[-1][0] == f"{TIME}?who={nurse.slug}"
        assert set(WorkingHours.objects.values_list("ends_at", "valid_until")) == {(time(17), None)}
        visit.refresh_from_db()
        assert visit.starts_at == at(15)

    def test_lately_tells_of_it_and_takes_it_back(self, desk, nurse, visit_at):  # noqa: F811
        visit = visit_at(15)
        plan = shortened(desk, nurse)
        desk.post(CHANGE, sent(plan) | {f"choice-{visit.reference}": "keep"})

        page = desk.get(LATELY)
        assert f"Hours changed: {nurse.name}, from Tue 2 Mar on, usual week" in text(page)
        assert "1 visit without a good time" in text(page)
        assert "Outside the hours" in text(page)

        desk.post(UNDO, {"key": DiaryChange.objects.get().key, "next": "lately"})
        page = text(desk.get(LATELY))
        assert "Undone:" in page
        assert "without a good time" not in page

    def test_hours_are_not_put_back_over_later_ones(self, desk, nurse):  # noqa: F811
        desk.post(CHANGE, sent(shortened(desk, nurse, **{"starts-2-0": "", "ends-2-0": ""})))
        ended = DiaryChange.objects.get()
        later = {"day": "2027-03-09", "starts-2-0": "10:00", "ends-2-0": "12:00"}
        assert desk.post(CHANGE, sent(shortened(desk, nurse, **later))).status_code == 302

        page = desk.post(UNDO, {"key": ended.key}, follow=True)

        assert "The hours were changed again since. Please change them by hand." in text(page)
        assert WorkingHours.objects.get(weekday=2, valid_until=None).starts_at == time(10)

    def test_tapped_twice_it_is_done_once(self, desk, nurse):  # noqa: F811
        form = sent(shortened(desk, nurse))

        assert [desk.post(CHANGE, form).status_code for _ in range(2)] == [302, 302]
        assert DiaryChange.objects.count() == 1

    def test_an_old_page_is_told_so_and_loses_nothing(self, desk, nurse):  # noqa: F811
        old = shortened(desk, nurse)
        desk.post(CHANGE, sent(shortened(desk, nurse, **{"ends-2-0": "14:00"})))

        page = desk.post(CHANGE, sent(old))

        assert page.status_code == 409
        assert "perhaps in another window" in text(page)
        assert page.context["form"]["ends-2-0"].value() == "13:00"
        again = desk.get(CHANGE, week(page))
        assert desk.post(CHANGE, sent(again)).status_code == 302

    def test_a_visit_booked_meanwhile_is_shown_before_anything_is_done(self, desk, nurse, visit_at):  # noqa: F811
        plan = shortened(desk, nurse)
        visit = visit_at(15)

        page = desk.post(CHANGE, sent(plan))

        assert page.status_code == 409
        assert [row.visit.pk for row in page.context["rows"]] == [visit.pk]
        assert not DiaryChange.objects.exists()

    @pytest.mark.parametrize(
        ("typed", "box", "said"),
        [
            ({"ends-2-0": "08:00"}, "ends-2-0", "Tuesday: the end must be after the start"),
            ({"ends-2-0": ""}, "ends-2-0", "Tuesday: enter both times, or leave both empty"),
            ({"starts-2-1": "noon"}, "starts-2-1", "Enter a time, for example 14:30"),
            (
                {"starts-2-1": "12:00", "ends-2-1": "18:00"},
                "starts-2-1",
                "Tuesday: these hours begin before those until 13:00",
            ),
            ({"day": "2027-02-26"}, "day", "That day has passed"),
            ({"until": "2027-03-01"}, "until", "The last day cannot be before the first"),
            ({"every": "9"}, "every", "Select a valid choice"),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_box_and_what_was_typed_stays(self, desk, nurse, typed, box, said):  # noqa: F811
        page = shortened(desk, nurse, reason="", **typed)

        assert page.status_code == 422
        assert said in " ".join(page.context["form"].errors[box])
        html = page.content.decode()
        assert f'href="#id_{box}"' in html
        assert all(f'value="{value}"' in html for name, value in typed.items() if value and name != "every")

    def test_one_week_is_different(self, desk, nurse):  # noqa: F811
        page = desk.get(CHANGE, {"kind": "different", "who": nurse.slug})
        plan = desk.get(CHANGE, week(page, **{"day": "2027-03-10", "starts-3-0": "", "ends-3-0": ""}))
        desk.post(CHANGE, sent(plan))

        weeks = desk.get(TIME, {"who": nurse.slug}).context["timetable"].weeks
        assert [(one.when, bool(one.days[2])) for one in weeks] == [
            ("Now to Sun 7 Mar 2027", True),
            ("Mon 8 Mar 2027, one week", False),
            ("From Mon 15 Mar 2027", True),
        ]

    def test_a_week_is_copied(self, desk, nurse):  # noqa: F811
        other_week = {"day": "2027-03-10", "starts-6-0": "10:00", "ends-6-0": "14:00"}
        page = desk.get(CHANGE, {"kind": "different", "who": nurse.slug})
        desk.post(CHANGE, sent(desk.get(CHANGE, week(page, **other_week))))

        page = desk.get(CHANGE, {"kind": "week", "who": nurse.slug, "copy": "2027-03-09"})

        assert page.context["form"]["starts-6-0"].value() == time(10)

    def test_every_other_week(self, desk, nurse):  # noqa: F811
        shown = shortened(desk, nurse, day="2027-03-08", every="2")
        desk.post(CHANGE, sent(shown))

        tuesday = desk.get(TIME, {"who": nurse.slug}).context["timetable"].weeks[-1].days[1]
        assert {(one.hours, one.note) for one in tuesday} == {
            ("9:00–13:00", "every other week, next Tue 9 Mar"),
            ("9:00–17:00", "every other week, next Tue 16 Mar"),
        }

    def test_a_fortnight_is_not_overwritten_by_default(self, desk, nurse):  # noqa: F811
        desk.post(CHANGE, sent(shortened(desk, nurse, day="2027-03-08", every="2")))

        page = desk.get(CHANGE, {"kind": "week", "who": nurse.slug})

        assert page.context["form"]["every"].value() == 2
        assert "Tuesday 9:00 is every other week" in text(page)

    def test_hours_at_two_locations(self, desk, nurse):  # noqa: F811
        second = LocationFactory(name="Ashford")
        desk.post(CHANGE, sent(shortened(desk, nurse, **{"place-2-0": second.slug})))

        assert WorkingHours.objects.get(weekday=2, valid_until=None).location == second
        assert "Ashford" in text(desk.get(TIME, {"who": nurse.slug}))

    def test_a_practitioner_changes_her_own(self, client, nurse):  # noqa: F811
        nurse.user = StaffFactory(role="practitioner")
        nurse.save()
        client.force_login(nurse.user)

        assert client.post(CHANGE, sent(shortened(client, nurse))).status_code == 302
        assert DiaryChange.objects.get().made_by == nurse.user

    def test_another_practitioner_takes_it_not_back(self, client, nurse):  # noqa: F811
        client.force_login(StaffFactory(role="desk"))
        client.post(CHANGE, sent(shortened(client, nurse)))
        other = PractitionerFactory(user=StaffFactory(role="practitioner"))
        client.force_login(other.user)

        assert client.post(UNDO, {"key": DiaryChange.objects.get().key}).status_code == 403


class TestOnce:
    def look(self, client, nurse, **typed):  # noqa: F811
        known = {
            "kind": "extra",
            "who": nurse.slug,
            "look": "1",
            "day": "2027-03-06",
            "starts": "10:00",
            "ends": "12:00",
        }
        return client.get(CHANGE, known | typed)

    def test_extra_hours_come_and_are_taken_back(self, desk, nurse):  # noqa: F811
        desk.post(CHANGE, sent(self.look(desk, nurse)))
        row = ExtraHours.objects.get()
        assert row.during == span(at(10, day=6), at(12, day=6))

        remove = {"kind": "remove", "who": nurse.slug, "look": "1", "what": "extra", "row": row.pk}
        page = desk.get(CHANGE, remove)
        assert "Extra hours, Sat 6 Mar 10:00 to 12:00" in text(page)
        desk.post(CHANGE, sent(page))
        assert not ExtraHours.objects.exists()

    def test_no_visit_is_said_to_be_in_the_way_of_hours_that_are_added(self, desk, nurse):  # noqa: F811
        page = self.look(desk, nurse)

        assert "in the way" not in text(page)
        assert "Add the hours" in text(page)

    def test_midnight_is_the_end_of_the_day(self, desk, nurse):  # noqa: F811
        desk.post(CHANGE, sent(self.look(desk, nurse, ends="00:00")))

        assert ExtraHours.objects.get().during.upper == at(0, day=7)

    @pytest.mark.parametrize(
        ("typed", "box", "said"),
        [
            ({"day": "2027-03-28", "starts": "01:30"}, "starts", "The clocks go forward then"),
            ({"ends": "09:00"}, "ends", "The end must be after the start"),
            ({"day": "2027-03-01", "starts": "07:00", "ends": "08:00"}, "ends", "This time has passed"),
            ({"day": ""}, "day", "Choose a day"),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_box(self, desk, nurse, typed, box, said):  # noqa: F811
        page = self.look(desk, nurse, **typed)

        assert page.status_code == 422
        assert said in page.context["form"].errors[box][0]

    def test_leave_is_planned_on_the_page_of_blocked_time_and_taken_back_here(self, desk, nurse):  # noqa: F811
        assert f"/diary/plan/?day=2027-03-01&amp;who={nurse.slug}&amp;next=" in desk.get(TIME).content.decode()
        row = TimeOff.objects.create(practitioner=nurse, during=span(at(0, day=8), at(0, day=10)), reason="Leave")

        remove = {"kind": "remove", "who": nurse.slug, "look": "1", "what": "off", "row": row.pk}
        desk.post(CHANGE, sent(desk.get(CHANGE, remove)))

        assert not TimeOff.objects.exists()

    @pytest.mark.parametrize("what", ["off", "extra", "hours"])
    def test_what_is_not_there_any_more_is_said(self, desk, nurse, what):  # noqa: F811
        page = desk.get(CHANGE, {"kind": "remove", "who": nurse.slug, "look": "1", "what": what, "row": "4711"})

        assert page.status_code == 422
        assert "not there any more" in text(page)

    def test_anothers_row_is_left_alone(self, desk, nurse):  # noqa: F811
        row = TimeOff.objects.create(practitioner=PractitionerFactory(), during=span(at(9, day=8), at(10, day=8)))

        page = desk.get(CHANGE, {"kind": "remove", "who": nurse.slug, "look": "1", "what": "off", "row": row.pk})

        assert page.status_code == 422


class TestBreaks:
    def look(self, client, who, **typed):
        known = {
            "kind": "break", "who": who, "look": "1", "weekdays": ["2", "4"], "starts": "12:00", "ends": "13:00",
            "day": "2027-03-01", "reason": "Lunch", "every": "1",
        }  # fmt: skip
        return client.get(CHANGE, known | typed)

    def test_lunch_comes_and_ends(self, desk, nurse, visit_at):  # noqa: F811
        visit = visit_at(12, 15)
        plan = self.look(desk, nurse.slug)
        assert [row.visit.pk for row in plan.context["rows"]] == [visit.pk]
        desk.post(CHANGE, sent(plan))
        rows = ",".join(map(str, RegularTimeOff.objects.values_list("pk", flat=True)))
        assert RegularTimeOff.objects.count() == 2

        end = {"kind": "end", "who": nurse.slug, "look": "1", "rows": rows, "day": "2027-03-03"}
        desk.post(CHANGE, sent(desk.get(CHANGE, end)))

        assert [(row.weekday, row.valid_until) for row in RegularTimeOff.objects.all()] == [(2, date(2027, 3, 2))]

    def test_lunch_is_changed_from_a_day_on_and_the_change_taken_back(self, desk, nurse, visit_at):  # noqa: F811
        desk.post(CHANGE, sent(self.look(desk, nurse.slug)))
        visit = visit_at(13, starts_at=at(13, 15, day=9))
        link = BeautifulSoup(desk.get(TIME, {"who": nurse.slug}).content, "html.parser").select_one(
            "a[href*='kind=changed']"
        )
        form = desk.get(link["href"]).context["form"]
        shown = {name: form[name].value() for name in ("weekdays", "starts", "ends", "reason", "every")}
        assert shown == {"weekdays": [2, 4], "starts": time(12), "ends": time(13), "reason": "Lunch", "every": 1}

        rows = {"kind": "changed", "rows": form["rows"].value(), "weekdays": ["2"], "day": "2027-03-08"}
        plan = self.look(desk, nurse.slug, **rows, starts="13:00", ends="14:00")
        assert [row.visit.pk for row in plan.context["rows"]] == [visit.pk]
        before = set(RegularTimeOff.objects.values_list("weekday", "starts_at", "valid_from", "valid_until"))
        desk.post(CHANGE, sent(plan))

        kept, changed = RegularTimeOff.objects.filter(weekday=2).order_by("valid_from")
        assert (kept.starts_at, kept.valid_until) == (time(12), date(2027, 3, 7))
        assert (changed.starts_at, changed.valid_from, changed.valid_until) == (time(13), date(2027, 3, 8), None)
        assert RegularTimeOff.objects.get(weekday=4).valid_until == date(2027, 3, 7)

        desk.post("/diary/plan/undo/", {"key": DiaryChange.objects.latest("pk").key})
        assert set(RegularTimeOff.objects.values_list("weekday", "starts_at", "valid_from", "valid_until")) == before

    def test_a_break_that_is_gone_or_anothers_is_not_changed(self, desk, nurse):  # noqa: F811
        desk.post(CHANGE, sent(self.look(desk, nurse.slug)))
        rows = ",".join(map(str, RegularTimeOff.objects.values_list("pk", flat=True)))

        for page in (
            self.look(desk, "everyone", kind="changed", rows=rows),
            self.look(desk, nurse.slug, kind="changed", rows=f"{rows},999999999"),
        ):
            assert page.status_code == 422
            assert "This is not there any more" in text(page)

    def test_the_whole_clinics_is_for_everyone(self, desk, nurse):  # noqa: F811
        desk.post(CHANGE, sent(self.look(desk, "everyone")))

        assert RegularTimeOff.objects.filter(practitioner=None).count() == 2
        assert "For everyone" in text(desk.get(TIME, {"who": nurse.slug}))

    def test_without_a_day_it_is_refused(self, desk, nurse):  # noqa: F811
        page = self.look(desk, nurse.slug, weekdays=[])

        assert page.status_code == 422
        assert "Choose at least one day" in text(page)


def test_two_locations_at_once_are_refused_by_the_page(desk, nurse):  # noqa: F811
    other = LocationFactory()
    ExtraHours.objects.create(
        practitioner=nurse, location=Location.objects.first(), during=span(at(9, day=6), at(17, day=6))
    )

    typed = {"day": "2027-03-06", "starts": "10:00", "ends": "12:00", "place": other.slug}
    page = desk.get(CHANGE, {"kind": "extra", "who": nurse.slug, "look": "1"} | typed)

    assert page.status_code == 409
    assert "extra hours at another location" in text(page)
