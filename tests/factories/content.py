"""Pages, treatments and people for tests of what the public reads. Each call makes one thing and nothing beside it."""

from __future__ import annotations

import io
import itertools
import json
from datetime import date
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django.core.files.images import ImageFile
from django_tasks.backends.dummy import DummyBackend
from PIL import Image as Picture
from pypdf import PdfWriter
from wagtail.images import get_image_model
from wagtail.models import Collection, Locale, Page, Site

from clinic.accounts.models import User
from clinic.catalogue.models import Category, Treatment
from clinic.practitioners.models import OfferedTreatment, Practitioner
from content.models import ArticlePage, BlogIndexPage, HomePage, StandardPage
from content.permissions import grant_role_permissions

_numbers = itertools.count(1)

# Wagtail's tasks after each save, the indexes of search and of "where is this used", are not run: nobody looks there.
UNINDEXED = {"default": {"BACKEND": "tests.factories.content.Forgetful"}}


class Forgetful(DummyBackend):
    """Takes any task and forgets it."""

    def enqueue(self, task: Any, args: Any, kwargs: Any) -> None:
        self.validate_task(task)


def make_site() -> HomePage:
    """A home page and a journal. Also puts back what a test with real transactions may have flushed away."""
    Locale.objects.get_or_create(language_code="en-gb")
    if not Collection.objects.exists():
        Collection.add_root(name="Root")
    root = Page.get_first_root_node() or Page.add_root(title="Root", slug="root")
    home = root.add_child(instance=HomePage(title="Home", slug="start", headline="Good advice first.", lede="Ask us."))
    Site.objects.all().delete()
    Site.objects.create(hostname="testserver", root_page=home, is_default_site=True)
    home.add_child(instance=BlogIndexPage(title="Journal", slug="blog"))
    return home


def make_picture() -> Any:
    file = io.BytesIO()
    Picture.new("RGB", (24, 16), "teal").save(file, "PNG")
    file.seek(0)
    return get_image_model().objects.create(title="A drawing", file=ImageFile(file, name="drawing.png"))


def make_article(**values: Any) -> ArticlePage:
    number = next(_numbers)
    tags = values.pop("tags", [])
    if not isinstance(values.get("body", ""), str):
        values["body"] = json.dumps(values["body"])
    values.setdefault("hero_image", make_picture())
    defaults = {
        "title": f"Article {number}",
        "slug": f"article-{number}",
        "summary": "What it says.",
        "hero_alt": "A drawing",
        "body": json.dumps([{"type": "paragraph", "value": "<p>Plain words.</p>"}]),
        "published_on": date(2026, 10, 1),
    }
    article = ArticlePage(**{**defaults, **values})
    article.tags.add(*tags)
    return BlogIndexPage.objects.get().add_child(instance=article)


def make_plain_page(**values: Any) -> StandardPage:
    body = json.dumps([{"type": "paragraph", "value": "<p>Plain words.</p>"}])
    page = StandardPage(**{"title": "Privacy", "slug": "privacy", "body": body, **values})
    return HomePage.objects.get().add_child(instance=page)


def make_category(**values: Any) -> Category:
    number = next(_numbers)
    return Category.objects.create(**{"name": f"Category {number}", "slug": f"category-{number}", **values})


def make_treatment(**values: Any) -> Treatment:
    number = next(_numbers)
    values.setdefault("category", Category.objects.first() or make_category())
    defaults = {"name": f"Facial {number}", "slug": f"facial-{number}", "summary": "What it is.", "price": 90}
    return Treatment.objects.create(**{**defaults, **values})


def make_medicine(**values: Any) -> Treatment:
    """A prescription-only treatment under its true name: what must never reach the public."""
    defaults = {"name": "Botulinum toxin, three areas", "slug": "toxin", "price": None, "is_prescription_only": True}
    return make_treatment(**{**defaults, **values})


def make_practitioner(*, treatments: tuple[Treatment, ...] = (), **values: Any) -> Practitioner:
    number = next(_numbers)
    defaults = {"name": f"Nurse {number}", "slug": f"nurse-{number}", "job_title": "Registered nurse"}
    person = Practitioner.objects.create(**{**defaults, **values})
    OfferedTreatment.objects.bulk_create(OfferedTreatment(practitioner=person, treatment=given) for given in treatments)
    return person


def make_staff(role: str) -> User:
    """Someone of the clinic with one role, whose rights in the CMS are those of a new installation."""
    grant_role_permissions(apps)
    user = User.objects.create_user(f"{role}-{next(_numbers)}@example.com", "demo-clinic", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def make_pdf() -> bytes:
    """One blank page."""
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.write(out)
    return out.getvalue()
