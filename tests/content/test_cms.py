"""What staff may publish, and who gets in."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from content.models import ArticlePage, BlogIndexPage
from tests.factories import content as make


@pytest.fixture
def editor(client, home):
    client.force_login(make.make_staff("editor"))
    return client


def article_form(**values):
    words = values.pop("words", "Plain words about skin.")
    data = {
        "title": "A fine title",
        "slug": "a-fine-title",
        "summary": "What it says.",
        "seo_title": "",
        "search_description": "",
        "hero_image": str(make.make_picture().pk),
        "hero_alt": "A drawing of two curves",
        "published_on": "2026-10-01",
        "body": streamfield([("paragraph", rich_text(f"<p>{words}</p>"))]),
        "sources": streamfield([]),
        "tags": "",
        "comments": inline_formset([]),
    }
    return nested_form_data({**data, **values})


def add(client, **data):
    parent = BlogIndexPage.objects.get()
    return client.post(reverse("wagtailadmin_pages:add", args=["content", "articlepage", parent.pk]), data)


def test_an_editor_publishes_a_lawful_article(editor):
    response = add(editor, **article_form(), **{"action-publish": "1"})

    assert response.status_code == 302
    assert editor.get("/blog/a-fine-title/").status_code == 200


def test_markup_and_addresses_that_act_are_left_out_of_an_article(editor):
    """As a program could send them: the CMS's own box offers none of it."""
    words = 'Read <script>alert("typed")</script> this'
    sent = {
        "blocks": [
            {
                "key": "aaaaa",
                "type": "unstyled",
                "depth": 0,
                "text": words,
                "inlineStyleRanges": [],
                "entityRanges": [{"offset": 0, "length": 4, "key": 0}],
            }
        ],
        "entityMap": {"0": {"type": "LINK", "mutability": "MUTABLE", "data": {"url": "javascript:alert('link')"}}},
    }
    body = streamfield([("paragraph", json.dumps(sent))])

    assert add(editor, **article_form(body=body), **{"action-publish": "1"}).status_code == 302
    page = editor.get("/blog/a-fine-title/").content.decode()

    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "javascript:" not in page


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("body", {"words": "We give Botox on Mondays."}),
        ("title", {"title": "Botox explained"}),
        ("hero_alt", {"hero_alt": "A vial of Botox"}),
        ("tags", {"tags": "botox"}),
        ("search_description", {"search_description": "All about Botox"}),
        ("slug", {"slug": "botox-explained"}),
    ],
)
def test_an_article_naming_a_prescription_only_medicine_is_refused_beside_the_field(editor, field, values):
    response = add(editor, **article_form(**values), **{"action-publish": "1"})

    assert response.status_code == 200
    errors = response.context["form"].errors
    [sentence] = [text for text in errors.get(field, errors.get("__all__", [])) if "botox" in text.lower()][:1]
    assert "may not be published here" in sentence
    assert "SlotQuery:" in sentence
    assert not ArticlePage.objects.exists()


def test_a_draft_may_say_anything_until_it_is_published(editor):
    response = add(editor, **article_form(words="We give Botox on Mondays."))

    assert response.status_code == 302
    draft = ArticlePage.objects.get()
    assert not draft.live
    assert editor.get("/blog/a-fine-title/").status_code == 404


def test_a_clinic_under_other_law_publishes_it(editor, settings):
    settings.ADVERTISING_RULES = "off"

    add(editor, **article_form(words="We give Botox on Mondays."), **{"action-publish": "1"})

    assert "Botox on Mondays" in editor.get("/blog/a-fine-title/").content.decode()


def test_an_article_needs_a_true_alternative_text(editor):
    response = add(editor, **article_form(hero_alt=""), **{"action-publish": "1"})

    assert "hero_alt" in response.context["form"].errors


def test_takeaways_are_two_to_six(editor):
    body = streamfield([("key_takeaways", streamfield([("item", "Only one")]))])

    response = add(editor, **article_form(body=body), **{"action-publish": "1"})

    assert "body" in response.context["form"].errors


@pytest.mark.parametrize("role", ["owner", "editor"])
def test_owner_and_editor_work_in_the_cms(client, home, role):
    client.force_login(make.make_staff(role))
    treatment = make.make_treatment()
    practitioner = make.make_practitioner()
    medicine = make.make_medicine()

    for viewset, row in (("catalogue_treatment", treatment), ("practitioners_practitioner", practitioner)):
        assert client.get(reverse(f"wagtailsnippets_{viewset}:list")).status_code == 200
        assert client.get(reverse(f"wagtailsnippets_{viewset}:edit", args=[row.pk])).status_code == 200
    assert medicine.name in client.get(reverse("wagtailsnippets_catalogue_treatment:list")).content.decode()
    form = client.get(reverse("wagtailsnippets_catalogue_treatment:edit", args=[treatment.pk])).context["form"]
    assert ("is_prescription_only" in form.fields) is (role == "owner")
    settings_page = client.get("/cms/settings/core/clinicsettings/", follow=True)
    assert (settings_page.redirect_chain == []) is (role == "owner") or role == "owner"


@pytest.mark.parametrize("role", ["practitioner", "desk"])
def test_others_are_kindly_refused(client, home, role):
    client.force_login(make.make_staff(role))

    response = client.get("/cms/", follow=True)

    assert response.status_code == 403
    assert "You can’t open this page" in response.content.decode()


def test_strangers_sign_in_where_everyone_does(client, home):
    response = client.get("/cms/", follow=True)

    assert response.redirect_chain[-1][0].startswith("/accounts/login/?next=/cms/")


def treatment_form(**values):
    data = {
        "name": "Gentle peel",
        "slug": "gentle-peel",
        "category": str(make.make_category().pk),
        "kind": "treatment",
        "summary": "A mild acid.",
        "body": rich_text("<p>What happens.</p>"),
        "risks_and_recovery": rich_text("<p>Redness.</p>"),
        "price": "90",
        "position": "0",
        "art": "",
    }
    return nested_form_data({**data, **values})


def test_an_editor_publishes_a_treatment_and_is_refused_an_unlawful_one(editor):
    address = reverse("wagtailsnippets_catalogue_treatment:add")

    refused = editor.post(address, {**treatment_form(summary="As good as Botox"), "action-publish": "1"})
    published = editor.post(address, {**treatment_form(), "action-publish": "1"})

    assert "may not be published here" in str(refused.context["form"].errors["summary"])
    assert published.status_code == 302
    assert editor.get("/treatments/gentle-peel/").status_code == 200


def test_treatments_and_practitioners_are_previewed_as_the_public_sees_them(editor):
    treatment = make.make_treatment(name="Gentle peel")
    address = reverse("wagtailsnippets_catalogue_treatment:preview_on_edit", args=[treatment.pk])
    data = treatment_form(name="Gentler peel")

    assert json.loads(editor.post(address, data).content)["is_valid"]
    assert "Gentler peel – Juvenology Clinic" in editor.get(address).content.decode()
    person = make.make_practitioner(name="Nurse Ada")
    assert "Nurse Ada" in person.make_preview_request().content.decode()
