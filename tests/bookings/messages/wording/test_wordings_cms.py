"""The owner writes words of her own in the CMS, and sees them on a real visit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from wagtail.models import Site

from bookings.messages.models import Wording
from bookings.messages.wording.owner_words import built_in
from clinic.core import clock
from tests.bookings.online.flow import text
from tests.factories.bookings import AppointmentFactory, WordingFactory
from tests.factories.clinic import TreatmentFactory
from tests.factories.content import make_staff

pytestmark = pytest.mark.django_db
LIST = "/cms/snippets/bookings/wording/"
ADD = f"{LIST}add/"
PREVIEW = f"{LIST}preview/"
MAIL = {
    "kind": "reminder", "channel": "email", "variant": "A", "name": "Ours", "subject": "Your visit on {{day}}",
    "body": "Hello {{first_name}}, see you at {{time}}.", "is_active": "on",
}  # fmt: skip
SMS = MAIL | {"channel": "sms", "subject": "", "body": "{{clinic}}: {{when}}. {{link}}"}


@pytest.fixture(autouse=True)
def site():
    assert Site.objects.exists()


def signed_in(role):
    client = Client()
    client.force_login(make_staff(role))
    return client


@pytest.fixture
def owner():
    return signed_in("owner")


class TestWriting:
    def test_the_owner_writes_and_changes(self, owner):
        assert owner.post(ADD, MAIL).status_code == 302
        own = Wording.objects.get()
        assert own.body == MAIL["body"]

        owner.post(f"{LIST}edit/{own.pk}/", MAIL | {"body": "Other words."})
        own.refresh_from_db()
        assert own.body == "Other words."
        assert "Ours" in text(owner.get(LIST))

    @pytest.mark.parametrize("role", ["editor", "desk", "practitioner"])
    def test_nobody_else_does(self, role):
        client = signed_in(role)

        client.post(ADD, MAIL)

        assert not Wording.objects.exists()
        assert "Own words" not in text(client.get("/cms/", follow=True))

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"body": "Hello {{frist_name}}"}, "Did you mean {{first_name}}?"),
            ({"body": "Your lip filler is tomorrow"}, "is a treatment"),
            ({"body": "Only £60 today"}, "names an amount"),
            ({"subject": ""}, "Write a subject"),
            ({"subject": "{{when}} " * 12}, "the subject is over 200 characters"),
            ({"subject": "{{first_name}}"}, "Nothing is left of the subject"),
            ({"kind": "moved", "variant": "B"}, "Only reminders can have two wordings"),
            ({"kind": "confirmation", "channel": "sms", "subject": ""}, "A confirmation goes out by email only"),
            ({"kind": "review", "asks_to_confirm": "on"}, "Only a reminder can ask"),
            ({"body": ""}, "This field is required"),
        ],
    )
    def test_what_cannot_be_sent_cannot_be_saved_and_what_was_typed_stays(self, owner, wrong, words):
        TreatmentFactory(name="Lip filler")

        page = text(owner.post(ADD, MAIL | wrong))

        assert words.replace("'", "&#x27;") in page
        assert (MAIL | wrong)["body"][:8] in page
        assert not Wording.objects.exists()

    def test_a_text_message_that_takes_three_is_refused(self, owner):
        page = text(owner.post(ADD, SMS | {"body": SMS["body"] + " Please" * 45}))

        assert "3 text messages. Keep it to 2." in page

    def test_a_second_row_for_the_same_message_is_refused(self, owner):
        WordingFactory()

        assert "There are words for this message already" in text(owner.post(ADD, MAIL))

    @pytest.mark.parametrize("of", built_in(), ids=lambda of: ":".join(map(str, of)))
    def test_begins_with_the_words_of_today(self, owner, of):
        kind, channel, asks = of

        page = text(owner.get(ADD, {"kind": kind, "channel": channel} | ({"asks": ""} if asks else {})))

        assert built_in()[of][1].splitlines()[0] in page
        assert f'<option value="{kind}" selected>' in page

    def test_the_second_of_a_reminder_begins_as_b(self, owner):
        WordingFactory()

        assert '<option value="B" selected>' in text(owner.get(ADD, {"kind": "reminder", "channel": "email"}))


class TestPreview:
    def shown(self, owner, data):
        """As the editor's preview panel does: post the form, then show it."""
        assert owner.post(PREVIEW, data).json()["is_valid"]
        return text(owner.get(PREVIEW, {"in_preview_panel": "true"}))

    def test_shows_the_next_visit_and_a_link_that_opens_nothing(self, owner):
        visit = AppointmentFactory(starts_at=clock.now() + timedelta(days=2), patient__full_name="Sam Lee")

        page = self.shown(owner, MAIL)

        assert f"{visit.reference}, the next in the diary" in page
        assert "Hello Sam, see you at" in page
        assert visit.reference in page
        assert visit.link_token not in page
        visit.refresh_from_db()
        assert visit.link_token

    @pytest.mark.parametrize("wanted", ["large_print", "text_only"])
    def test_shows_it_as_most_get_it(self, owner, wanted):
        at = clock.now() + timedelta(days=2)
        AppointmentFactory(starts_at=at, status="confirmed", patient__letter_format=wanted)

        page = self.shown(owner, MAIL | {"asks_to_confirm": "on"})

        assert "Confirm your visit" in page
        assert "24px !important" not in page

    def test_with_an_empty_diary_shows_one_made_up_and_says_so(self, owner):
        page = self.shown(owner, MAIL)

        assert "made up, as nothing is in the diary" in page
        assert "Hello Alexandria" in page

    def test_counts_what_a_text_message_takes(self, owner):
        page = self.shown(owner, SMS)

        assert "characters: 1 text message" in page
        assert "Juvenology Clinic: Wednesday 2" in page

    def test_the_editor_may_frame_it_and_nobody_else(self, owner):
        owner.post(PREVIEW, MAIL)

        headers = owner.get(PREVIEW, {"in_preview_panel": "true"}).headers

        assert headers["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]

    def test_a_wording_that_cannot_be_saved_has_none(self, owner):
        assert not owner.post(PREVIEW, MAIL | {"body": "Hello {{nobody}}"}).json()["is_valid"]

    def test_what_is_typed_is_never_markup(self, owner):
        assert "&amp;lt;b&amp;gt;" in self.shown(owner, MAIL | {"body": "<b>Hello</b>"})
