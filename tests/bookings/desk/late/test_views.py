"""From the bar of now and next: look at what would be said, one tap sends it, Undo takes it back."""

import re
from datetime import timedelta

import pytest
from django.utils.html import strip_tags

from bookings.messages.delivery.loop import run_once
from bookings.messages.models import Message
from bookings.messages.planning.lateness import HELD
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.sending.outcomes import Sent
from tests.bookings.desk.late.conftest import NOW
from tests.bookings.moments import at
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, StaffFactory

pytestmark = pytest.mark.django_db
DAY, LATE = "/diary/?day=2027-03-02", "/diary/late/"


def text(page):
    return " ".join(strip_tags(page.content.decode()).split())


def shown(page):
    """What the page of those who wait would send."""
    found = re.findall(r'name="tell"\s+value="([^"]+)"\s+checked', page.content.decode())
    return {"tell": found, "next": DAY}


def tell_link(page):
    found = re.search(rf'href="({LATE}[^"]+)"', page.content.decode())
    return found and found[1].replace("&amp;", "&")


def test_the_bar_leads_to_what_would_be_said_and_one_tap_sends_it(desk, nurse, over, come):
    come("Rowan Hale", "Ada Lane")
    page = desk.get(DAY)
    assert "12 min late: the 16:30 and 17:00 start later Tell the two" in text(page)

    look = desk.get(tell_link(page))
    assert "we are running about 12 minutes late. Your visit starts at about 5:12pm." in text(look)
    assert f"{nurse.name} runs late" in text(look)
    assert not Message.objects.filter(kind="late").exists()

    told = desk.post(LATE, {"with": nurse.slug, **shown(look)}, follow=True)
    assert told.redirect_chain == [(DAY, 302)]
    assert "R. Hale and A. Lane are told at 16:33 that we run late." in text(told)
    assert "start later told" in text(told)
    assert tell_link(told) is None
    assert {m.due_at for m in Message.objects.filter(kind="late")} == {NOW + HELD}


def test_undo_sends_nothing_and_what_has_gone_is_said(desk, nurse, over, come):
    come("Rowan Hale", "Ada Lane")
    sent = {"with": nurse.slug, **shown(desk.get(LATE, {"with": nurse.slug}))}
    desk.post(LATE, sent)
    notice = desk.get(DAY).context["notice"]

    undone = desk.post(notice["action"], notice["fields"], follow=True)
    assert "Nobody is told: nothing was sent." in text(undone)
    assert "Tell the two" in text(undone)

    # Whichever was written first: they are named in the order of their visits.
    desk.post(LATE, {**sent, "tell": sent["tell"][::-1]})
    notice = desk.get(DAY).context["notice"]
    run_once(now=NOW + HELD, send=lambda message, now: Sent(subject="", text="late"))
    assert "R. Hale and A. Lane had been told already." in text(
        desk.post(notice["action"], notice["fields"], follow=True)
    )
    assert desk.post(f"{LATE}undo/", {"messages": "nonsense,\0"}).status_code == 302


def test_one_is_named_and_whom_no_message_reaches_is_to_be_rung(desk, nurse, over, come):
    come("Rowan Hale", email="", phone="01622 555 123")
    page = desk.get(DAY)
    assert "starts later Ring R. Hale" in text(page)

    look = desk.get(tell_link(page))
    assert "Nothing can be sent to them. Ring 01622 555123." in text(look)
    assert shown(look)["tell"] == []
    assert "Tell them" not in text(look)


def test_whoever_is_here_is_not_written_to(desk, nurse, over, come):
    (visit,) = come("Rowan Hale")
    Appointment.objects.filter(pk=visit.pk).update(status=Status.ARRIVED, arrived_at=at(16, 25))

    assert tell_link(desk.get(DAY)) is None
    assert "Is here: please tell them yourself." in text(desk.get(LATE, {"with": nurse.slug}))


def test_on_time_there_is_nothing_to_say(desk, nurse):
    assert tell_link(desk.get(DAY)) is None
    assert "Nobody has to wait just now" in text(desk.get(LATE, {"with": nurse.slug}))


def test_a_delay_that_changed_meanwhile_is_shown_anew(desk, nurse, over, come):
    come("Rowan Hale", "Ada Lane")
    sent = {"with": nurse.slug, **shown(desk.get(LATE, {"with": nurse.slug}))}
    Appointment.objects.filter(pk=over.pk).update(status=Status.COMPLETED)

    answer = desk.post(LATE, sent)

    assert answer.status_code == 409
    assert "The delay has changed meanwhile." in text(answer)
    assert not Message.objects.filter(kind="late").exists()


@pytest.mark.parametrize("tell", [[], ["nonsense"], ["ABC|yesterday"], ["ABC|2027-03-02T17:12:00"], ["\0|\0"]])
def test_what_cannot_be_read_sends_nothing(desk, nurse, over, come, tell):
    come("Rowan Hale")

    assert desk.post(LATE, {"with": nurse.slug, "tell": tell}).status_code == 409
    assert not Message.objects.filter(kind="late").exists()


def test_the_day_takes_as_many_statements_when_someone_is_late(desk, nurse, over, come, django_assert_num_queries):
    come("Rowan Hale", "Ada Lane")
    AppointmentFactory(practitioner=nurse, starts_at=at(9), patient=PatientFactory())
    desk.get(DAY)

    with django_assert_num_queries(8):
        desk.get(DAY)


def test_others_may_not(client, nurse, time_machine):
    time_machine.move_to(NOW + timedelta(minutes=1), tick=False)
    assert client.get(LATE, {"with": nurse.slug}).status_code == 302
    client.force_login(StaffFactory(role="editor"))
    assert client.post(LATE, {"with": nurse.slug}).status_code == 403
