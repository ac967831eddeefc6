"""The first pages of a site (`lay_out`) and what the demo clinic has written on them (`load`)."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.images import ImageFile
from django.db import transaction
from wagtail.contrib.redirects.models import Redirect
from wagtail.images import get_image_model
from wagtail.models import Page, Site

from clinic.core import clock
from clinic.practitioners.models import Practitioner
from content.models import ArticlePage, BlogIndexPage, HomePage, StandardPage
from content.permissions import grant_role_permissions
from content.pictures import draw_sizes
from content.seeds.articles import ARTICLES, PICTURES
from content.seeds.pages import HOME, JOURNAL, PLAIN_PAGES

HOME_SLUG = "start"
# Of the real nurse only what is known is said: the other articles, and every review, are by demonstration people.
AUTHOR, DEMO_AUTHOR, DEMO_REVIEWER = "nurse-marina", "demo-nurse-aisha", "demo-prescriber-tom"
OLD_ADDRESSES = {"/facial-yoga": "facial-yoga-the-secret-to-symmetry"}


@transaction.atomic
def load(now: datetime) -> None:
    """Lay the site out and write the demo's pages, pictures, articles and redirects. What is there already stays."""
    lay_out(now)
    journal = BlogIndexPage.objects.get()
    pictures = {name: _picture(name, shows) for name, shows in PICTURES.items()}
    people = {
        person.slug: person for person in Practitioner.objects.filter(slug__in={AUTHOR, DEMO_AUTHOR, DEMO_REVIEWER})
    }
    for article in ARTICLES:
        _write_article(journal, article, pictures=pictures, people=people, today=clock.today(now))
    for old, slug in OLD_ADDRESSES.items():
        for target in ArticlePage.objects.filter(slug=slug):
            Redirect.objects.get_or_create(old_path=old, site=None, defaults={"redirect_page": target})


@transaction.atomic
def lay_out(now: datetime) -> None:
    """The pages that any clinic's site needs: home, journal, privacy, complaints, accessibility; and the roles."""
    grant_role_permissions(apps)
    home = HomePage.objects.first() or _make_home()
    if not BlogIndexPage.objects.exists():
        _publish(home, BlogIndexPage(**JOURNAL))
    for values in PLAIN_PAGES:
        if not StandardPage.objects.filter(slug=values["slug"]).exists():
            body = json.dumps(values["body"])
            today = clock.today(now)
            dates = {"reviewed_on": today, "next_review_on": today + timedelta(days=365)}
            _publish(home, StandardPage(**{**values, **dates, "body": body}))


def _make_home() -> HomePage:
    streams = ("trust_points", "steps", "questions")
    values = {name: json.dumps(value) if name in streams else value for name, value in HOME.items()}
    root = Page.get_first_root_node()
    home = _publish(root, HomePage(slug=HOME_SLUG, **values))
    address = urlsplit(settings.SITE_URL)
    port = address.port or (443 if address.scheme == "https" else 80)
    site = {"root_page": home, "hostname": address.hostname, "port": port, "site_name": settings.WAGTAIL_SITE_NAME}
    Site.objects.update_or_create(is_default_site=True, defaults=site)
    # Wagtail's welcome page; nothing of the clinic's is of the bare type.
    for welcome in Page.objects.filter(depth=2, content_type__model="page", content_type__app_label="wagtailcore"):
        welcome.delete()
    return HomePage.objects.get(pk=home.pk)


def _write_article(
    journal: BlogIndexPage,
    article: dict[str, Any],
    *,
    pictures: dict[str, Any],
    people: dict[str, Practitioner],
    today: date,
) -> None:
    if ArticlePage.objects.filter(slug=article["slug"]).exists() or pictures[article["hero"]] is None:
        return
    published = today - timedelta(days=article["days_ago"])
    reviewer = people.get(DEMO_REVIEWER)
    page = ArticlePage(
        title=article["title"],
        slug=article["slug"],
        summary=article["summary"],
        search_description=article["summary"],
        hero_image=pictures[article["hero"]],
        hero_alt=PICTURES[article["hero"]],
        body=json.dumps(_with_pictures(article["body"], pictures)),
        sources=json.dumps([{"type": "source", "value": source} for source in article["sources"]]),
        author=people.get(article.get("author", DEMO_AUTHOR)),
        published_on=published,
        updated_on=today - timedelta(days=article["updated_days_ago"]) if article["updated_days_ago"] else None,
        reviewed_by=reviewer,
        reviewed_on=published if reviewer else None,
        next_review_on=published + timedelta(days=365) if reviewer else None,
    )
    page.tags.add(*article["tags"])
    _publish(journal, page)


def _with_pictures(body: list[dict[str, Any]], pictures: dict[str, Any]) -> list[dict[str, Any]]:
    """Put pictures in place of their names; a figure whose picture is missing is left out."""
    parts = []
    for part in body:
        if part["type"] != "image":
            parts.append(part)
        elif (picture := pictures[part["value"]["image"]]) is not None:
            image = {"image": picture.pk, "alt_text": PICTURES[part["value"]["image"]], "decorative": False}
            parts.append({"type": "image", "value": {**part["value"], "image": image}})
    return parts


def _picture(name: str, shows: str) -> Any:
    """The picture from static/img/art in the library, with its sizes drawn; None where the file is missing."""
    title = f"Drawing: {name.replace('-', ' ')}"
    known = get_image_model().objects.filter(title=title).first()
    path = finders.find(f"img/art/{name}.jpg")
    if known or not path:
        return known
    with Path(str(path)).open("rb") as file:
        image = get_image_model()(title=title, description=shows, file=ImageFile(file, name=f"{name}.jpg"))
        image.save()
    draw_sizes(image)
    return image


def _publish(parent: Page, page: Any) -> Any:
    parent.add_child(instance=page)
    page.save_revision().publish()
    return page
