"""E7, E2: what is published as a document is a PDF that says no more than its pages do."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, StreamObject
from wagtail.documents import get_document_model

from content.documents import Unreadable, clean
from tests.content.test_metadata import photograph
from tests.factories.content import make_pdf, make_site, make_staff

pytestmark = pytest.mark.django_db
SECRET = "Jo Example, Maidstone"


@pytest.fixture
def editor(client):
    make_site()
    client.force_login(make_staff("editor"))
    return client


def telling_pdf():
    """Author and program, XMP in the file and on its page, what a program keeps for itself, and an attached file."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(make_pdf())))
    writer.add_metadata({"/Author": SECRET, "/Producer": SECRET})
    writer.add_attachment("draft.txt", SECRET.encode())
    for part in (writer.root_object, writer.pages[0]):
        stream = StreamObject()
        stream.set_data(f"<x:xmpmeta>{SECRET}</x:xmpmeta>".encode())
        part[NameObject("/Metadata")] = writer._add_object(stream)
        part[NameObject("/PieceInfo")] = writer._add_object(stream)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def upload(client, name, data, kind="application/pdf"):
    file = SimpleUploadedFile(name, data, content_type=kind)
    one = client.post(reverse("wagtaildocs:add"), {"title": "Aftercare", "collection": 1, "file": file})
    file.seek(0)
    many = client.post(
        reverse("wagtaildocs:add_multiple"),
        {"title": "Aftercare", "files[]": file},
        headers={"X-Requested-With": "XMLHttpRequest"},
    )
    return one, many


def test_a_pdf_loses_what_it_says_beside_its_pages(editor, client):
    data = telling_pdf()
    assert SECRET.encode() in data
    upload(editor, "aftercare.pdf", data)

    served = [b"".join(client.get(one.url).streaming_content) for one in get_document_model().objects.all()]

    assert len(served) == 2
    for one in served:
        assert SECRET.encode() not in one
        pdf = PdfReader(io.BytesIO(one))
        assert (len(pdf.pages), pdf.metadata or {}, pdf.attachments) == (1, {}, {})
        assert pdf.xmp_metadata is None


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("photo.jpg", photograph("JPEG"), "This is a picture. Please add it under Images"),
        ("prices.txt", b"Botox from 99", "Only PDF files are published"),
        ("page.html", b"<p>Botox", "Only PDF files are published"),
        ("prices.pdf", b"Botox from 99", "cannot be read as a PDF"),
        ("half.pdf", make_pdf()[:60], "cannot be read as a PDF"),
    ],
)
def test_anything_else_is_refused_with_a_way_out(editor, name, data, says):
    for answer in upload(editor, name, data):
        assert answer.status_code == 200
        assert says in answer.content.decode()
    assert not get_document_model().objects.exists()


def test_a_name_leads_nowhere_and_adds_no_header(editor, client, settings):
    """As a program could send it: browsers and the test's own client take the folders off."""
    parts = [
        b'name="title"\r\n\r\nAftercare',
        b'name="collection"\r\n\r\n1',
        b'name="file"; filename="../../static/a;b=c<d>,e.pdf"\r\nContent-Type: application/pdf\r\n\r\n' + make_pdf(),
    ]
    body = b"".join(b"--ends\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--ends--\r\n"
    editor.post(reverse("wagtaildocs:add"), body, content_type="multipart/form-data; boundary=ends")

    document = get_document_model().objects.get()
    served = client.get(document.url)

    assert Path(document.file.path).parent == Path(settings.MEDIA_ROOT) / "documents"
    assert re.fullmatch(r"[\w.-]+", document.filename)
    assert served.headers["Content-Disposition"] == f'inline; filename="{document.filename}"'


def test_a_drawing_that_could_hold_a_script_is_refused(editor):
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    file = SimpleUploadedFile("plan.svg", drawing, content_type="image/svg+xml")

    answer = editor.post(reverse("wagtailimages:add"), {"title": "Plan", "collection": 1, "file": file})

    assert answer.context["form"].errors["file"]


def test_a_pdf_with_a_password_is_refused(editor):
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(make_pdf())))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)

    assert "asks for a password" in upload(editor, "locked.pdf", out.getvalue())[0].content.decode()


def test_no_other_door_stores_what_cannot_be_cleaned():
    with pytest.raises(Unreadable):
        get_document_model().objects.create(title="Prices", file=ContentFile(b"x", "prices.pdf"))


def test_a_clean_one_is_clean_again():
    once = clean(io.BytesIO(make_pdf()))
    assert len(PdfReader(io.BytesIO(clean(io.BytesIO(once)))).pages) == 1


@pytest.mark.parametrize("length", [800, 20])
def test_a_picture_that_was_cut_off_is_refused_beside_its_field(editor, length):
    data = photograph("JPEG", size=(600, 400))[:length]
    file = SimpleUploadedFile("cut.jpg", data, content_type="image/jpeg")

    answer = editor.post(reverse("wagtailimages:add"), {"title": "Lounge", "collection": 1, "file": file})

    assert answer.status_code == 200
    assert answer.context["form"].errors["file"]
