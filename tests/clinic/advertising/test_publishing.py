"""No door leads an unlawful text to the public: saves, publishing, schedules, forms, and what was there before."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.log_actions import LogContext
from wagtail.models import Revision

from clinic.advertising.forms import AdvertisingFormMixin
from clinic.advertising.models import AdvertisingVerdict, ClearingRefused, VerdictIsKept
from clinic.advertising.publishing import AdvertisingRefused
from clinic.advertising.rules.check import Verdict
from clinic.catalogue.models import Category, Treatment

pytestmark = [
    pytest.mark.django_db,
]

UNLAWFUL, DOUBTFUL, LAWFUL = "Botox in the lounge", "The perfect skin talk", "Skin consultation"


@pytest.fixture(autouse=True)
def _uk_rules(settings):
    settings.ADVERTISING_RULES = "uk"


@pytest.fixture
def two_people():
    users = get_user_model().objects
    return users.create(email="first@example.com"), users.create(email="second@example.com")


def _treatment(summary, *, live=False, slug="skin-talk", **fields):
    category, _ = Category.objects.get_or_create(slug="skin", defaults={"name": "Skin"})
    values = {"name": "Skin talk", "kind": "consultation", "duration_minutes": 30, "price": Decimal(40), **fields}
    return Treatment(category=category, slug=slug, summary=summary, live=live, **values)


def _saved(summary, **kwargs):
    treatment = _treatment(summary, **kwargs)
    treatment.save()
    return treatment


def _verdicts():
    """On treatments: their category's texts are checked too."""
    return AdvertisingVerdict.objects.filter(content_type=ContentType.objects.get_for_model(Treatment))


def test_a_live_save_is_refused_and_the_refusal_kept():
    with pytest.raises(AdvertisingRefused, match="POM-01"):
        _saved(UNLAWFUL, live=True)

    assert not Treatment.objects.exists()
    assert _verdicts().get().verdict == Verdict.BLOCK


def test_a_prescription_only_treatment_keeps_its_true_name():
    _saved("", live=True, name="Botox", slug="toxin", price=None, is_prescription_only=True)

    assert not _verdicts().exists()


def test_a_draft_says_what_it_likes_and_is_not_published():
    treatment = _saved(UNLAWFUL)
    revision = treatment.save_revision()

    with pytest.raises(AdvertisingRefused):
        revision.publish()

    treatment.refresh_from_db()
    assert not treatment.live


def test_a_lawful_text_is_published_and_its_verdict_kept():
    treatment = _saved(LAWFUL)
    treatment.save_revision().publish()

    treatment.refresh_from_db()
    assert treatment.live
    assert AdvertisingVerdict.objects.of(treatment).get().verdict == Verdict.PASS


def test_an_unlawful_draft_of_a_live_treatment_leaves_it_as_it_was():
    treatment = _saved(LAWFUL, live=True)
    treatment.summary = UNLAWFUL
    revision = treatment.save_revision()

    with pytest.raises(AdvertisingRefused):
        revision.publish()

    assert Treatment.objects.get().summary == LAWFUL


@pytest.mark.parametrize("live", [True, False])
def test_scheduling_is_refused(live):
    treatment = _saved(LAWFUL, live=live)
    treatment.save_revision().publish()
    treatment.summary = UNLAWFUL
    treatment.go_live_at = timezone.now() + dt.timedelta(days=1)
    revision = treatment.save_revision()

    with pytest.raises(AdvertisingRefused):
        revision.publish()

    assert not Revision.objects.exclude(approved_go_live_at=None).exists()


def test_one_text_refused_at_its_hour_does_not_stop_the_others(caplog):
    for slug, summary in (("a", UNLAWFUL), ("b", LAWFUL)):
        _saved(summary, slug=slug).save_revision()
    Revision.objects.update(approved_go_live_at=timezone.now() - dt.timedelta(hours=1))

    call_command("publish_scheduled")

    assert [treatment.slug for treatment in Treatment.objects.filter(live=True)] == ["b"]
    assert "Scheduled text refused" in caplog.text
    assert not Revision.objects.exclude(approved_go_live_at=None).exists()


def test_a_review_is_published_once_a_second_person_cleared_it(two_people):
    first, second = two_people
    treatment = _saved(DOUBTFUL)
    revision = treatment.save_revision()
    with LogContext(user=first), pytest.raises(AdvertisingRefused):
        revision.publish()
    verdict = AdvertisingVerdict.objects.awaiting_clearance().get()
    for person, reason in ((first, "It is about talk."), (second, " ")):
        with pytest.raises(ClearingRefused):
            AdvertisingVerdict.objects.clear(verdict, by=person, reason=reason)

    AdvertisingVerdict.objects.clear(verdict, by=second, reason="It is about talk.")
    revision.publish()

    treatment.refresh_from_db()
    assert treatment.live
    assert not AdvertisingVerdict.objects.awaiting_clearance().exists()


def test_a_clearance_holds_for_these_words_only(two_people):
    with pytest.raises(AdvertisingRefused):
        _saved(DOUBTFUL, live=True)
    AdvertisingVerdict.objects.clear(_verdicts().get(), by=two_people[1], reason="It is about talk.")
    treatment = _saved(DOUBTFUL, live=True)

    treatment.summary += " for you"

    with pytest.raises(AdvertisingRefused):
        treatment.save()


def test_a_block_is_never_cleared(two_people):
    with pytest.raises(AdvertisingRefused):
        _saved(UNLAWFUL, live=True)

    with pytest.raises(ClearingRefused, match="matter of law"):
        AdvertisingVerdict.objects.clear(_verdicts().get(), by=two_people[1], reason="I like it.")


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("only_a_review_is_cleared", {"verdict": "block", "cleared_by": 1, "cleared_reason": "Why"}),
        ("cleared_by_a_second_person", {"cleared_by": 0, "cleared_reason": "Why"}),
        ("clearing_has_a_reason", {"cleared_by": 1}),
    ],
)
def test_the_database_has_the_last_word_on_clearing(two_people, constraint, values):
    values = {**values, "cleared_by": two_people[values["cleared_by"]]}
    row = {"surface": "home", "text_hash": "x", "list_version": "1", "verdict": "review", "checked_by": two_people[0]}

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        AdvertisingVerdict.objects.create(
            content_type=ContentType.objects.get_for_model(Treatment), **{**row, **values}
        )


def test_a_verdict_is_never_changed_or_deleted():
    _saved(LAWFUL, live=True)
    verdict = _verdicts().get()

    for change in (verdict.save, verdict.delete, AdvertisingVerdict.objects.all().delete):
        with pytest.raises(VerdictIsKept):
            change()
    with pytest.raises(VerdictIsKept):
        AdvertisingVerdict.objects.update(verdict="pass")


def test_warn_records_and_off_does_nothing(settings):
    settings.ADVERTISING_RULES = "warn"
    _saved(UNLAWFUL, live=True, slug="a")
    settings.ADVERTISING_RULES = "off"
    _saved(UNLAWFUL, live=True, slug="b")

    assert _verdicts().get().verdict == Verdict.BLOCK


class _SummaryForm(AdvertisingFormMixin, WagtailAdminModelForm):
    class Meta:
        model = Treatment
        fields = ("summary",)


def test_the_form_saves_a_draft_and_refuses_to_publish_on_the_field(two_people):
    draft = _SummaryForm({"summary": UNLAWFUL}, instance=_treatment(""), for_user=two_people[0])
    published = _SummaryForm(
        {"summary": UNLAWFUL, "action-publish": "action-publish"}, instance=_treatment(""), for_user=two_people[0]
    )

    assert draft.is_valid()
    assert not published.is_valid()
    assert "POM-01" in str(published.errors["summary"])
    assert "certifies nothing" in str(published.non_field_errors())
    assert _verdicts().get().checked_by == two_people[0]


def test_a_rescan_finds_what_came_in_unseen(capsys):
    _saved(LAWFUL, live=True)
    call_command("rescan_advertising")
    Treatment.objects.update(summary=UNLAWFUL)

    with pytest.raises(CommandError):
        call_command("rescan_advertising")

    assert "POM-01" in capsys.readouterr().out
