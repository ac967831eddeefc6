"""E-B2, F26: an address that was public goes on to lead where its page stands, and never to itself."""

from __future__ import annotations

import pytest
from wagtail.contrib.redirects.models import Redirect

from content.models import BlogIndexPage
from tests.factories.content import make_article, make_practitioner, make_site, make_treatment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site():
    return make_site()


@pytest.fixture
def rename(django_capture_on_commit_callbacks):
    def rename(thing, slug):
        thing.slug = slug
        with django_capture_on_commit_callbacks(execute=True):
            thing.save_revision().publish()
        thing.refresh_from_db()

    return rename


@pytest.fixture(params=["article", "treatment", "practitioner"])
def thing(request):
    make = {"article": make_article, "treatment": make_treatment, "practitioner": make_practitioner}[request.param]
    return make(slug="first")


def address(thing):
    return thing.get_absolute_url() if hasattr(thing, "get_absolute_url") else thing.address


def test_the_old_address_leads_to_the_new_one(thing, client, rename):
    """F26"""
    old = address(thing)
    rename(thing, "second")
    rename(thing, "third")

    for path in (old, old.replace("first", "second")):
        assert client.get(path)["Location"].endswith(address(thing))
    assert client.get(address(thing)).status_code == 200


def test_links_that_book_go_on_to_book(client, rename):
    """F26: links in letters and bookmarks name the slug too."""
    treatment, person = make_treatment(slug="first"), make_practitioner(slug="ann")
    person.offered.create(treatment=treatment)
    rename(treatment, "second")
    rename(treatment, "third")
    rename(person, "anna")

    found = client.get("/book/?treatment=first&with=ann")
    assert found["Location"] == "/book/when/?treatment=third&with=anna"
    assert client.get("/book/when/?treatment=second&with=anna").status_code == 200
    assert "cannot be booked online any more" in client.get("/book/?treatment=never").content.decode()


def test_renamed_renamed_back_and_unpublished_it_is_gone(thing, client, rename):
    """E-B2: 404, not a redirect to itself."""
    first = address(thing)
    rename(thing, "second")
    second = address(thing)
    rename(thing, "first")
    assert client.get(second)["Location"].endswith(first)
    assert client.get(first).status_code == 200

    thing.unpublish()

    assert client.get(first).status_code == 404
    assert client.get(second, follow=True).status_code == 404


def test_a_leftover_of_before_leads_nowhere(client):
    """E-B2: what Wagtail wrote before this was mended."""
    article = make_article(slug="first")
    Redirect.add_redirect(article.address, redirect_to=article, automatically_created=True)
    article.unpublish()

    assert client.get(article.address).status_code == 404


def test_two_that_lead_to_each_other_lead_nowhere(client):
    """E-B2: as editors may write them."""
    Redirect.add_redirect("/spring/", redirect_to="/summer/")
    Redirect.add_redirect("/summer/", redirect_to="/spring/")

    assert [client.get(path).status_code for path in ("/spring/", "/summer/")] == [404, 404]


def test_one_that_leads_to_a_page_with_a_leftover_is_followed(client):
    article = make_article(slug="first")
    Redirect.add_redirect("/old/", redirect_to=article)
    Redirect.add_redirect(article.address, redirect_to="/old/")

    assert client.get("/old/")["Location"].endswith(article.address)


def test_what_stands_below_a_renamed_page_leads_on_too(client, rename):
    """E-B2: the journal is renamed and named back; each article's address leads to it all the time."""
    journal, article = BlogIndexPage.objects.get(), make_article(slug="first")
    rename(journal, "journal")
    assert client.get("/blog/first/")["Location"].endswith("/journal/first/")
    rename(journal, "blog")

    assert client.get("/blog/first/").status_code == 200
    assert client.get("/journal/first/")["Location"].endswith("/blog/first/")
    article.refresh_from_db()
    article.unpublish()
    assert client.get("/blog/first/").status_code == 404


def test_browsers_do_not_keep_it(client, rename):
    """E-B2: one that kept it would go to and fro once the page is named back."""
    treatment = make_treatment(slug="first")
    rename(treatment, "second")

    assert client.get("/treatments/first/")["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("make", [make_treatment, make_practitioner])
def test_what_never_was_public_has_no_old_address(make, rename):
    thing = make(slug="first", live=False)
    rename(thing, "second")

    assert not Redirect.objects.exists()


def test_the_address_of_another_is_never_led_away(client, rename):
    """F26: a treatment takes over the address that another one gave up."""
    one, other = make_treatment(slug="first"), make_treatment(slug="second")
    rename(one, "third")
    rename(other, "first")

    assert client.get("/treatments/first/").status_code == 200
    other.unpublish()
    assert client.get("/treatments/first/").status_code == 404
