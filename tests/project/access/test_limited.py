"""A record of limited use is on no page of the desk and of those who treat its patient: each address is opened."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bookings.desk.feeds import feed_links
from bookings.desk.sheet import sheet_files
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment, BookingSettings
from clinic.core import clock
from clinic.privacy.models import LimitedRecord
from tests.factories.content import make_site
from tests.project.access.people import PEOPLE
from tests.project.access.routes import routes
from tests.project.access.rules import RULES
from tests.project.access.test_matrix import PART
from tests.project.access.world import Side

MARK = "Limzq"
OF_THE_PATIENT = (
    f"mailbox-{MARK}", "07700 900101", "7700900101", f"Need{MARK}", f"Visitnote{MARK}", f"Staffnote{MARK}", f"Wish{MARK}",
    f"Subject{MARK}", f"Body{MARK}", f"Asked{MARK}", f"account-{MARK}", f"Account{MARK}", f"Told{MARK}", f"helper-{MARK}",
)  # fmt: skip
NAME = (f"Name{MARK}",)
ASKED = {
    "/diary/": ("?day={day}", "?day={day}&view=list&cancelled=1", "?day={day}&view=week", "?day={day}&view=rooms"),
    "/diary/book/": ("?patient={patient}", "?with={with_}&at={at}&day={day}", "?follows={visit}"),
    "/diary/late/": ("?with={with_}",),
    "/diary/lately/": ("?day={day}",),
    "/diary/line/": ("?q={visit}", "?q={patient}", "?q=Name" + MARK),
    "/diary/messages/": ("?tab=all", "?tab=check", "?q={visit}", "?q=Name" + MARK),
    "/diary/patients/": ("?q=Name" + MARK, "?q=07700900101", "?q={visit}"),
    "/diary/plan/": ("?who={with_}&day={day}&until={day}&look=1",),
    "/diary/sheet/": ("?day={day}",),
    "/diary/sheet/offline/": ("?day={day}",),
    "/diary/sheet/type/": ("?day={day}",),
    "/diary/waiting/offer/": ("?with={with_}&at={at}",),
}
# their own, by a link
BY_LINK = ("/visit/", "/waiting/", "/my/", "/api/", "/not-me/", "/helping/", "/unsubscribe", "/preferences")
EACH = ["desk", pytest.param("practitioner", marks=pytest.mark.proof)]  # who sees the less
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache_of_this_test")]


@pytest.fixture(autouse=True)
def _as_in_production(settings, tmp_path):
    settings.COPIES_DIR, settings.SHEETS_DIR = tmp_path / "copies", tmp_path / "sheets"
    settings.STAFF_SECOND_FACTOR = True
    settings.RATE_LIMITS = False


@pytest.fixture
def kept():
    """Erased after their last visit, and kept: nobody comes any more."""
    side = Side(MARK, 1)
    now = clock.now()
    before = (now - timedelta(hours=26)).replace(minute=0, second=0, microsecond=0)
    during = span(before, before + timedelta(hours=1))
    Appointment.objects.filter(pk=side.visit.pk).update(during=during, occupied=during, status="no_show")
    side.visit.refresh_from_db()
    LimitedRecord.objects.create(patient=side.patient, since=now, until=clock.today(now) + timedelta(days=2000))
    return side


@pytest.fixture
def limited():
    """Asked that their data be used for less, and still comes."""
    side = Side(MARK, 1)
    LimitedRecord.objects.create(patient=side.patient, since=clock.now() - timedelta(days=1))
    return side


@pytest.mark.parametrize("who", EACH)
def test_nothing_of_a_kept_record_is_shown(who, kept):
    assert leaks(kept, who, (*OF_THE_PATIENT, *NAME)) == []


@pytest.mark.parametrize("who", EACH)
def test_of_one_who_still_comes_nothing_but_the_name_is_shown(who, limited):
    assert leaks(limited, who, OF_THE_PATIENT) == []

    client, day = PEOPLE[who](limited), clock.today(limited.visit.starts_at)
    assert (
        NAME[0] in client.get(f"/diary/?day={day}&view=list").text or "N. Lee" in client.get(f"/diary/?day={day}").text
    )
    page = client.get(f"/diary/visits/{limited.visit.reference}/").text
    assert "limited use" in page
    assert client.post(f"/diary/visits/{limited.visit.reference}/cancel/").status_code == 404


def test_an_owner_sees_it_with_the_reason(limited):
    page = PEOPLE["owner"](limited).get(f"/diary/patients/{limited.patient.reference}/").text

    assert NAME[0] in page
    assert "asked that we use it for less" in page


@pytest.mark.parametrize("what", ["kept", "limited"])
def test_neither_files_nor_feeds_nor_programs_have_it(what, request):
    side = request.getfixturevalue(what)
    BookingSettings(pk=1, writes_day_sheets=True, feeds_may_name_patients=True).save()
    feed = feed_links.make(practitioner=side.practitioner, name="Names", detail="names", by=side.nurse, now=clock.now())
    day = clock.today(side.visit.starts_at)
    client = PEOPLE["anonymous"](side)

    told = client.get(f"/calendar/{feed.link_token}.ics").text
    told += client.get(f"/api/v1/diary?day={day}", headers={"Authorization": f"Bearer {side.key_secret}"}).text
    paper = sheet_files.write(day, clock.now()).read_text()

    assert side.visit.reference in told
    assert [word for word in (*OF_THE_PATIENT, *NAME) if word in told] == []
    assert [word for word in OF_THE_PATIENT if word in paper] == []


def leaks(side, who, words):
    """Each address and the word of the patient that its page holds, for one who is no owner."""
    make_site()
    client, found, pages = PEOPLE[who](side), [], 0
    at = side.visit.starts_at
    facts = {
        "day": clock.today(at), "visit": side.visit.reference, "at": at.isoformat().replace("+", "%2B"),
        "with_": side.practitioner.slug, "patient": side.patient.reference,
    }  # fmt: skip
    for route in routes():
        is_named = "<" in route or "(" in route
        if route.startswith(BY_LINK) or (is_named and route not in RULES):
            continue
        address = _address(route, side) if is_named else route
        for asked in ("", *ASKED.get(route, ())):
            answer = client.get(address + asked.format(**facts))
            assert answer.status_code < 500 or route == "/readyz", address
            text = b"".join(answer).decode(errors="replace")
            pages += answer.status_code == 200
            typed = asked.removeprefix("?q=") if asked.startswith("?q=") else ""
            text = text.replace(typed, "") if typed else text
            found += [(address + asked, word) for word in words if word in text]
    assert pages > 50
    return found


def _address(route, side):
    parts = {name: str(value) for name, value in RULES[route].parts(side).items()}
    return PART.sub(lambda part: parts[part["name"]], route)
