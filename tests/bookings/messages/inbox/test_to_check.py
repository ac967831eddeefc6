"""Failed and doubtful messages, and who has dealt with them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.urls import reverse

from bookings.messages.delivery import views_health as health_view
from bookings.messages.delivery.delivery_reports import record
from bookings.messages.models import Message
from bookings.messages.planning import visit_messages
from clinic.sending.outcomes import Fate, Report
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 21, 9, 10, tzinfo=UTC)  # ten past ten on the clinic's clock
LIST = "/diary/messages/?tab=check"


@pytest.fixture(autouse=True)
def _still():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def mary():
    return StaffFactory(role="desk", name="Mary Webb")


@pytest.fixture
def desk(client, mary):
    client.force_login(mary)
    return client


@pytest.fixture
def failed():
    visit = AppointmentFactory(
        patient=PatientFactory(full_name="Jo Whitfield", email="jo@example.com"), starts_at=NOW + timedelta(days=3)
    )
    [row] = visit_messages.plan_booked(visit, NOW, rules=[])
    Message.objects.filter(pk=row.pk).update(state="failed", error="550 no such mailbox", attempts=1)
    row.refresh_from_db()
    return row


def act(client, name, message, **values):
    return client.post(reverse(f"bookings:{name}", args=[message.pk]), values)


def settle(client, message):
    return act(client, "message_settle", message)


def shown(client, url):
    return " ".join(client.get(url).content.decode().split())


def page(client, message):
    return shown(client, reverse("bookings:message", args=[message.pk]))


def without_gaps(html):
    """Without the spaces beside its tags."""
    return re.sub(r" ?(<[^>]*>) ?", r"\1", html)


def listed(client):
    return [row.pk for row in client.get(LIST).context["page"]]


def test_what_is_dealt_with_leaves_the_list_and_says_who_and_when(desk, failed, mary):
    assert ">Dealt with</button>" in page(desk, failed)

    response = settle(desk, failed)

    assert response["Location"] == LIST
    told = desk.get(LIST)
    assert (list(told.context["page"]), told.context["to_check"]) == ([], 0)
    assert "Confirmation to Jo Whitfield: dealt with." in told.content.decode()
    now = page(desk, failed)
    assert "Dealt with by Mary Webb, Tuesday 21 July 2026, 10:10" in now
    assert ">Dealt with</button>" not in now
    assert ">Send again</button>" not in now
    assert "Dealt with by Mary Webb, 21 Jul, 10:10" in shown(
        desk, reverse("bookings:diary_visit", args=[failed.appointment.reference])
    )
    failed.refresh_from_db()
    assert (failed.state, failed.settled_by) == ("failed", mary)


def test_each_way_back_leads_to_the_list_as_it_was_searched(desk, failed):
    searched = f"{LIST}&q=jo&page=1"
    link = BeautifulSoup(desk.get(searched).content, "html.parser").select_one("tbody a")["href"]
    message = BeautifulSoup(desk.get(link).content, "html.parser")
    assert message.select_one("a.back")["href"] == searched
    form = message.select_one("form[action$='/settle/']")
    sent = {box["name"]: box["value"] for box in form.select("input[name]")}

    assert desk.post(form["action"], sent)["Location"] == searched
    notice = desk.get(searched).context["notice"]
    assert desk.post(notice["action"], notice["fields"])["Location"] == searched
    again = desk.post(reverse("bookings:message_again", args=[failed.pk]), {"next": searched})
    assert BeautifulSoup(desk.get(again["Location"]).content, "html.parser").select_one("a.back")["href"] == searched


def test_no_way_back_leads_out_of_the_messages(desk, failed):
    assert act(desk, "message_settle", failed, next="https://example.com/")["Location"] == LIST


def test_it_is_put_back_by_undo_or_from_its_page(desk, failed):
    settle(desk, failed)
    notice = desk.get(LIST).context["notice"]
    assert desk.post(notice["action"], notice["fields"])["Location"] == LIST
    assert listed(desk) == [failed.pk]

    settle(desk, failed)
    assert act(desk, "message_put_back", failed)["Location"] == reverse("bookings:message", args=[failed.pk])
    assert listed(desk) == [failed.pk]
    assert "Send again" in page(desk, failed)
    failed.refresh_from_db()
    assert (failed.settled_at, failed.settled_by) == (None, None)


def test_every_time_is_kept_with_who_did_it(desk, failed, mary, client):
    settle(desk, failed)
    act(desk, "message_put_back", failed)

    kept = failed.settlements.order_by("pgh_id")

    assert [(one.settled_at, one.settled_by) for one in kept] == [(NOW, mary), (None, None)]
    assert {one.pgh_context.metadata["user"] for one in kept} == {mary.pk}


def test_the_first_to_deal_with_it_stays(desk, failed, mary):
    settle(desk, failed)
    desk.force_login(StaffFactory(role="owner"))
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert settle(desk, failed).status_code == 302

    failed.refresh_from_db()
    assert (failed.settled_at, failed.settled_by) == (NOW, mary)


@pytest.mark.parametrize("change", [{"state": "sent", "sent_at": NOW}, {"state": "planned"}, {"state": "withdrawn"}])
def test_there_is_nothing_to_deal_with_in_what_went_well(desk, failed, change):
    Message.objects.filter(pk=failed.pk).update(**change)

    assert ">Dealt with</button>" not in page(desk, failed)
    refused = settle(desk, failed)
    assert refused.status_code == 409
    assert "There is nothing to deal with" in refused.content.decode()
    failed.refresh_from_db()
    assert failed.settled_at is None


def test_sending_it_again_deals_with_it(desk, failed, mary):
    act(desk, "message_again", failed)

    assert listed(desk) == []
    failed.refresh_from_db()
    assert failed.settled_by == mary
    assert act(desk, "message_put_back", failed).status_code == 302
    assert "sent again already" in act(desk, "message_again", failed).content.decode()


def test_what_a_colleague_has_dealt_with_is_not_sent_again(desk, failed):
    settle(desk, failed)

    refused = act(desk, "message_again", failed)

    assert refused.status_code == 409
    assert "put it back on the list first" in refused.content.decode()
    assert Message.objects.count() == 1


def test_a_refused_second_sending_leaves_it_on_the_list(desk, failed):
    Message.objects.filter(pk=failed.pk).update(state="unknown", channel="sms")

    assert act(desk, "message_again", failed).status_code == 409

    assert listed(desk) == [failed.pk]


@pytest.mark.parametrize(("fate", "state"), [(Fate.DELIVERED, "sent"), (Fate.FAILED, "failed")])
def test_a_late_report_says_what_became_of_it_and_no_more(desk, failed, mary, fate, state):
    Message.objects.filter(pk=failed.pk).update(state="unknown", channel="sms", provider_id="SM1")
    settle(desk, failed)

    record(Report(fate=fate, words="late", provider_id="SM1"), channel="sms", now=NOW + timedelta(hours=2))

    failed.refresh_from_db()
    assert (failed.state, failed.report) == (state, "late")
    assert (failed.settled_at, failed.settled_by) == (NOW, mary)
    assert (failed.settlements.count(), listed(desk)) == (1, [])


def test_monitors_count_what_nobody_has_dealt_with(desk, failed, rf, monkeypatch):
    monkeypatch.setattr(health_view.health, "broker", lambda: health_view.health.OK)
    assert health_view._message_loop()["to_check"] == 1
    settle(desk, failed)

    part = health_view._message_loop()

    assert (part["to_check"], part["failed_last_day"]) == (0, 1)
    assert "clinic_messages_to_check 0.0" in desk.get("/metrics").content.decode()


def test_who_has_left_leaves_it_dealt_with(desk, failed, mary):
    settle(desk, failed)
    mary.delete()
    desk.force_login(StaffFactory(role="desk"))

    assert "Dealt with, Tuesday 21 July 2026, 10:10" in page(desk, failed)
    assert listed(desk) == []


@pytest.mark.parametrize("name", ["message_settle", "message_put_back"])
def test_only_diary_staff_may_and_a_look_changes_nothing(client, failed, name):
    assert act(client, name, failed).status_code == 302
    for user in (UserFactory(), StaffFactory(role="editor")):
        client.force_login(user)
        assert act(client, name, failed).status_code == 403
    client.force_login(StaffFactory(role="desk"))
    assert client.get(reverse(f"bookings:{name}", args=[failed.pk])).status_code == 405
    failed.refresh_from_db()
    assert failed.settled_at is None


def test_when_it_arrived_is_told_on_the_clinics_clock(desk, failed):
    Message.objects.filter(pk=failed.pk).update(
        state="sent",
        sent_at=datetime(2026, 7, 21, 13, 1, tzinfo=UTC),
        delivered_at=datetime(2026, 7, 21, 13, 2, 5, tzinfo=UTC),
        report="delivered: 250 OK <queued>",
        error="",
    )

    letter = without_gaps(page(desk, failed))
    visit = without_gaps(shown(desk, reverse("bookings:diary_visit", args=[failed.appointment.reference])))

    assert "<dt>Delivered</dt><dd>Tuesday 21 July 2026, 14:02:05</dd>" in letter
    assert "<dt>Provider’s report</dt><dd>delivered: 250 OK &lt;queued&gt;</dd>" in letter
    assert "Sent 14:01</span>" in visit
    assert "Delivered 14:02</span>" in visit


def test_what_arrived_on_another_day_says_which(desk, failed):
    Message.objects.filter(pk=failed.pk).update(state="sent", sent_at=NOW, delivered_at=NOW + timedelta(days=1))

    visit = without_gaps(shown(desk, reverse("bookings:diary_visit", args=[failed.appointment.reference])))

    assert "Delivered 22 Jul, 10:10</span>" in visit


@pytest.mark.parametrize("number", [1, 3])
def test_the_visit_takes_the_same_statements_however_many_are_dealt_with(
    desk, failed, number, django_assert_max_num_queries
):
    for one in range(number):
        Message.objects.create(
            key=f"test:{one}",
            kind="reminder",
            channel="email",
            appointment=failed.appointment,
            recipient="jo@example.com",
            due_at=NOW,
            expires_at=NOW + timedelta(days=1),
            state="failed",
            settled_at=NOW,
            settled_by=StaffFactory(),
        )
    url = reverse("bookings:diary_visit", args=[failed.appointment.reference])
    desk.get(url)

    with django_assert_max_num_queries(12) as counted:
        desk.get(url)
    assert sum("bookings_message" in query["sql"] for query in counted.captured_queries) == 1
