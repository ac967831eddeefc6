"""Search, feed, sitemap and robots: the ways to a page."""

from __future__ import annotations

from datetime import date
from xml.etree import ElementTree as ET  # our own answers, not untrusted data

import pytest

from tests.factories import content as make

ATOM = {"atom": "http://www.w3.org/2005/Atom"}
MAP = {"map": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def test_the_feed_is_atom_and_has_the_article(client, home):
    make.make_article(
        title="Sun & shade",
        slug="sun",
        published_on=date(2026, 3, 1),
        updated_on=date(2026, 4, 1),
        author=make.make_practitioner(name="Nurse Ada"),
    )

    response = client.get("/blog/feed/")

    feed = ET.fromstring(response.content)  # noqa: S314 -- our own answer
    assert response.headers["Content-Type"].startswith("application/atom+xml")
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert feed.tag == "{http://www.w3.org/2005/Atom}feed"
    assert feed.findtext("atom:id", namespaces=ATOM)
    assert feed.findtext("atom:updated", namespaces=ATOM)
    [entry] = feed.findall("atom:entry", ATOM)
    assert entry.findtext("atom:title", namespaces=ATOM) == "Sun & shade"
    assert entry.find("atom:link", ATOM).get("href") == "http://testserver/blog/sun/"
    assert entry.findtext("atom:updated", namespaces=ATOM) == "2026-04-01T09:00:00+01:00"
    assert entry.findtext("atom:author/atom:name", namespaces=ATOM) == "Nurse Ada"


def test_the_sitemap_has_every_public_page(client, home):
    make.make_article(slug="sun")
    make.make_plain_page()
    treatment = make.make_treatment(slug="peel")
    make.make_practitioner(slug="ada", treatments=(treatment,))
    make.make_practitioner(slug="hidden", live=False)

    sitemap = ET.fromstring(client.get("/sitemap.xml").content)  # noqa: S314 -- our own answer

    assert {node.text.removeprefix("http://testserver") for node in sitemap.findall("map:url/map:loc", MAP)} == {
        "/", "/blog/", "/blog/sun/", "/privacy/", "/treatments/", "/treatments/peel/", "/practitioners/", "/practitioners/ada/",
    }  # fmt: skip


def test_robots_are_shown_the_sitemap_and_kept_from_personal_pages(client, home):
    text = client.get("/robots.txt").content.decode()

    assert "Sitemap: http://testserver/sitemap.xml" in text
    assert "Disallow: /visit/" in text


def test_search_finds_treatments_people_and_pages(client, home, index):
    make.make_treatment(name="Gentle peel", slug="peel")
    make.make_practitioner(name="Peel Person", slug="person")
    make.make_article(title="All about a peel", slug="about")
    make.make_plain_page(title="Peel rules", slug="rules")
    index()

    html = client.get("/search/?q=peel").content.decode()

    assert "4 results" in html
    for address in ("/treatments/peel/", "/practitioners/person/", "/blog/about/", "/rules/"):
        assert f'href="{address}"' in html
    assert '<meta name="robots" content="noindex">' in html


@pytest.mark.parametrize(
    "words", ["zebra", "%00", "%27%22%3Cscript%3E", "x" * 5000, "%F0%9F%92%89", "a%20%26%20!%20(", "   "]
)
def test_search_bears_anything_and_stays_kind(client, home, words):
    response = client.get(f"/search/?q={words}")

    assert response.status_code == 200
    assert "<script" not in response.content.decode()


def test_search_says_what_to_do_when_it_finds_nothing(client, home):
    html = client.get("/search/?q=zebra").content.decode()

    assert "We found nothing for those words" in html
    assert 'value="zebra"' in html
    assert "book a consultation" in html
