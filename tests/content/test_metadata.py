"""E7: nothing public tells where a picture was taken, when, with what or by whom; originals are nobody's."""

from __future__ import annotations

import io
import uuid
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.images import ImageFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import resolve, reverse
from PIL import Image as Picture
from PIL import ImageCms, PngImagePlugin
from wagtail.images import get_image_model

from content.metadata import PLAIN, clean
from content.pictures import draw_sizes
from tests.factories.content import make_site, make_staff

pytestmark = pytest.mark.django_db
SECRET = b"51.2720 Maidstone, Jo Example"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:creator>' + SECRET + b"</dc:creator></x:xmpmeta>"
ENDINGS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp", "AVIF": "avif"}


def exif(orientation=1):
    data = Picture.Exif()
    data[0x010E], data[0x013B], data[0x0112] = SECRET.decode(), SECRET.decode(), orientation
    data.get_ifd(0x8825).update({1: "N", 2: (51.0, 16.0, 19.0), 3: "E", 4: (0.0, 31.0, 21.0)})
    return data


def photograph(kind, orientation=1, size=(60, 40)):
    """The left half red, the right half blue; with a place, a person and a profile written into it."""
    picture = Picture.new("RGB", size, "red")
    picture.paste("blue", (size[0] // 2, 0, *size))
    out, more = io.BytesIO(), {"exif": exif(orientation), "icc_profile": PROFILE}
    if kind == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Author", SECRET.decode())
        texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
        more["pnginfo"] = texts
    elif kind == "MPO":
        more |= {"save_all": True, "append_images": [picture.copy()]}
    else:
        more["xmp"] = XMP
    picture.save(out, kind, **more)
    data = out.getvalue()
    if kind == "JPEG":  # IPTC, and a comment: Pillow reads them and writes neither
        iptc = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0\0\0\0\x22\x1c\x02\x50\0\x1d" + SECRET
        for marker, body in ((0xED, iptc), (0xFE, SECRET)):
            data = data[:2] + bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2) + body + data[2:]
    return data


def says_nothing(data: bytes) -> bool:
    picture = Picture.open(io.BytesIO(data))
    picture.load()
    return not (SECRET in data or set(picture.info) - PLAIN or picture.getexif())


@pytest.fixture(autouse=True)
def site():
    make_site()


@pytest.fixture
def stored():
    """As before uploads were cleaned: written to the disk past the model."""

    def stored(data, name="holiday.jpg"):
        image = get_image_model().objects.create(title="A holiday", file=ImageFile(io.BytesIO(photograph("PNG")), name))
        Path(image.file.path).write_bytes(data)
        return image

    return stored


@pytest.fixture
def uploaded():
    def uploaded(data, name):
        editor = Client()
        editor.force_login(make_staff("editor"))
        file = SimpleUploadedFile(name, data)
        editor.post(reverse("wagtailimages:add"), {"title": "A holiday", "file": file, "collection": 1, "tags": ""})
        return get_image_model().objects.latest("pk")

    return uploaded


@pytest.mark.parametrize("kind", ENDINGS)
def test_an_upload_loses_what_it_says_and_keeps_its_colours(kind, uploaded):
    """E7: the original on the disk too."""
    data = photograph(kind)
    assert not says_nothing(data)

    image = uploaded(data, f"holiday.{ENDINGS[kind]}")

    kept = Path(image.file.path).read_bytes()
    assert says_nothing(kept)
    shown = Picture.open(io.BytesIO(kept))
    assert shown.info["icc_profile"] == PROFILE
    assert shown.convert("RGB").getpixel((5, 5))[0] > 200
    assert (image.file_size, image.file_hash != "") == (len(kept), True)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF", "PNG"])
def test_a_picture_held_upright_stays_upright(kind, uploaded):
    """E7: orientation 6 is turned to the right; then the red half is above."""
    image = uploaded(photograph(kind, orientation=6), f"holiday.{ENDINGS[kind]}")

    shown = Picture.open(image.file.path).convert("RGB")
    assert (image.width, image.height) == shown.size == (40, 60)
    assert (shown.getpixel((20, 5))[0] > 200, shown.getpixel((20, 55))[2] > 200) == (True, True)


@pytest.mark.parametrize("kind", ENDINGS)
def test_no_size_that_pages_show_says_anything(kind, uploaded):
    """E7"""
    image = uploaded(photograph(kind), f"holiday.{ENDINGS[kind]}")
    draw_sizes(image)

    sizes = [Path(size.file.path).read_bytes() for size in image.renditions.all()]
    assert len(sizes) >= 9
    assert all(says_nothing(data) for data in sizes)


def test_what_is_clean_is_left_as_it_is():
    picture, out = Picture.new("RGB", (6, 4), "teal"), io.BytesIO()
    picture.save(out, "JPEG", icc_profile=PROFILE)

    assert clean(out) is None


def test_a_moving_picture_goes_on_moving():
    out, frames = io.BytesIO(), [Picture.new("RGB", (6, 4), colour) for colour in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], duration=200, exif=exif())

    cleaned = clean(out)

    assert says_nothing(cleaned)
    assert Picture.open(io.BytesIO(cleaned)).n_frames == 2


def test_see_through_stays_see_through():
    picture, out = Picture.new("P", (6, 4)), io.BytesIO()
    picture.save(out, "PNG", transparency=0, exif=exif())

    assert Picture.open(io.BytesIO(clean(out))).convert("RGBA").getpixel((0, 0))[3] == 0


def test_stored_pictures_are_cleaned_by_a_command(stored, django_capture_on_commit_callbacks):
    """E7: and their sizes drawn anew. Again, it finds nothing."""
    image = stored(photograph("JPEG", orientation=6))
    draw_sizes(image)
    old = [Path(image.file.path), *(Path(size.file.path) for size in image.renditions.all())]
    out = io.StringIO()

    with django_capture_on_commit_callbacks(execute=True):
        call_command("clean_pictures", stdout=out)
    call_command("clean_pictures", stdout=out)

    image.refresh_from_db()
    files = [Path(image.file.path), *(Path(size.file.path) for size in image.renditions.all())]
    assert out.getvalue().splitlines() == ["1 seen, 1 cleaned", "1 seen, 0 cleaned"]
    assert len(files) >= 10
    assert all(says_nothing(file.read_bytes()) for file in files)
    assert (image.width, image.height) == (40, 60)
    assert not [file for file in old if file.exists() and not says_nothing(file.read_bytes())]


@pytest.mark.parametrize("address", ["original_images/{}", "images/../original_images/{}", "documents/{}"])
def test_originals_are_nobodys(address, client):
    """E7"""
    name = f"{uuid.uuid4().hex}.jpg"
    media = Path(resolve("/media/images/any").kwargs["document_root"]).parent
    folders = [media / folder for folder in ("images", "original_images", "documents")]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"A picture")
    try:
        assert client.get(f"/media/images/{name}").status_code == 200
        assert client.get(f"/media/{address.format(name)}").status_code in {400, 404}
    finally:
        for folder in folders:
            (folder / name).unlink()


def test_the_proxy_shows_the_sizes_alone():
    """E7: in front of the site, files are the proxy's to serve."""
    lines = (django_settings.BASE_DIR / "docs/Caddyfile").read_text()

    assert "@hidden not path /media/images/*" in lines
    assert "respond @hidden 404" in lines


def test_the_projects_own_pictures_say_nothing():
    """E7"""
    files = [
        path
        for folder in ("static", "docs")
        for path in (django_settings.BASE_DIR / folder).rglob("*")
        if path.suffix in {".jpg", ".jpeg", ".png", ".webp", ".avif"}
    ]

    assert [file.name for file in files if not says_nothing(file.read_bytes())] == []
