"""E2, E-B12: every text and file of every model is either checked as public, or not public for a reason given here."""

from __future__ import annotations

import io

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.core.files import File
from django.db import models
from PIL import Image as Picture
from wagtail.fields import StreamField

from clinic.advertising.registry import PUBLISHED, public_texts
from content.models import PublicPage

TEXTS = (models.CharField, models.TextField, models.FileField, models.JSONField, StreamField, ArrayField)
# What a model checks itself, in `public_texts`.
CHECKED = {
    "catalogue.Category": {"name", "slug", "summary"},
    "catalogue.Treatment": {"name", "slug", "summary", "body", "risks_and_recovery"},
    "practitioners.Practitioner": {"name", "slug", "job_title", "summary", "biography"},
    "practitioners.Credential": {"organisation", "short_name", "number", "check_url"},  # with their practitioner
    "bookings.Location": {"name", "slug", "address", "directions"},
    "bookings.Room": {"name"},
    "wagtailcore.Page": {"title", "slug", "seo_title", "search_description"},  # with the page of its kind
    "taggit.Tag": {"name", "slug"},  # with the article that carries it: nobody else shows a tag
}
BOOKKEEPING = "the CMS's own notes"
PATIENTS = "a patient's, shown to that patient and to staff"
PROGRAMS = "for other programs"
STAFF = "staff alone see it"
NOT_PUBLIC = {
    "core.ClinicSettings.legal_details": "in confirmations alone, where bookings.visits.owner_texts leaves it out",
    "core.ClinicSettings.booking_terms": "in confirmations alone, where bookings.visits.owner_texts leaves it out",
    "core.ClinicSettings.before_visit": "in confirmations alone, where bookings.visits.owner_texts leaves it out",
    "core.ClinicSettings.phone": "a number",
    "bookings.BookingSettings.embedding_sites": "origins of other sites, checked for their form",
    "catalogue.Treatment.art": "names a drawing that the project ships; any other name is not used",
    "practitioners.Practitioner.art": "names a drawing that the project ships; any other name is not used",
    "catalogue.DeviceKind.name": STAFF,
    "accounts.User": STAFF,
    "accounts.AccountNotice": "whose account it is, and staff, read it",
    "advertising.AdvertisingVerdict": "the proof of what was checked",
    "patients": PATIENTS,
    "staff": STAFF,
    "privacy": PATIENTS,
    "records.Questionnaire": "asked of a patient before a visit, by link",
    "records.QuestionnaireVersion": "asked of a patient before a visit, by link",
    "records.TreatmentRules.families": "a fixed choice, which staff alone see",
    "records": "of clinical records: shown to their patient and to whoever treats them",
    "bookings.Device.name": STAFF,
    "bookings.Appointment": PATIENTS,
    "bookings.AppointmentEvent": PATIENTS,
    "bookings.PatientNote": "a patient's, written by staff for staff",
    "bookings.IdempotencyKey": PROGRAMS,
    "bookings.TimeOff": STAFF,
    "bookings.RegularTimeOff": STAFF,
    "bookings.DiaryChange": STAFF,
    "bookings.ApiKey": PROGRAMS,
    "bookings.CalendarFeed": STAFF,
    "bookings.WebhookEndpoint": PROGRAMS,
    "bookings.WebhookDelivery": PROGRAMS,
    "bookings.Wording": "goes to patients; its form checks it (bookings.messages.wording.placeholders)",
    "bookings.Message": PATIENTS,
    "bookings.MessageSettlement": BOOKKEEPING,
    "bookings.LoopHeartbeat": BOOKKEEPING,
    "bookings.WaitingEntry": PATIENTS,
    "wagtailcore.Page.path": BOOKKEEPING,
    "wagtailcore.Page.url_path": "made of slugs",
    "wagtailcore.Page.draft_title": "a draft's; public as `title`",
    "wagtailcore.Site": "no page shows its name",
    "wagtailcore.Collection": STAFF,
    "wagtailredirects.Redirect.redirect_page_route_path": "a part of a page's own address",
    "wagtailimages.Image.file_hash": BOOKKEEPING,
    "wagtailimages.Rendition": "made of its picture",
    "wagtaildocs.Document.file_hash": BOOKKEEPING,
    "wagtailforms": "no page has a form of Wagtail's",
    "wagtailembeds": "no text may hold an embed",
    "wagtailusers": STAFF,
    "wagtailsearch": "made of what is checked",
    "wagtailadmin": BOOKKEEPING,
    **{
        f"wagtailcore.{name}": BOOKKEEPING
        for name in (
            "Locale", "ModelLogEntry", "Revision", "CollectionViewRestriction", "UploadedFile", "WorkflowState", "Workflow",
            "Task", "TaskState", "PageViewRestriction", "PageLogEntry", "Comment", "CommentReply", "ReferenceIndex",
        )
    },
    "account": "a person's own sign-in",
    "mfa": "a person's own sign-in",
    "usersessions": "a person's own sign-in",
    "sessions": "a person's own visit",
    "pghistory": "the record of changes",
    "core.Forgotten": "names of tables and roles, for whoever looks into the record of changes",
    "auth": STAFF,
    "contenttypes": BOOKKEEPING,
}  # fmt: skip


def fields():
    """Each text or file that is kept, but those with a fixed choice."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_fields:
            if isinstance(field, TEXTS) and not field.choices and not isinstance(field, models.UUIDField):
                yield model._meta.app_label, model._meta.label, field.name


def is_checked(label: str, name: str) -> bool:
    if name in CHECKED.get(label, ()) or (label in PUBLISHED and name in PUBLISHED[label].fields):
        return True
    model = apps.get_model(label)
    is_page = issubclass(model, PublicPage)
    return is_page and name in {*model.wording, *model.streams}


def test_every_text_and_file_is_classified():
    """E2: a new field fails here until it is checked, or stands in `NOT_PUBLIC` with its reason."""
    unknown = [
        f"{label}.{name}"
        for app, label, name in fields()
        if not is_checked(label, name) and not {app, label, f"{label}.{name}"} & set(NOT_PUBLIC)
    ]

    assert unknown == []


def test_nothing_is_listed_that_is_not_there():
    known = {key for app, label, name in fields() for key in (app, label, f"{label}.{name}")}

    assert set(NOT_PUBLIC) - known == set()
    assert set(PUBLISHED) - known == set()


def a_picture(name):
    out = io.BytesIO()
    Picture.new("RGB", (24, 16)).save(out, "PNG")
    return File(out, name)


@pytest.mark.parametrize(
    "label", sorted({*CHECKED, *PUBLISHED} - {"practitioners.Credential", "taggit.Tag", "wagtailcore.Page"})
)
@pytest.mark.django_db
def test_what_is_said_to_be_checked_is_checked(label):
    """E2: each field, by writing unlawful words into it."""
    model = apps.get_model(label)
    names = CHECKED.get(label) or PUBLISHED[label].fields
    for name in names:
        thing = model()
        setattr(thing, name, a_picture("botox-results.png") if name == "file" else "botox-results")
        assert any("botox" in text.lower() for text in public_texts(thing).values()), name


@pytest.mark.django_db
@pytest.mark.parametrize(
    "label", ["content.HomePage", "content.StandardPage", "content.BlogIndexPage", "content.ArticlePage"]
)
def test_pages_check_their_own_texts_and_those_of_every_page(label):
    """E2"""
    model = apps.get_model(label)
    own = {field.name for field in model._meta.local_fields if isinstance(field, (*TEXTS, StreamField))}
    for name in ("title", "slug", "seo_title", "search_description", *model.wording):
        assert any("botox" in text for text in public_texts(model(**{name: "botox-results"})).values()), name

    assert own == {*model.wording, *model.streams}
