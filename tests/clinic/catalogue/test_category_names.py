"""A category has a name of its own, whatever its case: on the page of treatments it heads a part that is found by it."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from clinic.catalogue import seed
from clinic.catalogue.models import Category
from clinic.core import clock
from tests.factories.clinic import CategoryFactory, StaffFactory

pytestmark = pytest.mark.django_db
upgrade = import_module("clinic.catalogue.migrations.0004_one_category_of_each_name")
CONSTRAINT = next(iter(Category._meta.constraints))
SAID = "There is already a category of this name."


@pytest.fixture
def owner(client):
    client.force_login(StaffFactory(role="owner"))
    return client


def saved(client, url, name, slug="skin-again"):
    return client.post(url, {"name": name, "slug": slug, "summary": "", "position": 1})


def test_the_cms_says_beside_the_name_that_it_is_taken(owner):
    CategoryFactory(name="Skin")

    page = saved(owner, reverse("wagtailsnippets_catalogue_category:add"), "skin")

    assert page.status_code == 200
    assert page.context["form"].errors == {"name": [SAID]}
    assert Category.objects.count() == 1


def test_its_own_name_is_not_in_its_way(owner):
    row = CategoryFactory(name="Skin", slug="skin")
    url = reverse("wagtailsnippets_catalogue_category:edit", args=[row.pk])

    assert saved(owner, url, "SKIN", "skin").status_code == 302
    row.refresh_from_db()
    assert row.name == "SKIN"


def test_sql_is_no_way_around_it():
    CategoryFactory(name="Skin")
    other = CategoryFactory()

    with pytest.raises(IntegrityError, match=CONSTRAINT.name), transaction.atomic():
        Category.objects.filter(pk=other.pk).update(name="sKIN")


def test_the_demo_is_loaded_beside_a_category_of_such_a_name():
    seed.load(clock.now())
    Category.objects.filter(slug="skin").update(slug="skin-and-face")
    number = Category.objects.count()

    seed.load(clock.now())

    assert Category.objects.count() == number


def test_the_upgrade_numbers_the_later_ones():
    with transaction.atomic():
        with connection.schema_editor(atomic=False) as editor:
            editor.remove_constraint(Category, CONSTRAINT)
        long = "x" * 80
        rows = [CategoryFactory(name=name) for name in ("Skin", "SKIN", "Skin (2)", "skin", "Lips", long, long)]

        with connection.schema_editor(atomic=False) as editor:
            upgrade.number_those_of_one_name(apps, editor)
            editor.add_constraint(Category, CONSTRAINT)

        names = [Category.objects.get(pk=row.pk).name for row in rows]
        assert names == ["Skin", "SKIN (3)", "Skin (2)", "skin (4)", "Lips", long, "x" * 76 + " (2)"]
        transaction.set_rollback(True)
