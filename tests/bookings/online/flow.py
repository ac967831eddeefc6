"""A small clinic on Monday 23 November 2026 at half past seven, and the steps a visitor takes."""

from __future__ import annotations

import re
from types import SimpleNamespace
from urllib.parse import urlencode

from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from tests.factories.bookings import LocationFactory, working_week
from tests.factories.clinic import AgeGatedTreatmentFactory, PractitionerFactory, TreatmentFactory

MONDAY = "2026-11-23T07:30:00Z"
TUESDAY_10_15 = "2026-11-24T10:15:00+00:00"
DETAILS = {
    "full_name": "Sam Lee",
    "email": "sam@example.com",
    "phone": "07700 900123",
    "date_of_birth_day": "27",
    "date_of_birth_month": "Mar",
    "date_of_birth_year": "1988",
    "contact_by": "both",
    "note": "",
}
BIRTHDAY = {name: DETAILS[name] for name in DETAILS if name.startswith("date_of_birth")}


def small_clinic():
    """Aisha and Tom work Monday to Friday, 9 to 5; both give the peel, only Aisha the filler (age-gated)."""
    location = LocationFactory(name="Maidstone")
    peel = TreatmentFactory(name="Gentle peel", slug="peel")
    filler = AgeGatedTreatmentFactory(name="Lip filler", slug="filler", category=peel.category)
    aisha = PractitionerFactory(name="Demo Nurse Aisha", slug="aisha", position=1, offers=[peel, filler])
    tom = PractitionerFactory(name="Demo Prescriber Tom", slug="tom", position=2, offers=[peel])
    for practitioner in (aisha, tom):
        working_week(practitioner, location)
    return SimpleNamespace(location=location, peel=peel, filler=filler, aisha=aisha, tom=tom)


def when_url(treatment="peel", who="aisha", **more):
    return "/book/when/?" + urlencode({"treatment": treatment, "with": who, **more})


def hold(client, *, at=TUESDAY_10_15, treatment="peel", who="aisha", **more):
    """Tap a time on the page of times, of the newest booking on its way if there is one; gives the answer."""
    drafts = list(client.session.get("drafts", {}).values())
    if drafts and not drafts[-1]["booked"]:
        more = {"draft": drafts[-1]["id"], **more}
    url = when_url(treatment, who, **more)
    return client.post(url, hidden(client.get(url)) | {"slot": f"{at}|{'' if who == 'any' else who}"})


def send(client, step, data, **how):
    """Open the page of a step and send its form, as a browser does."""
    page = client.get(f"/book/{step}/", follow=True)
    return client.post(f"/book/{step}/", hidden(page) | data, **how)


def give_details(client, **changes):
    return send(client, "details", DETAILS | changes)


def confirm(client):
    return send(client, "check", {"accept_terms": "on"})


def book(client, **how) -> Appointment:
    """The whole flow; gives the visit."""
    hold(client, **how)
    give_details(client)
    confirm(client)
    return Appointment.objects.get(status=Status.BOOKED)


def hidden(response) -> dict[str, str]:
    """What the forms of a page hand on without showing it: which version, offer or price they were made for."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', response.content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def text(response) -> str:
    return " ".join(response.content.decode().split())
