"""E-B1: whatever can be previewed is previewed before it is first saved, and with only a part of it written."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from wagtail.blocks import StreamValue
from wagtail.fields import StreamField
from wagtail.models import Page, PreviewableMixin
from wagtail.test.utils.form_data import querydict_from_html

from bookings.messages.models import Wording
from clinic.catalogue.models import Category, Treatment
from content.models import ArticlePage, BlogIndexPage, HomePage
from tests.factories.content import make_article, make_practitioner, make_site, make_staff, make_treatment

pytestmark = pytest.mark.django_db
PREVIEWABLE = [model for model in apps.get_models() if issubclass(model, PreviewableMixin) and model is not Page]
PAGES = [model for model in PREVIEWABLE if issubclass(model, Page)]
ADDED = [model for model in PREVIEWABLE if getattr(model, "max_count", None) is None]


@pytest.fixture(autouse=True)
def site():
    make_site()
    make_practitioner(treatments=(make_treatment(),))
    make_article()


@pytest.fixture
def owner():
    client = Client()
    client.force_login(make_staff("owner"))
    return client


def addresses_of(model):
    """Where the form of a new one is, and where it is previewed."""
    if issubclass(model, Page):
        parent = BlogIndexPage.objects.get() if model is ArticlePage else HomePage.objects.get()
        args = ("content", model._meta.model_name, parent.pk)
        return reverse("wagtailadmin_pages:add", args=args), reverse("wagtailadmin_pages:preview_on_add", args=args)
    name = f"wagtailsnippets_{model._meta.app_label}_{model._meta.model_name}"
    return reverse(f"{name}:add"), reverse(f"{name}:preview_on_add")


def form_of(client, address, model):
    """The form as a browser would send it: the streams, which are drawn by script, have nothing in them."""
    form_id = "page-edit-form" if issubclass(model, Page) else "w-editor-form"
    form = querydict_from_html(client.get(address).content.decode(), form_id=form_id).copy()
    for field in model._meta.get_fields():
        if isinstance(field, StreamField):
            form[f"{field.name}-count"] = "0"
    return form


@pytest.mark.parametrize("model", ADDED, ids=lambda model: model.__name__)
def test_a_new_one_is_previewed_before_anything_is_written(model, owner):
    """E-B1: or it is said that there is nothing to show yet."""
    form_page, address = addresses_of(model)
    owner.post(address, form_of(owner, form_page, model))

    assert owner.get(address).status_code == 200


@pytest.mark.parametrize("model", ADDED, ids=lambda model: model.__name__)
def test_a_new_one_is_previewed_before_it_is_saved(model, owner):
    """E-B1"""
    form_page, address = addresses_of(model)
    form = form_of(owner, form_page, model)
    written = dict.fromkeys(("name", "title", "job_title"), "A new thing") | {"slug": "a-new-thing"}
    if model is Treatment:
        written["category"] = Category.objects.get().pk
    if model is Wording:
        written |= {"kind": "reminder", "channel": "sms", "variant": "A", "body": "A new thing: {{when}}, {{link}}"}
    for name, value in written.items():
        form[name] = value
    kept = owner.post(address, form)

    assert kept.json() == {"is_valid": True, "is_available": True}
    shown = owner.get(address)
    assert shown.status_code == 200
    assert "A new thing" in shown.content.decode()


@pytest.mark.parametrize("model", PREVIEWABLE, ids=lambda model: model.__name__)
def test_an_empty_one_is_shown(model):
    """E-B1: of every kind, also the ones that a site has one of."""
    assert model().make_preview_request().status_code == 200


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model.__name__)
def test_one_with_every_block_still_empty_is_shown(model):
    """E-B1"""
    page = model(title="A new thing")
    for field in model._meta.get_fields():
        if isinstance(field, StreamField):
            blocks = [(name, block.get_default()) for name, block in field.stream_block.child_blocks.items()]
            setattr(page, field.name, StreamValue(field.stream_block, blocks))

    assert page.make_preview_request().status_code == 200


@pytest.mark.parametrize("make", [make_article, make_treatment, make_practitioner])
def test_one_that_was_saved_is_previewed_while_a_part_is_taken_out(make, owner):
    """E-B1"""
    thing = make()
    thing.save_revision().publish()
    if isinstance(thing, Page):
        address = reverse("wagtailadmin_pages:preview_on_edit", args=[thing.pk])
        form_page = reverse("wagtailadmin_pages:edit", args=[thing.pk])
    else:
        name = f"wagtailsnippets_{thing._meta.app_label}_{thing._meta.model_name}"
        address, form_page = (reverse(f"{name}:{view}", args=[thing.pk]) for view in ("preview_on_edit", "edit"))
    form = form_of(owner, form_page, type(thing))
    for name in ("title", "name", "slug", "published_on", "category", "job_title"):
        if name in form:
            form[name] = ""

    owner.post(address, form)

    assert owner.get(address).status_code == 200
