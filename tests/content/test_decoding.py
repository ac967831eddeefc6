"""What comes from outside is decoded by a process with limits, and stored as written anew by it."""

from __future__ import annotations

import io
import random
import resource
import struct
import sys
import zlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image as Picture
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from content.decoding import child
from content.decoding.child import TooHeavy, Undecodable, rewritten
from tests.content.test_metadata import ENDINGS, SECRET, photograph, says_nothing
from tests.factories.content import make_pdf, make_site, make_staff

pytestmark = pytest.mark.django_db
POLYGLOT = b"<script>alert(1)</script><?php ?>"


def png_of(width, height):
    """A PNG whose header promises so many pixels; its body unfolds to 60 MB of them."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(60_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.fixture(autouse=True)
def site():
    make_site()


@pytest.fixture
def upload():
    client = Client()
    client.force_login(make_staff("editor"))

    def upload(data, name="holiday.png", door="wagtailimages:add"):
        file = SimpleUploadedFile(name, data)
        form = {"title": "A holiday", "file": file, "collection": 1, "tags": ""}
        return client.post(reverse(door), form).content.decode()

    return upload


def test_a_bomb_is_refused_beside_its_field_and_costs_this_process_nothing(upload):
    upload(photograph("PNG"))  # what is loaded once, is
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    page = upload(png_of(40_000, 40_000))

    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert "This picture has 1600 megapixels. Please save it with 50 at most" in page
    assert grown < 30_000 * (1 if sys.platform == "linux" else 1024)  # KB on Linux, bytes on macOS
    assert get_image_model().objects.count() == 1


@pytest.mark.skipif(
    sys.platform == "darwin", reason="macOS does not enforce RLIMIT_AS; the limit of pixels holds there"
)
def test_what_takes_too_much_memory_is_refused(monkeypatch):
    monkeypatch.setattr(child, "MEGABYTES", 300)
    data = io.BytesIO()
    Picture.new("RGB", (9000, 5000)).save(data, "PNG")

    with pytest.raises(TooHeavy, match="smaller"):
        rewritten(data.getvalue(), "picture")


@pytest.mark.parametrize("seconds", [0, 0.01])
def test_what_takes_too_long_is_refused(monkeypatch, seconds):
    monkeypatch.setattr(child, "SECONDS", seconds)

    with pytest.raises(TooHeavy):
        rewritten(photograph("PNG"), "picture")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_stands_behind_a_picture_is_not_stored(upload, kind):
    upload(photograph(kind) + POLYGLOT, f"holiday.{ENDINGS[kind]}")

    (image,) = get_image_model().objects.all()
    stored = Path(image.file.path).read_bytes()
    assert says_nothing(stored)
    assert POLYGLOT not in stored


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "holiday.svg", "Not a supported image format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "holiday.png", "cannot be read"),
        (b"GIF89a" + bytes(40), "holiday.png", "cannot be read"),
        (b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR", "holiday.jpg", "cannot be read"),
        (photograph("PNG"), "../../holiday.jpg", "extension does not match"),
        (bytes(11 * 2**20), "holiday.jpg", "too large"),
    ],
    ids=["svg", "svg-as-png", "gif-as-png", "eicar", "other-ending", "large"],
)
def test_what_is_no_picture_is_refused_with_words(upload, data, name, told):
    assert told in upload(data, name)
    assert not get_image_model().objects.exists()


def test_many_at_once_go_the_same_way(upload):
    client = Client()
    client.force_login(make_staff("editor"))
    door = reverse("wagtailimages:add_multiple")

    bomb, fine = (
        client.post(door, {"title": "x", "collection": 1, "files[]": SimpleUploadedFile("holiday.png", data)}).json()
        for data in (png_of(40_000, 40_000), photograph("PNG") + POLYGLOT)
    )

    assert (bomb["success"], "1600 megapixels" in bomb["error_message"]) == (False, True)
    assert fine["success"]
    (image,) = get_image_model().objects.all()
    assert POLYGLOT not in Path(image.file.path).read_bytes()


def test_a_pdf_goes_the_same_way(upload, monkeypatch):
    upload(make_pdf(), "prices.pdf", "wagtaildocs:add")
    assert get_document_model().objects.count() == 1

    monkeypatch.setattr(child, "SECONDS", 0.01)
    assert "takes too long to open" in upload(make_pdf(), "prices.pdf", "wagtaildocs:add")
    assert get_document_model().objects.count() == 1


def test_what_is_no_pdf_is_refused_in_one_sentence():
    """What the library says of it on the way is for nobody."""
    with pytest.raises(Undecodable) as refused:
        rewritten(b"hello", "pdf")

    assert str(refused.value) == "This file cannot be read as a PDF. Please save it anew and upload it again."


def test_a_machine_that_is_full_asks_to_try_again(upload, monkeypatch):
    def full(*_command, **_how):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(child.subprocess, "run", full)

    assert "try again in a minute" in upload(photograph("PNG"))
    assert not get_image_model().objects.exists()


def test_the_process_knows_no_secret(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "s3cret-of-this-test")
    seen = {}
    run = child.subprocess.run
    monkeypatch.setattr(child.subprocess, "run", lambda *command, **how: seen.update(how) or run(*command, **how))

    rewritten(photograph("PNG"), "picture")

    assert seen["env"] == {}


@pytest.mark.proof
def test_of_two_hundred_pictures_none_says_anything():
    choice = random.Random(7)
    for _ in range(200):
        kind, size = choice.choice(list(ENDINGS)), (choice.randrange(20, 400), choice.randrange(20, 400))
        kept = rewritten(photograph(kind, choice.randrange(1, 9), size), "picture")
        assert says_nothing(kept)
        assert SECRET not in kept


@pytest.mark.proof
def test_garbled_pictures_are_refused_or_written_anew():
    choice = random.Random(8)
    for _ in range(60):
        data = bytearray(photograph(choice.choice(list(ENDINGS))))
        for _ in range(choice.randrange(1, 20)):
            data[choice.randrange(len(data))] = choice.randrange(256)
        try:
            kept = rewritten(bytes(data), "picture")
        except Undecodable:
            continue
        assert says_nothing(kept)
