"""Two editors save one name at once: the second is told beside the field, as if the first had been there before."""

from __future__ import annotations

import pytest
from django.db import IntegrityError
from django.urls import reverse
from wagtail.admin.forms import WagtailAdminModelForm

from clinic.catalogue.forms import CategoryForm
from clinic.catalogue.models import Category, DeviceKind
from tests.factories.clinic import CategoryFactory, StaffFactory

pytestmark = pytest.mark.django_db
ADD = "wagtailsnippets_catalogue_{}:add"


@pytest.fixture
def owner(client):
    client.force_login(StaffFactory(role="owner"))
    return client


@pytest.fixture
def rival(monkeypatch):
    """`rival(save)`: someone else saves once after the form was checked, and before it is saved."""

    def between(save):
        check, saves = WagtailAdminModelForm.is_valid, [save]

        def is_valid(form):
            was_valid = check(form)
            if was_valid and saves:
                saves.pop()()
            return was_valid

        monkeypatch.setattr(WagtailAdminModelForm, "is_valid", is_valid)

    return between


def test_a_name_that_was_taken_meanwhile_is_refused_beside_its_box(owner, rival):
    rival(lambda: CategoryFactory(name="Skin"))

    page = owner.post(reverse(ADD.format("category")), {"name": "skin", "slug": "s-2", "summary": "", "position": 1})

    assert page.status_code == 200
    assert page.context["form"].errors == {"name": ["There is already a category of this name."]}
    assert page.context["form"]["slug"].value() == "s-2"  # what was typed is there still
    assert Category.objects.count() == 1


def test_a_slug_that_was_taken_meanwhile_is_refused_while_another_row_is_edited(owner, rival):
    row = CategoryFactory(name="Face", slug="face")
    rival(lambda: CategoryFactory(name="Skin", slug="skin"))
    url = reverse("wagtailsnippets_catalogue_category:edit", args=[row.pk])

    page = owner.post(url, {"name": "Face", "slug": "skin", "summary": "", "position": 1})

    assert page.status_code == 200
    assert list(page.context["form"].errors) == ["slug"]
    row.refresh_from_db()
    assert row.slug == "face"


def test_it_is_so_for_every_kind_of_row(owner, rival):
    rival(lambda: DeviceKind.objects.create(name="Laser"))

    page = owner.post(reverse(ADD.format("devicekind")), {"name": "Laser"})

    assert page.status_code == 200
    assert list(page.context["form"].errors) == ["name"]


def test_what_no_form_can_explain_is_answered_no_third_time(owner, monkeypatch):
    CategoryFactory(name="Skin")
    tries = []
    monkeypatch.setattr(CategoryForm, "clean_name", lambda form: tries.append(1) or form.cleaned_data["name"])
    monkeypatch.setattr(Category, "validate_constraints", lambda *_, **__: None)

    with pytest.raises(IntegrityError):
        owner.post(reverse(ADD.format("category")), {"name": "skin", "slug": "s-2", "summary": "", "position": 1})
    assert len(tries) == 2
