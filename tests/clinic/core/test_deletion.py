"""F11: what cannot be deleted is refused with its reason and a way out, by whichever door of the CMS."""

from __future__ import annotations

import html
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db.models import PROTECT, RESTRICT, ProtectedError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, ReferenceIndex
from wagtail.snippets.models import get_snippet_models

from bookings.timetable.models import Device, ExtraHours
from bookings.timetable.ranges import span
from bookings.visits.models import AgeRefusal, Appointment, PatientNote
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.accounts.models import User
from clinic.advertising.models import AdvertisingVerdict
from clinic.advertising.rules.check import Surface, check_fields
from clinic.catalogue.models import DeviceKind
from clinic.core.deletion import why_kept, why_refused
from clinic.patients.models import PatientMerge
from clinic.records.entries.signing import Author
from clinic.staff.models import Leaver
from tests.factories.bookings import AppointmentFactory, LocationFactory, RoomFactory, WorkingHoursFactory
from tests.factories.clinic import CategoryFactory, PatientFactory, PractitionerFactory, StaffFactory, TreatmentFactory
from tests.factories.consent import confirmed, raw_grant
from tests.factories.consent import in_use as consent_text_in_use
from tests.factories.content import make_article, make_pdf, make_picture, make_plain_page, make_site
from tests.factories.questions import in_use, nurse, raw_request, reviewed
from tests.factories.records import (
    assess,
    clinician,
    make_access,
    make_entry,
    make_glass,
    make_review,
    raw_draft,
    raw_past,
    visit_of,
)

pytestmark = pytest.mark.django_db
DAY = span(datetime(2027, 3, 1, 9, tzinfo=UTC), datetime(2027, 3, 1, 17, tzinfo=UTC))


@pytest.fixture(autouse=True)
def site(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make_site()


@pytest.fixture
def owner():
    """May delete anything, so that only the record itself can refuse."""
    client = Client()
    user = StaffFactory(role="owner", is_superuser=True)
    client.force_login(user)
    return client


def device(**values):
    kind = values.pop("kind", None) or DeviceKind.objects.create(name="Laser")
    return Device.objects.create(**{"name": "Laser 1", "location": LocationFactory(), "kind": kind, **values})


def with_visit(name, thing):
    values = {"location": thing.location} if hasattr(thing, "location") else {}
    AppointmentFactory(**{name: thing}, **values)
    return thing


def with_device_kind(make):
    kind = DeviceKind.objects.create(name="Laser")
    make(kind)
    return kind


def at_a_location(make):
    location = LocationFactory()
    make(location)
    return location


def given(make):
    treatment = TreatmentFactory()
    make(treatment)
    return treatment


def waiting_for(treatment):
    return WaitingEntry.objects.create(
        treatment=treatment,
        patient=PatientFactory(),
        first_day=date(2027, 3, 1),
        last_day=date(2027, 3, 1),
        created_at=timezone.now(),
    )


def with_an_offer():
    visit = AppointmentFactory()
    nurse, now = PractitionerFactory(), timezone.now()
    Offer.objects.create(
        entry=waiting_for(visit.treatment),
        appointment=visit,
        practitioner=nurse,
        starts_at=now,
        created_at=now,
        expires_at=now + timedelta(hours=1),
    )
    return nurse


def with_an_approval(make):
    approver = PractitionerFactory()
    make(by=approver)
    return approver


def with_a_verdict(**people):
    treatment, report = TreatmentFactory(), check_fields({"name": "The perfect skin"}, surface=Surface.TREATMENT)
    verdict = AdvertisingVerdict.objects.record(treatment, report, user=people.get("asked"))
    if "cleared" in people:
        AdvertisingVerdict.objects.clear(verdict, by=people["cleared"], reason="A quotation.")
    return next(iter(people.values()))


def with_a_note():
    author = StaffFactory()
    PatientNote.objects.create(
        patient=PatientFactory(), author=author, text="Prefers mornings.", written_at=timezone.now()
    )
    return author


def with_a_merge():
    staff, kept, gone = StaffFactory(), PatientFactory(), PatientFactory()
    PatientMerge.objects.create(kept=kept, gone=gone, merged_by=staff, merged_at=timezone.now())
    return staff


def with_a_departure():
    staff = StaffFactory()
    Leaver.objects.create(user=staff, left_at=timezone.now(), roles=["desk"])
    return staff


# Each relation by which the database keeps a record that the CMS can delete: what makes one, and what is said.
def with_an_age_said():
    heard = StaffFactory()
    said = {"age_said": 18, "age_said_at": timezone.now(), "age_said_to": heard}
    AppointmentFactory(patient=PatientFactory(date_of_birth=None), source=Appointment.Source.DESK, **said)
    return heard


KEPT = {
    "catalogue.Category by catalogue.Treatment": (lambda: TreatmentFactory().category, "1 treatment belongs"),
    "catalogue.DeviceKind by bookings.Device": (
        lambda: with_device_kind(lambda kind: device(kind=kind)),
        "1 device belongs",
    ),
    "catalogue.DeviceKind by catalogue.Treatment": (
        lambda: with_device_kind(lambda kind: TreatmentFactory(device_kind=kind)),
        "1 treatment belongs",
    ),
    "catalogue.Treatment by bookings.AgeRefusal": (
        lambda: given(lambda row: AgeRefusal.objects.create(treatment=row, age=17, refused_at=timezone.now())),
        "1 age refusal belongs",
    ),
    "catalogue.Treatment by bookings.Appointment": (
        lambda: given(lambda row: with_visit("treatment", row)),
        "1 visit belongs to it. Unpublish it instead",
    ),
    "catalogue.Treatment by bookings.WaitingEntry": (lambda: given(waiting_for), "1 waiting-list entry belongs"),
    "practitioners.Practitioner by bookings.Appointment": (
        lambda: with_visit("practitioner", PractitionerFactory()),
        "1 visit belongs to it. Unpublish it instead",
    ),
    "practitioners.Practitioner by records.QuestionnaireVersion": (
        lambda: with_an_approval(in_use),
        "1 questionnaire version belongs",
    ),
    "practitioners.Practitioner by bookings.Offer": (with_an_offer, "1 waiting-list offer belongs"),
    "bookings.Location by bookings.Appointment": (
        lambda: at_a_location(lambda row: AppointmentFactory(location=row)),
        "1 visit belongs to it. Untick “Is active” instead",
    ),
    "bookings.Location by bookings.Device": (
        lambda: at_a_location(lambda row: device(location=row)),
        "1 device belongs",
    ),
    "bookings.Location by bookings.ExtraHours": (
        lambda: at_a_location(
            lambda row: ExtraHours.objects.create(practitioner=PractitionerFactory(), location=row, during=DAY)
        ),
        "1 extra hours belongs",
    ),
    "bookings.Location by bookings.Room": (
        lambda: at_a_location(lambda row: RoomFactory(location=row)),
        "1 room belongs",
    ),
    "bookings.Location by bookings.WorkingHours": (
        lambda: at_a_location(lambda row: WorkingHoursFactory(location=row)),
        "1 working hours belongs",
    ),
    "bookings.Room by bookings.Appointment": (
        lambda: with_visit("room", RoomFactory()),
        "1 visit belongs to it. Untick “Is active” instead",
    ),
    "bookings.Device by bookings.Appointment": (
        lambda: with_visit("device", device()),
        "1 visit belongs to it. Untick “In service” instead",
    ),
    "accounts.User by advertising.AdvertisingVerdict": (
        lambda: with_a_verdict(cleared=StaffFactory()),
        "1 advertising verdict belongs to it. Untick “Is active” instead",
    ),
    "accounts.User by bookings.Appointment": (
        with_an_age_said,
        "1 visit belongs to it. Untick “Is active” instead",
    ),
    "accounts.User by bookings.PatientNote": (with_a_note, "1 patient note belongs to it. Untick “Is active” instead"),
    "accounts.User by staff.Leaver": (with_a_departure, "belongs to it. Untick “Is active” instead"),
    "accounts.User by patients.PatientMerge": (with_a_merge, "belongs to it. Untick “Is active” instead"),
    "wagtailimages.Image by content.ArticlePage": (lambda: make_article().hero_image, "1 article"),
}


def assessed():
    return assess(visit_of(clinician()), (TreatmentFactory(), "suitable"))


RECORDS = {
    "accounts.User by records.AccessLog": lambda: make_access(StaffFactory()).user,
    "accounts.User by records.BreakGlass": lambda: make_glass().user,
    "accounts.User by records.BreakGlassReview": lambda: make_review().by,
    "accounts.User by records.Draft": lambda: raw_draft(updated_by=StaffFactory()).updated_by,
    "accounts.User by records.DraftPast": lambda: raw_past(updated_by=StaffFactory()).updated_by,
    "accounts.User by records.FormRequest": lambda: raw_request(helper=StaffFactory()).helper,
    "practitioners.Practitioner by records.FormRequest": lambda: (
        raw_request(state="waived", waived_by=nurse(), waived_why="She told me.").waived_by
    ),
    "accounts.User by records.Entry": lambda: make_entry().author,
    "practitioners.Practitioner by records.ConsentVersion": lambda: consent_text_in_use().approved_by,
    "practitioners.Practitioner by records.Entry": lambda: (
        make_entry(author=Author.staff(clinician().user)).practitioner
    ),
}
CONSENTS = {
    "catalogue.Treatment by records.ConsentGrant": lambda: raw_grant().treatment,
    "catalogue.Treatment by records.ConsentOffer": lambda: raw_grant().treatment,
    "practitioners.Practitioner by records.ConsentConfirmation": lambda: confirmed().asked_by,
    "practitioners.Practitioner by records.ConsentGrant": lambda: raw_grant().asked_by,
    "practitioners.Practitioner by records.ConsentOffer": lambda: raw_grant().asked_by,
}
KEPT |= {name: (make, "belong to it") for name, make in CONSENTS.items()}
KEPT |= {name: (make, "belongs to it") for name, make in RECORDS.items()}
KEPT |= {
    "practitioners.Practitioner by records.ResponseReview": (lambda: reviewed().reviewer, "1 response review"),
    "practitioners.Practitioner by records.Assessment": (lambda: assessed().practitioner, "1 assessment"),
    "bookings.Location by records.Assessment": (lambda: assessed().visit.location, "1 assessment"),
    "catalogue.Treatment by records.AssessmentOutcome": (
        lambda: assessed().outcomes.get().treatment,
        "1 assessment outcome belongs to it",
    ),
}


def label(model):
    return f"{model._meta.app_label}.{model.__name__}"


def relations():
    for model in (*get_snippet_models(), User, Group, get_image_model(), get_document_model(), Collection):
        for relation in model._meta.get_fields(include_hidden=True):
            if relation.auto_created and getattr(relation, "on_delete", None) in {PROTECT, RESTRICT}:
                yield f"{label(model)} by {label(relation.related_model)}"


def test_every_relation_that_keeps_a_record_has_its_case():
    """F11: a new one fails here."""
    assert set(relations()) == set(KEPT)


def address_of(thing):
    if isinstance(thing, get_image_model()):
        return reverse("wagtailimages:delete", args=[thing.pk])
    return reverse(f"wagtailsnippets_{thing._meta.app_label}_{thing._meta.model_name}:delete", args=[thing.pk])


def bulk_address_of(thing):
    address = reverse("wagtail_bulk_action", args=[thing._meta.app_label, thing._meta.model_name, "delete"])
    return f"{address}?id={thing.pk}&next=/cms/"


@pytest.mark.parametrize("address_of", [address_of, bulk_address_of], ids=["one", "many"])
@pytest.mark.parametrize("relation", KEPT)
def test_a_record_that_is_kept_is_refused_with_reason_and_way_out(relation, address_of, owner):
    """F11"""
    make, said = KEPT[relation]
    thing = make()
    if isinstance(thing, User):  # the CMS deletes nobody: `content.urls`
        assert said in why_kept(thing)
        return

    answer = owner.post(address_of(thing), HTTP_REFERER="http://testserver/cms/", follow=True)

    assert answer.status_code == 200
    assert type(thing).objects.filter(pk=thing.pk).exists()
    words = html.unescape(answer.content.decode())
    assert "cannot be deleted" in words
    assert said in words


@pytest.mark.parametrize(
    "make", [PractitionerFactory, TreatmentFactory, LocationFactory, CategoryFactory, make_picture]
)
def test_a_record_that_nothing_keeps_goes(make, owner):
    thing = make()

    assert owner.post(address_of(thing)).status_code == 302
    assert not type(thing).objects.filter(pk=thing.pk).exists()


def test_it_is_said_before_anything_is_asked(owner):
    """F11: opening the page for deleting says it, and how many there are."""
    nurse = PractitionerFactory(name="Nurse Ada")
    for hours in range(3):
        AppointmentFactory(practitioner=nurse, starts_at=timezone.now() + timedelta(days=1, hours=hours))

    words = html.unescape(owner.get(address_of(nurse), follow=True).content.decode())

    assert "“Nurse Ada” cannot be deleted: 3 visits belong to it. Unpublish it instead" in words


def test_a_picture_or_document_that_a_page_shows_stays(owner):
    """F11: in a text too, where no foreign key would keep it."""
    picture = make_picture()
    article = make_article(body=[{"type": "image", "value": {"image": {"image": picture.pk, "alt_text": "A room"}}}])
    document = get_document_model().objects.create(title="Aftercare", file=ContentFile(make_pdf(), "aftercare.pdf"))
    link = f'<a linktype="document" id="{document.pk}">it</a>'
    page = make_plain_page(body=json.dumps([{"type": "paragraph", "value": link}]))
    for shows in (article, page):
        ReferenceIndex.create_or_update_for_object(shows)

    for name, thing, what in (("wagtailimages", picture, "article"), ("wagtaildocs", document, "plain page")):
        answer = owner.post(reverse(f"{name}:delete", args=[thing.pk]), follow=True)
        assert f"cannot be deleted: 1 {what} shows it" in html.unescape(answer.content.decode())
        assert type(thing).objects.filter(pk=thing.pk).exists()


def test_what_no_door_of_the_cms_foresaw_is_told_too(rf):
    """F11: a deletion that is refused further down."""
    nurse = with_visit("practitioner", PractitionerFactory())
    with pytest.raises(ProtectedError) as refused:
        nurse.delete()

    assert why_refused(refused.value) == "This cannot be deleted: 1 visit belongs to it. Move or delete these first."
