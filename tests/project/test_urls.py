"""The addresses that other programs and people's bookmarks rely on, and the headers every answer carries."""

from __future__ import annotations

import json
import re
import tempfile
from datetime import timedelta
from io import StringIO
from pathlib import Path
from unittest import mock

from django.core.management import call_command
from django.test import Client, TestCase, override_settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from bookings.messages.planning.invitations import token_of
from bookings.visits.models import Appointment
from clinic.accounts.models import User
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.web.middleware import PERSONAL
from clinic.practitioners.models import Practitioner

PUBLIC = {
    "/": "text/html",
    "/treatments/": "text/html",
    "/practitioners/": "text/html",
    "/practitioners/nurse-marina/": "text/html",
    "/blog/": "text/html",
    "/blog/feed/": "application/atom+xml",
    "/search/?q=skin": "text/html",
    "/sitemap.xml": "application/xml",
    "/robots.txt": "text/plain",
    "/privacy/": "text/html",
    "/complaints/": "text/html",
    "/book/": "text/html",
    "/embed/": "text/html",
    "/visit/find/": "text/html",
    "/waiting/join/?treatment=first-consultation": "text/html",
    "/accounts/login/": "text/html",
    "/accounts/signup/": "text/html",
    "/healthz": "text/plain",
    "/api/v1/openapi.json": "application/json",
    "/api/v1/docs": "text/html",
    "/api/v1/treatments": "application/json",
    "/api/v1/practitioners": "application/json",
    "/metrics": "text/plain",
}
BEHIND_A_LOGIN = {
    "/diary/": "desk", "/diary/messages/": "desk", "/diary/patients/": "desk", "/diary/waiting/": "desk", "/diary/holidays/": "desk", "/diary/plan/": "desk", "/diary/line/": "desk", "/diary/lately/": "desk", "/diary/feeds/": "nurse", "/diary/sheet/": "desk", "/diary/numbers/": "nurse", "/diary/sheet/type/": "desk", "/diary/integrations/": "owner", "/cms/": "editor", "/my/": "patient", "/my/find/": "patient",
}  # fmt: skip
PART = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")
NOT_A_PAGE = ("/readyz",)  # 503 while no message loop runs, as in a test


def every_route(patterns=None, prefix="/"):
    """Each route that is written as a path, with its prefix."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if not isinstance(entry.pattern, RoutePattern):
            continue
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from every_route(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            yield route


class Site(TestCase):
    """One class, so that the site is seeded once."""

    @classmethod
    def setUpTestData(cls):
        media = tempfile.TemporaryDirectory()
        cls.addClassCleanup(media.cleanup)
        cls.enterClassContext(override_settings(MEDIA_ROOT=Path(media.name)))
        call_command("seed", stdout=StringIO())
        cls.visit = Appointment.objects.filter(patient__isnull=False).latest("pk")
        cls.samples = {
            "slug": "nurse-marina", "reference": cls.visit.reference, "token": "t" * 43, "int": "1", "path": "some/path",
            "uuid": "00000000-0000-0000-0000-000000000000", "str": "something", None: "something",
        }  # fmt: skip

    def sign_in(self, name: str) -> Client:
        client = Client()
        client.force_login(User.objects.get(email=f"{name}@example.com"))
        return client

    def address(self, route: str) -> str:
        return PART.sub(lambda part: self.samples.get(part["converter"], "something"), route)

    def test_public_addresses_answer_anyone_and_set_no_cookie_to_read(self):
        for address, kind in PUBLIC.items():
            with self.subTest(address):
                response = Client().get(address)

                assert response.status_code == 200
                assert response["Content-Type"].startswith(kind)
                assert not response.cookies or address.startswith(("/book/", "/visit/", "/waiting/", "/accounts/")), (
                    response.cookies
                )

    def test_every_public_treatment_and_practitioner_has_a_page(self):
        for row in (*Treatment.objects.public(), *Practitioner.objects.public()):
            with self.subTest(row):
                assert Client().get(row.get_absolute_url()).status_code == 200

    def test_articles_have_pages(self):
        addresses = set(re.findall(r'href="(/blog/[\w-]+/)"', Client().get("/blog/").content.decode())) - {
            "/blog/feed/"
        }

        assert addresses
        assert all(Client().get(address).status_code == 200 for address in addresses)

    def test_what_is_behind_a_login_opens_to_its_people_alone(self):
        for address, name in BEHIND_A_LOGIN.items():
            with self.subTest(address):
                refused = Client().get(address)

                assert refused.status_code == 302
                assert refused["Location"].startswith(("/accounts/login/?next=", "/cms/login/?next="))
                assert self.sign_in(name).get(address).status_code == 200
        assert self.sign_in("patient").get("/diary/").status_code == 403
        assert self.sign_in("desk").get("/diary/integrations/").status_code == 403
        assert self.sign_in("desk").get(f"/diary/visits/{self.visit.reference}/").status_code == 200
        assert self.sign_in("desk").get(f"/diary/patients/{self.visit.patient.reference}/").status_code == 200

    def test_health_is_told_as_json(self):
        answer = Client().get("/readyz")

        assert set(answer.json()["parts"]) == {"database", "broker", "messages", "field_keys"}
        assert (answer.status_code == 200) == (answer.json()["status"] == "ok")

    def test_the_api_describes_itself_and_tells_free_times(self):
        today = clock.today(clock.now())
        span = {"from": today.isoformat(), "to": (today + timedelta(days=30)).isoformat()}

        document = Client().get("/api/v1/openapi.json").json()
        free = Client().get("/api/v1/availability", {"treatment": "skincare-consultation", **span})
        missing = Client().get("/api/v1/availability", {"treatment": "no-such-thing", **span})

        assert document["openapi"].startswith("3.1")
        assert {path.removeprefix("/api/v1/") for path in document["paths"]} == {
            "treatments", "practitioners", "availability", "availability/next", "availability/days",
            "bookings", "bookings/series", "bookings/{token}", "bookings/{token}/move",
            "diary", "staff/bookings", "staff/bookings/{reference}", "staff/bookings/{reference}/move",
            "staff/bookings/{reference}/status",
            "webhooks/deliveries", "webhooks/deliveries/{delivery_id}/replay",
        }  # fmt: skip
        assert set(free.json()["slots"][0]) >= {"starts_at", "ends_at", "practitioner"}
        assert missing["Content-Type"].startswith("application/problem+json")
        assert json.loads(missing.content)["status"] == missing.status_code

    def check(self, response, address: str) -> None:
        policy = response.headers.get("Content-Security-Policy", "")
        assert response.status_code < 500 or address in NOT_A_PAGE
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["X-Frame-Options"] in {"DENY", "SAMEORIGIN"}
        assert response["Permissions-Policy"]
        assert "Access-Control-Allow-Origin" not in response
        kind = response.headers.get("Content-Type", "")
        assert not kind.startswith("text/html") or "charset=utf-8" in kind, kind
        assert response["Referrer-Policy"] in {"same-origin", "strict-origin-when-cross-origin", "no-referrer"}
        assert address.startswith("/cms/") or ("script-src 'self'" in policy and "unsafe" not in policy), policy
        if address.startswith(PERSONAL):
            assert "no-store" in response["Cache-Control"]
            assert response["Referrer-Policy"] != "strict-origin-when-cross-origin"

    def test_every_address_of_the_site_for_a_stranger(self):
        routes = list(every_route())
        assert len(routes) > 100
        for route in routes:
            address = self.address(route)
            with self.subTest(address):
                self.check(Client(raise_request_exception=False).get(address), address)

    def test_every_address_of_our_own_for_the_owner(self):
        owner = self.sign_in("owner")
        for route in every_route():
            address = self.address(route)
            if address.startswith(("/cms/", "/documents/")):
                continue
            with self.subTest(address):
                self.check(owner.get(address), address)

    def test_refusals(self):
        for address in ("/no-such-page/", "/no/such/file.png", "/visit/no-such-visit/", "/treatments/nothing/"):
            with self.subTest(address):
                response = Client().get(address)

                assert response.status_code == 404
                self.check(response, address)
        forged = Client(enforce_csrf_checks=True).post("/visit/find/", {"email": "patient@example.com"})
        assert forged.status_code == 403
        self.check(forged, "/visit/find/")

    def test_a_secret_in_an_address_is_told_to_nobody(self):
        secret = "t" * 43
        for address in (
            f"/visit/{secret}/",
            f"/visit/{secret}/coming/",
            f"/unsubscribe/1.{secret}/",
            f"/not-me/{secret}/",
            f"/preferences/1.{secret}/",
            f"/calendar/{secret}.ics",
        ):
            with self.subTest(address):
                response = Client().get(address)

                assert response["Referrer-Policy"] == "no-referrer"
                assert "no-store" in response["Cache-Control"]

    def test_the_way_out_of_marketing_needs_no_login_and_sets_no_cookie(self):
        token = token_of(self.visit.patient)
        for address in (f"/unsubscribe/{token}/", f"/preferences/{token}/"):
            with self.subTest(address):
                response = Client().get(address)

                assert response.status_code == 200
                assert not response.cookies
                self.check(response, address)

    def test_a_fault_of_ours_tells_nothing_of_itself(self):
        told = "SELECT secret FROM somewhere"
        with mock.patch.object(Treatment.objects, "public", side_effect=ValueError(told)):
            response = Client(raise_request_exception=False).get("/treatments/")

        page = response.content.decode()
        assert response.status_code == 500
        assert told not in page
        assert "Traceback" not in page
        assert "ValueError" not in page

    def test_a_foreign_host_is_refused(self):
        with override_settings(ALLOWED_HOSTS=["clinic.example"]):
            assert Client().get("/", headers={"host": "evil.example"}).status_code == 400
