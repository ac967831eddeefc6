from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from wagtail.models import Site

from bookings.messages.models import MessageRule
from bookings.messages.planning import aftercare, invitations
from clinic.patients.models import Patient
from tests.bookings.online.flow import hidden, text
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, TreatmentFactory
from tests.factories.content import make_staff

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)


@pytest.fixture
def patient():
    return PatientFactory(marketing_opted_in_at=NOW, email="sam@example.com", contact_by="both")


@pytest.fixture
def strict():
    """A mail program: no cookie, and it has never seen a page of ours."""
    return Client(enforce_csrf_checks=True)


def address(patient, page="unsubscribe"):
    return f"/{page}/{invitations.token_of(patient)}/"


def opted_in():
    return Patient.objects.get().marketing_opted_in_at is not None


class TestUnsubscribe:
    @pytest.mark.parametrize("method", ["get", "head"])
    def test_looking_changes_nothing(self, client, patient, method):
        assert getattr(client, method)(address(patient)).status_code == 200
        assert opted_in()

    def test_shows_one_button_and_no_address(self, client, patient):
        page = text(client.get(address(patient)))

        assert "Stop these emails" in page
        assert "sam@" not in page
        assert patient.full_name not in page

    def test_one_click_of_a_mail_program_stops_them(self, strict, patient):
        """RFC 8058 §3.1: a POST with this body, without cookies, and answered without a redirect."""
        response = strict.post(address(patient), {"List-Unsubscribe": "One-Click"})

        assert response.status_code == 200
        assert not opted_in()

    def test_a_form_posted_from_a_page_that_tells_nobody_its_address(self, strict, patient):
        response = strict.post(address(patient), headers={"origin": "null"})

        assert "You will get no more invitations" in text(response)
        assert not opted_in()

    def test_twice_is_once(self, client, patient):
        client.post(address(patient))

        assert client.post(address(patient)).status_code == 200
        assert "You will get no more invitations" in text(client.get(address(patient)))

    def test_withdraws_what_is_planned(self, client, patient):
        MessageRule.objects.filter(kind="recall").update(is_active=True)
        visit = AppointmentFactory(patient=patient, status="completed", starts_at=NOW)
        aftercare.plan_completed(visit, NOW)
        client.post(address(patient))

        assert visit.messages.get(kind="recall").state == "withdrawn"
        assert visit.messages.get(kind="follow_up").state == "planned"

    def test_is_noted_in_the_history_of_the_record(self, client, patient):
        client.post(address(patient))

        assert [row.marketing_opted_in_at for row in patient.events.order_by("pgh_id")] == [NOW, None]

    def test_tells_the_address_to_nobody(self, client, patient):
        response = client.get(address(patient))

        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in response.headers["Cache-Control"]
        assert not response.cookies

    @pytest.mark.parametrize("page", ["unsubscribe", "preferences"])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_a_token_that_is_not_ours_changes_nothing(self, client, patient, page, method):
        for token in (f"{patient.pk}.{'a' * 43}", f"{patient.pk}", "%00", f"9{invitations.token_of(patient)}"):
            response = getattr(client, method)(f"/{page}/{token}/")

            assert response.status_code == 404
            assert "This link doesn't work" in text(response)
        assert opted_in()


def sent_by(page):
    """What its button sends when nothing on the page is touched."""
    form = page.context["form"]
    shown = {name: field.initial for name, field in ((name, form[name]) for name in form.fields)}
    ticked = {name: "on" if value is True else value for name, value in shown.items() if value is not False}
    return hidden(page) | ticked


class TestPreferences:
    def test_shows_what_is_chosen(self, client, patient):
        page = text(client.get(address(patient, "preferences")))

        assert "How should we remind you of your visits?" in page
        assert page.count(" checked") == 3

    def test_the_box_is_never_ticked_for_anyone(self, client):
        page = text(client.get(address(PatientFactory(), "preferences")))

        assert page.count(" checked") == 2

    def test_saves_and_says_so(self, strict, patient):
        response = strict.post(address(patient, "preferences"), {"contact_by": "sms"})

        assert "Your choices are saved" in text(strict.get(response.headers["Location"]))
        assert Patient.objects.get().contact_by == "sms"
        assert not opted_in()

    def test_an_old_page_takes_back_nothing_that_was_said_since(self, strict, patient):
        """F1: the e-mail's one click and another tab change two things after the page was opened."""
        page = strict.get(address(patient, "preferences"))
        strict.post(address(patient, "unsubscribe"))
        Patient.objects.update(contact_by="email")

        strict.post(address(patient, "preferences"), sent_by(page) | {"letter_format": "large_print"})

        saved = Patient.objects.get()
        assert (saved.letter_format, saved.contact_by, opted_in()) == ("large_print", "email", False)

    def test_opts_in(self, strict):
        patient = PatientFactory()
        strict.post(address(patient, "preferences"), {"contact_by": "email", "invitations": "on"})

        assert opted_in()

    def test_leaves_the_rest_of_the_family_alone(self, client, patient):
        other = PatientFactory(email=patient.email)
        client.post(address(other, "preferences"), {"contact_by": "email"})

        patient.refresh_from_db()
        assert patient.marketing_opted_in_at

    @pytest.mark.parametrize("data", [{}, {"contact_by": "pigeon", "invitations": "on"}])
    def test_an_answer_that_is_none_keeps_everything(self, client, patient, data):
        response = client.post(address(patient, "preferences"), data)

        assert "Choose how we should remind you" in text(response)
        patient.refresh_from_db()
        assert (patient.contact_by, patient.marketing_opted_in_at) == ("both", NOW)

    def test_is_reached_from_the_page_of_a_visit(self, client):
        visit = AppointmentFactory()
        client.get(f"/visit/{visit.link_token}/")

        assert address(visit.patient, "preferences") in text(client.get(f"/visit/{visit.reference}/"))


class TestTheOwnersRules:
    """The pages in the CMS at which the owner sets what is sent when."""

    LIST = "/cms/snippets/bookings/messagerule/"

    @pytest.fixture(autouse=True)
    def site(self):
        assert Site.objects.exists()

    def signed_in(self, role):
        client = Client()
        client.force_login(make_staff(role))
        return client

    def test_the_owner_sees_them(self):
        page = text(self.signed_in("owner").get(self.LIST))

        assert "48 hours before" in page
        assert "24 weeks after" in page

    @pytest.mark.parametrize("role", ["editor", "desk", "practitioner"])
    def test_nobody_else_does(self, role):
        assert "48 hours before" not in text(self.signed_in(role).get(self.LIST, follow=True))

    def test_the_owner_adds_and_changes_one(self):
        owner, peel = self.signed_in("owner"), TreatmentFactory()
        new = {"kind": "reminder", "channel": "sms", "hours": "3", "is_active": "on", "treatments": [peel.pk]}
        owner.post(f"{self.LIST}add/", new)
        made = MessageRule.objects.get(hours=3)
        assert list(made.treatments.all()) == [peel]

        owner.post(f"{self.LIST}edit/{made.pk}/", new | {"hours": "4"})
        assert MessageRule.objects.get(pk=made.pk).hours == 4

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"hours": "0"}, "greater than or equal to 1"),
            ({"hours": "9000"}, "less than or equal to 8760"),
            ({"hours": "48"}, "There is a rule like this already."),
            ({"kind": "recall", "channel": "sms"}, "goes out by email only"),
            ({"kind": "review", "asks_to_confirm": "on"}, "Only a reminder can ask"),
        ],
    )
    def test_what_cannot_be_is_refused_in_words(self, wrong, words):
        data = {"kind": "reminder", "channel": "email", "hours": "5"} | wrong
        response = self.signed_in("owner").post(f"{self.LIST}add/", data)

        assert words in text(response)
        assert MessageRule.objects.count() == 5


class TestLetterFormat:
    def test_is_chosen_and_kept(self, client, patient):
        choices = {"contact_by": "both", "letter_format": "large_print"}

        assert client.post(address(patient, "preferences"), choices).status_code == 302

        patient.refresh_from_db()
        assert patient.letter_format == "large_print"
        assert 'value="large_print" id="id_letter_format_1" checked' in str(
            client.get(address(patient, "preferences")).content
        ).replace("\\n", "")

    def test_something_else_is_refused_beside_the_field(self, client, patient):
        page = client.post(address(patient, "preferences"), {"contact_by": "both", "letter_format": "papyrus"})

        assert "Choose how our emails should look" in text(page)
        patient.refresh_from_db()
        assert patient.letter_format == "standard"

    def test_the_nurse_sees_it_and_the_way_to_change_it(self, client, patient):
        patient.letter_format = "text_only"
        patient.save()
        visit = AppointmentFactory(patient=patient)
        client.force_login(make_staff("owner"))

        page = client.get(f"/diary/visits/{visit.reference}/").content.decode()

        assert "Words only" in page
        assert address(patient, "preferences") in page
