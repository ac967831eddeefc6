"""E2, E-B12, E-B13: what is written outside pages and treatments reaches the public unchecked by no door."""

from __future__ import annotations

import html
import io
import json

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from PIL import Image as Picture
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.test.utils.form_data import querydict_from_html

from bookings.timetable.models import Location, Room
from clinic.advertising.publishing import AdvertisingRefused
from clinic.core.models import ClinicSettings
from tests.factories.bookings import LocationFactory, RoomFactory
from tests.factories.content import make_article, make_pdf, make_picture, make_plain_page, make_site, make_staff

pytestmark = pytest.mark.django_db
UNLAWFUL = "Botox from £99, this weekend only"


@pytest.fixture(autouse=True)
def _site(settings, tmp_path):
    settings.ADVERTISING_RULES, settings.MEDIA_ROOT = "uk", tmp_path
    make_site()


@pytest.fixture
def cms(client):
    client.force_login(make_staff("owner"))
    return client


def a_file(name):
    out = io.BytesIO()
    Picture.new("RGB", (24, 16), "teal").save(out, "PNG")
    return SimpleUploadedFile(name, make_pdf() if name.endswith(".pdf") else out.getvalue())


def errors_of(answer):
    """The errors of the form that is shown again, by field."""
    assert answer.status_code == 200, answer.status_code
    form = answer.context["form"]
    return {name: " ".join(errors) for name, errors in form.errors.items()}


THINGS = {
    "settings": lambda: ClinicSettings(strapline=UNLAWFUL),
    "location": lambda: Location(name=UNLAWFUL, slug="here", address="1 Example Street"),
    "room": lambda: Room(location=LocationFactory(), name="Botox room"),
    "picture": lambda: get_image_model()(title="A face", file=a_file("botox-results.png"), width=1, height=1),
    "document": lambda: get_document_model()(title=UNLAWFUL, file=ContentFile(make_pdf(), "prices.pdf")),
    "redirect": lambda: Redirect(old_path="/botox-offer", redirect_link="https://example.com/"),
}
LATER = {  # how it came there before it was checked: past every signal
    "settings": lambda: ClinicSettings.objects.create() and ClinicSettings.objects.update(strapline=UNLAWFUL),
    "location": lambda: LocationFactory() and Location.objects.update(directions=UNLAWFUL),
    "room": lambda: RoomFactory() and Room.objects.update(name="Botox room"),
    "picture": lambda: make_picture() and get_image_model().objects.update(description="Botox, before and after"),
    "document": lambda: get_document_model().objects.bulk_create(
        [get_document_model()(title=UNLAWFUL, file="prices.pdf")]
    ),
    "redirect": lambda: Redirect.objects.bulk_create(
        [Redirect(old_path="/botox-offer", redirect_link="https://example.com/")]
    ),
}


@pytest.mark.parametrize("what", THINGS)
def test_it_is_refused_when_it_is_saved(what):
    """E2, E-B12"""
    thing = THINGS[what]()

    with pytest.raises(AdvertisingRefused, match="POM-01"):
        thing.save()


@pytest.mark.parametrize("what", LATER)
def test_the_rescan_finds_what_was_there_before(what):
    """E2, E-B12"""
    LATER[what]()
    out = io.StringIO()

    with pytest.raises(CommandError, match="1 published texts may not stay"):
        call_command("rescan_advertising", stdout=out)
    assert "botox" in out.getvalue().lower()


@pytest.mark.parametrize("wrong_too", ["", "not an address"])
def test_the_clinics_strapline_is_refused_beside_the_field(wrong_too, cms):
    """E2: also while something else is wrong, so that nobody learns of it one error at a time."""
    ClinicSettings.objects.create(name="Our clinic", address="1 Example Street")
    address = cms.get(reverse("wagtailsettings:edit", args=["core", "clinicsettings"]), follow=True)
    form = querydict_from_html(address.content.decode(), form_index=-1 + _forms(address)).copy()
    form["strapline"], form["email"] = UNLAWFUL, wrong_too

    answer = cms.post(address.request["PATH_INFO"], form)

    assert "POM-01" in errors_of(answer)["strapline"]
    assert ClinicSettings.load().strapline == ""
    assert UNLAWFUL in html.unescape(answer.content.decode())  # what was typed stays


def _forms(answer):
    """How many forms stand on the page up to the one that edits."""
    texts = answer.content.decode().split("<form")[1:]
    return next(number for number, text in enumerate(texts, start=1) if 'name="strapline"' in text)


@pytest.mark.parametrize("model", [get_image_model(), get_document_model()], ids=["picture", "document"])
def test_a_file_is_refused_beside_the_field(model, cms):
    """E2: a live article's picture is replaced by a file named after a medicine."""
    is_picture = model is get_image_model()
    app, ending = ("wagtailimages", "png") if is_picture else ("wagtaildocs", "pdf")
    thing = (
        make_picture() if is_picture else model.objects.create(title="Care", file=ContentFile(make_pdf(), "care.pdf"))
    )
    words = {"title": "A face", "collection": "1", "tags": ""}
    for address in (reverse(f"{app}:add"), reverse(f"{app}:edit", args=[thing.pk])):
        answer = cms.post(address, words | {"file": a_file(f"botox-results.{ending}")})

        assert "POM-01" in errors_of(answer)["file"]
    answer = cms.post(reverse(f"{app}:edit", args=[thing.pk]), words | {"title": UNLAWFUL})

    assert "POM-01" in errors_of(answer)["title"]
    assert model.objects.get().title == thing.title
    assert cms.post(reverse(f"{app}:add"), words | {"file": a_file(f"a-face.{ending}")}).status_code == 302


@pytest.mark.parametrize("app", ["wagtailimages", "wagtaildocs"])
def test_many_files_at_once_say_it_too(app, cms):
    """E2"""
    data = {"title": "botox results", "file" if app == "wagtaildocs" else "files[]": a_file("botox-results.pdf")}
    data["files[]"] = a_file("botox-results.png" if app == "wagtailimages" else "botox-results.pdf")

    answer = cms.post(reverse(f"{app}:add_multiple"), data)

    assert answer.json()["success"] is False
    assert "POM-01" in answer.json()["error_message"]


def test_a_redirect_is_refused_beside_the_field(cms):
    """E-B12"""
    data = {"old_path": "/botox-offer/", "site": "", "is_permanent": "on", "redirect_link": "https://example.com/"}
    answer = cms.post(reverse("wagtailredirects:add"), data)

    assert "POM-01" in errors_of(answer)["old_path"]
    assert not Redirect.objects.exists()
    assert cms.post(reverse("wagtailredirects:add"), data | {"old_path": "/offer/"}).status_code == 302


@pytest.mark.parametrize("name", ["location", "room"])
def test_places_are_refused_beside_the_field(name, cms):
    """E-B12"""
    data = {"name": "Botox suite", "slug": "suite", "address": "1 Example Street", "kind": "treatment"}
    data |= {"location": LocationFactory().pk} if name == "room" else {}

    answer = cms.post(reverse(f"wagtailsnippets_bookings_{name}:add"), data)

    assert "POM-01" in errors_of(answer)["name"]


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("Under 18s cannot book.", True),
        ("We do not treat anyone under 18.", True),
        ("It is an offence to arrange this for under-18s.", True),
        ("We see adults only: under 18s are not treated.", True),
        ("We see adults only, so no one under 18 can come.", True),
        ("Under 18s welcome on Saturdays.", False),
        ("Under 18s and adults welcome.", False),
        ("Never too early: under 18s book here.", False),
        ("It is never too early for under 18s.", False),
        ("Not only adults but under 18s book here.", False),
        ("Under 18s book here. You cannot lose.", False),
        ("Under 18s are never refused.", False),
        ("Ready for prom? Ask us.", False),
        ("A student discount for freshers.", False),
    ],
)
def test_plain_pages_may_turn_the_young_away_and_never_call_them(text, may):
    """E-B13"""
    body = json.dumps([{"type": "paragraph", "value": f"<p>{text}</p>"}])
    if may:
        assert make_plain_page(body=body).live
    else:
        with pytest.raises(AdvertisingRefused, match="CAP-01"):
            make_plain_page(body=body)


def test_the_words_of_a_picture_count_where_it_is_shown():
    """E2: on the article, by the article's own rules."""
    picture = make_picture()
    get_image_model().objects.filter(pk=picture.pk).update(description="Botox, before and after")
    picture.refresh_from_db()

    with pytest.raises(AdvertisingRefused):
        make_article(hero_image=picture)
