"""The shared cache of public pages: it never gives one visitor what is another's, and an editor's change shows at once."""

from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.utils.cache import patch_vary_headers

from clinic.running.page_cache import KeptPages, let_caches_keep

LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.fixture(autouse=True)
def local_cache(settings):
    settings.CACHES = LOCAL
    cache.clear()


class Site:
    """Answers with how often it was asked."""

    def __init__(self, change=lambda response: None, public=True):
        self.asked, self.change, self.public = 0, change, public
        self.kept = KeptPages(self.answer)

    def answer(self, request):
        self.asked += 1
        response = HttpResponse(f"answer {self.asked}")
        self.change(response)
        return let_caches_keep(request, response) if self.public else response

    def get(self, path="/treatments/", **headers):
        return self.kept(RequestFactory().get(path, **headers)).content.decode()


def test_a_second_visitor_gets_the_page_of_the_first_with_its_headers_and_its_age():
    site = Site(change=lambda response: patch_vary_headers(response, ["Cookie"]))

    assert site.get() == site.get() == "answer 1"
    again = site.kept(RequestFactory().get("/treatments/"))
    assert (again["Age"], again["Vary"]) == ("0", "Cookie")
    assert again["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize(
    "own",
    [
        {"HTTP_COOKIE": "session=x"},
        {"HTTP_COOKIE": "messages=x"},
        {"HTTP_AUTHORIZATION": "Bearer x"},
        {"HTTP_HX_REQUEST": "true"},
        {"path": "/treatments/?page=2"},
        {"HTTP_HOST": "127.0.0.1"},
        {"secure": True},
    ],
)
def test_who_may_see_another_page_is_not_given_the_kept_one_and_does_not_make_it(own):
    site = Site()

    assert site.get(**own) == "answer 1"
    assert site.get() == "answer 2"
    assert site.get(**own) != "answer 2"
    assert site.get() == "answer 2"


@pytest.mark.parametrize(
    "change",
    [
        lambda response: setattr(response, "status_code", 404),
        lambda response: response.set_cookie("messages", "x"),
        lambda response: patch_vary_headers(response, ["Accept-Language"]),
    ],
)
def test_what_is_not_for_everybody_is_not_kept(change):
    site = Site(change)

    assert (site.get(), site.get()) == ("answer 1", "answer 2")


def test_pages_that_do_not_say_they_are_public_are_not_kept():
    site = Site(public=False)

    assert (site.get(), site.get()) == ("answer 1", "answer 2")


def test_a_stream_is_not_kept():
    kept = KeptPages(lambda request: let_caches_keep(request, StreamingHttpResponse(["a", "b"])))

    first, second = (kept(RequestFactory().get("/")) for _ in range(2))
    assert b"".join(first) == b"".join(second) == b"ab"


def test_a_change_in_the_cms_shows_at_once():
    site = Site()
    site.get()
    site.kept(RequestFactory().post("/cms/pages/3/edit/"))

    assert site.get() == "answer 3"


def test_a_page_that_was_being_made_during_a_change_is_not_kept():
    site = Site()

    def publish_meanwhile(response):
        site.change = lambda response: None
        site.kept(RequestFactory().post("/cms/pages/3/edit/"))

    site.change = publish_meanwhile
    site.get()
    assert site.get() == "answer 3"


def test_a_page_is_made_anew_after_a_minute(monkeypatch):
    site, moment = Site(), 1000.0
    monkeypatch.setattr("clinic.running.page_cache.time.monotonic", lambda: moment)
    assert site.get() == "answer 1"
    moment += 59.9
    assert site.get() == "answer 1"
    moment += 0.2
    assert site.get() == "answer 2"


def test_without_the_shared_cache_nothing_is_kept(monkeypatch):
    monkeypatch.setattr("clinic.running.page_cache.cache", SimpleNamespace(get_or_set=lambda *args: None))
    site = Site()

    assert (site.get(), site.get()) == ("answer 1", "answer 2")
