from __future__ import annotations

import html
import re

import pytest
from django.conf import settings
from django.core import mail as django_mail

from bookings.messages.channels.email import render
from bookings.messages.sender import send_message
from bookings.visits.models.statuses import Status
from clinic.core.formats import clock_time
from clinic.core.models import ClinicSettings
from clinic.patients.models import Patient
from clinic.sending.outcomes import Refused
from tests.bookings.messages.channels.conftest import NEVER, NOW, VISIT, message
from tests.factories.bookings import AppointmentFactory

pytestmark = pytest.mark.django_db
MAILS = ("confirmation", "moved", "cancelled", "reminder", "links")

NEVER_AT_ALL = re.compile(r"botox|injection|offer|discount|book again|injector", re.IGNORECASE)


def words(text):
    return re.sub(r"\s+", " ", text).strip()


def from_html(body):
    body = re.sub(r"(?s)<head>.*?</head>|<!--.*?-->", "", body)
    hrefs = re.findall(r'href="(https?:[^"]+)"', body)
    return words(html.unescape(re.sub(r"<[^>]+>", " ", body))), hrefs


@pytest.mark.parametrize("kind", MAILS)
def test_mails_are_neutral(kind, visit, clinic):
    letter = render(message(visit, kind), clinic, NOW)

    never = NEVER_AT_ALL if kind == "confirmation" else NEVER  # it says what is to be paid: see test_agreement
    for text in (letter.subject, letter.text, letter.html.split("</style>")[-1]):
        assert not never.search(re.sub(r'style="[^"]*"|/visit/\S+', "", text))
    assert "Tuesday 24 November 2026, 10:15am (UK time)" in letter.text
    assert len(letter.html.encode()) <= 10_000
    assert max(len(line) for line in letter.text.splitlines()) < 998


@pytest.mark.parametrize("kind", MAILS)
def test_text_and_html_say_the_same(kind, visit, clinic):
    letter = render(message(visit, kind), clinic, NOW)
    plain, hrefs = from_html(letter.html)

    for sentence in re.split(r"\n+", letter.text):
        for piece in re.split(r"(?:When|Where|With|Reference): |, (?=Maidstone|1 Example)", words(sentence)):
            if piece and not piece.startswith("http"):
                assert piece.strip(" ,").removesuffix(":") in plain
    assert re.findall(r"http\S+", letter.text) == hrefs


@pytest.mark.parametrize("kind", ["confirmation", "moved", "reminder"])
def test_mails_carry_the_link_place_and_reference(kind, visit, clinic):
    letter = render(message(visit, kind), clinic, NOW)

    assert f"{settings.SITE_URL}/visit/{visit.link_token}/" in letter.text
    for fact in (visit.reference, "1 Example Street", visit.practitioner.name, "Hello Amara,", "01632 960123"):
        assert fact in letter.text


@pytest.mark.parametrize("name", ["www.example.com", "http://x.example", "<b>Sam</b>", "A" * 60, ""])
def test_a_name_is_no_place_for_a_link(name, visit, clinic):
    visit.patient.full_name = name

    letter = render(message(visit, "confirmation"), clinic, NOW)

    assert "\nHello,\n" in letter.text


def test_a_mail_is_sent_with_its_calendar_and_kept_without_the_links_secret(visit):
    row = message(visit, "confirmation")

    sent = send_message(row, NOW)

    [mail] = django_mail.outbox
    assert (mail.to, mail.reply_to) == ([visit.patient.email], ["hello@example.com"])
    assert mail.subject == sent.subject == "Your visit on Tuesday 24 November, 10:15am"
    assert mail.extra_headers["Message-ID"] == f"<{row.pk}@testserver>"
    [part] = [part for part in mail.message().walk() if part.get_content_type() == "text/calendar"]
    assert (part.get_param("method"), part.get_param("charset")) == ("REQUEST", "utf-8")
    assert b"UID:" + visit.reference.encode() in part.get_payload(decode=True)
    assert visit.link_token in mail.body
    assert visit.link_token not in sent.text


def test_links_lists_each_coming_visit_of_the_address(visit, clinic):
    other = AppointmentFactory(starts_at=VISIT.replace(day=25), patient=visit.patient)
    AppointmentFactory(
        starts_at=VISIT.replace(day=26), patient=visit.patient, status=Status.CANCELLED, cancelled_at=NOW
    )

    letter = render(message(visit, "links"), clinic, NOW)

    assert re.findall(r"/visit/(\S+)/", letter.text) == [visit.link_token, other.link_token]


def test_a_kind_without_words_is_refused(visit, clinic):
    with pytest.raises(Refused):
        render(message(visit, "offer"), clinic, NOW)


@pytest.mark.parametrize(
    ("hour", "minute", "said"), [(9, 0, "9am"), (12, 0, "midday"), (12, 30, "12:30pm"), (16, 15, "4:15pm")]
)
def test_hours_are_said_as_people_say_them(hour, minute, said):
    assert clock_time(VISIT.replace(hour=hour, minute=minute)) == said


class TestFormats:
    def sent(self, visit, wanted):
        visit.patient.letter_format = wanted
        visit.patient.save()
        send_message(message(visit, "reminder"), NOW)
        return django_mail.outbox[-1]

    def test_words_only_have_no_other_part(self, visit):
        letter = self.sent(visit, Patient.LetterFormat.TEXT_ONLY)

        assert letter.alternatives == []
        assert "24 November" in letter.body

    def test_large_print_is_at_least_sixteen_points_throughout(self, visit):
        """UKAAF (2012), Creating clear print and large print documents: 16 to 18 points and more; 16 points are 21.3 px."""
        letter = self.sent(visit, Patient.LetterFormat.LARGE_PRINT)

        ((content, _type),) = letter.alternatives
        assert ".page, .page * { font-size: 24px !important" in content

    def test_the_usual_one_has_both_parts_and_no_large_print(self, visit):
        letter = self.sent(visit, Patient.LetterFormat.STANDARD)

        ((content, _type),) = letter.alternatives
        assert "24px !important" not in content

    def test_the_links_of_all_visits_too(self, visit):
        visit.patient.letter_format = Patient.LetterFormat.TEXT_ONLY
        visit.patient.save()

        assert render(message(visit, "links"), ClinicSettings.load(), NOW).html == ""


@pytest.mark.parametrize("kind", ["confirmation", "moved", "cancelled", "reminder", "follow_up", "review", "recall"])
@pytest.mark.parametrize(
    ("name", "greeting"),
    [("Mrs", "Hello,"), ("Mrs Lee", "Hello,"), ("J Lee", "Hello,"), ("Mrs Anna Lee", "Hello Anna,")],
)
def test_f28_every_letter_greets_with_a_first_name_or_none(visit, kind, name, greeting):
    visit.patient.full_name = name
    letter = render(message(visit, kind), ClinicSettings.load(), NOW)
    assert f"\n{greeting}\n" in letter.text
    assert f">{greeting}<" in letter.html
