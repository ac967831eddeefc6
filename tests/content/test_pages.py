from __future__ import annotations

import gzip
import re
from datetime import date
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.advertising.rules.check import Surface, check_text
from tests.factories import content as make

FORBIDDEN = {"T1", "T2", "T3", "T4"}


def headings(html: str) -> list[int]:
    return [int(level) for level in re.findall(r"<h([1-6])[\s>]", html)]


def full_article(*, slug="whole", **values):
    return make.make_article(
        title="A whole article",
        slug=slug,
        hero_image=make.make_picture(),
        updated_on=date(2026, 11, 2),
        author=make.make_practitioner(name="Nurse Bea", slug=f"bea-{slug}"),
        sources='[{"type": "source", "value": {"text": "A study. Journal 2018.", "url": "https://doi.org/10.1"}}]',
        tags=["skin"],
        body=[
            {"type": "key_takeaways", "value": ["One point", "Two points"]},
            {"type": "heading", "value": "What it is"},
            {"type": "paragraph", "value": "<p>Words.</p><h3>Smaller</h3><p>More.</p>"},
            {"type": "heading", "value": "What it is"},
            {
                "type": "image",
                "value": {
                    "image": {"image": make.make_picture().pk, "alt_text": "Curves", "decorative": False},
                    "caption": "Calm",
                    "credit": "Ada",
                },
            },
            {
                "type": "evidence",
                "value": {
                    "title": "What the evidence says",
                    "claims": [{"claim": "It helps a little.", "source": "Somebody 2018", "url": ""}],
                    "limits": "Small.",
                },
            },
            {"type": "quote", "value": {"text": "Be gentle.", "who": "Ada"}},
            {"type": "callout", "value": {"title": "Mind", "text": "<p>Do less.</p>", "kind": "pine"}},
            {"type": "heading", "value": "Last words"},
            {
                "type": "faq",
                "value": {"title": "Questions", "questions": [{"question": "Why?", "answer": "<p>Because.</p>"}]},
            },
            {"type": "consultation", "value": {"title": "Talk", "text": "Come and ask."}},
            {"type": "back_to_top", "value": None},
        ],
        **values,
    )


@pytest.mark.parametrize("address", ["/", "/blog/", "/privacy/", "/search/", "/treatments/", "/practitioners/"])
def test_public_pages_say_who_they_are_and_may_be_cached(client, home, address):
    make.make_plain_page()

    response = client.get(address)

    html = response.content.decode()
    assert response.status_code == 200
    assert "– Juvenology Clinic</title>" in html
    assert f'<link rel="canonical" href="http://testserver{address}">' in html
    assert 'property="og:title"' in html or address == "/search/"
    assert html.count("<h1") == 1
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert not response.cookies
    assert not re.search(r"<script|\sstyle=|\son\w+=", html)
    assert not re.findall(r'(?:src|href)="https?://(?!testserver)', html)


def test_a_visitor_with_a_session_gets_a_copy_of_their_own(client, home):
    client.force_login(make.make_staff("desk"))

    assert "private" in client.get("/").headers["Cache-Control"]


def test_an_article_shows_all_its_parts(client, home):
    full_article()

    html = client.get("/blog/whole/").content.decode()

    assert 'Updated <time datetime="2026-11-02">2 November 2026</time>' in html
    assert "Key takeaways" in html
    assert 'id="what-it-is"' in html
    assert 'id="what-it-is-2"' in html
    assert '<a href="#last-words">Last words</a>' in html
    assert 'alt="Curves"' in html
    assert "Picture: Ada" in html
    assert 'href="#top"' in html
    assert "About me" in html
    assert "image/avif" in html
    assert 'href="https://doi.org/10.1"' in html
    levels = headings(html)
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_an_article_leads_to_the_one_before_and_the_one_after(client, home):
    make.make_article(title="Oldest", slug="oldest", published_on=date(2026, 1, 1))
    make.make_article(title="Middle", slug="middle", published_on=date(2026, 2, 1), tags=["skin"])
    make.make_article(title="Newest", slug="newest", published_on=date(2026, 2, 1), tags=["skin"])

    context = client.get("/blog/middle/").context_data

    assert context["previous_article"].title == "Oldest"
    assert context["next_article"].title == "Newest"
    assert [article.title for article in context["related"]] == ["Newest"]


@pytest.mark.parametrize(
    "address", ["/nothing/", "/blog/nothing/", "/blog/whole/more/", "/nothing%00/", "/blog/%F0%9F%92%89/"]
)
def test_what_is_not_there_is_a_kind_404(client, home, address):
    response = client.get(address)

    assert response.status_code == 404
    assert "We can’t find that page" in response.content.decode()


def test_a_draft_is_nowhere(client, home, index):
    make.make_article(title="Unfinished secret", slug="secret", live=False, tags=["hidden"])
    make.make_plain_page(title="Draft page", slug="draft-page", live=False)
    index()

    assert client.get("/blog/secret/").status_code == 404
    assert client.get("/draft-page/").status_code == 404
    for address in ("/", "/blog/", "/blog/feed/", "/sitemap.xml", "/search/?q=secret", "/blog/?tag=hidden"):
        text = client.get(address).content.decode()
        assert "Unfinished secret" not in text
        assert "/secret/" not in text
    assert list(client.get("/blog/").context_data["tags"]) == []


def test_the_journal_is_newest_first_in_pages_and_by_subject(client, home):
    for day in range(1, 12):
        make.make_article(title=f"Day {day}", published_on=date(2026, 3, day), tags=["odd"] if day % 2 else [])

    first = client.get("/blog/").context_data["articles"]
    second = client.get("/blog/?page=2").context_data["articles"]
    odd = client.get("/blog/?tag=odd").context_data["articles"]

    assert [article.title for article in first][:2] == ["Day 11", "Day 10"]
    assert [article.title for article in second] == ["Day 2", "Day 1"]
    assert [article.title for article in odd] == ["Day 11", "Day 9", "Day 7", "Day 5", "Day 3", "Day 1"]


@pytest.mark.parametrize(
    "query",
    ["?tag=nothing", "?tag=%00", "?tag=" + "x" * 5000, "?page=nonsense", "?page=-3", "?page=99999999999999999999"],
)
def test_the_journal_bears_any_query(client, home, query):
    assert client.get(f"/blog/{query}").status_code == 200


def test_the_journal_says_when_it_is_empty(client, home):
    assert "The first article is on its way." in client.get("/blog/").content.decode()
    assert "There is nothing about that yet." in client.get("/blog/?tag=peace").content.decode()


def fill(number):
    for _ in range(number):
        treatment = make.make_treatment(image=make.make_picture())
        make.make_practitioner(treatments=(treatment,), image=make.make_picture())
        make.make_article(hero_image=make.make_picture(), author=make.make_practitioner(), tags=["skin"])


@pytest.mark.parametrize("address", ["/", "/blog/", "/blog/whole/", "/privacy/"])
def test_pages_ask_the_database_little_and_no_more_for_three_than_for_one(client, home, address):
    full_article(reviewed_by=make.make_practitioner(), reviewed_on=date(2026, 11, 2))
    make.make_plain_page()
    fill(1)
    client.get(address)  # the sizes of the pictures are drawn once
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    fill(2)
    client.get(address)
    with CaptureQueriesContext(connection) as three:
        client.get(address)

    assert len(three) == len(one) <= 8


def test_pages_are_light(client, home):
    full_article()
    fill(6)

    for address in ("/", "/blog/", "/blog/whole/", "/treatments/"):
        assert len(gzip.compress(client.get(address).content)) <= 15_000


@pytest.mark.parametrize("rules", ["uk", "warn"])
def test_no_page_names_a_prescription_only_medicine(client, home, index, settings, rules):
    settings.ADVERTISING_RULES = rules
    medicine = make.make_medicine()
    make.make_practitioner(name="Nurse Ada", slug="ada", treatments=(medicine, make.make_treatment()))
    full_article(slug="other")
    index()

    pages = [
        "/",
        "/treatments/",
        "/practitioners/ada/",
        "/practitioners/",
        "/blog/",
        "/blog/feed/",
        "/sitemap.xml",
        "/blog/other/",
        "/search/?q=areas",
    ]
    for address in pages:
        response = client.get(address)
        assert response.status_code == 200
        assert "toxin" not in response.content.decode().lower()
        hits = check_text(response.content.decode(), surface=Surface.HOME)
        assert not [hit for hit in hits if hit.list_id in FORBIDDEN], address
    assert client.get("/treatments/toxin/").status_code == 404


def test_a_clinic_under_other_law_shows_its_medicines(client, home, index, settings):
    settings.ADVERTISING_RULES = "off"
    make.make_practitioner(name="Nurse Ada", slug="ada", treatments=(make.make_medicine(),))
    index()

    for address in ("/", "/treatments/", "/treatments/toxin/", "/practitioners/ada/", "/search/?q=botulinum"):
        assert "Botulinum toxin, three areas" in client.get(address).content.decode(), address
    assert "/treatments/toxin/" in client.get("/sitemap.xml").content.decode()
