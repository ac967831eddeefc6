"""E1/F4: what editors schedule is public, or gone, at its hour; one that fails stops none of the others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client, override_settings
from django.utils import timezone
from wagtail.models import Revision

from bookings import tasks
from bookings.messages.models import Message
from bookings.messages.planning import scheduled_texts
from clinic.advertising.models import AdvertisingVerdict
from clinic.catalogue.models import Treatment
from content.models import ArticlePage
from tests.factories.content import (
    make_article,
    make_plain_page,
    make_practitioner,
    make_site,
    make_staff,
    make_treatment,
)

UNLAWFUL = "Botox in the lounge"
MINUTE = timedelta(minutes=1)


def due(thing, **changes):
    """A change that was scheduled for a minute ago."""
    for name, value in changes.items():
        setattr(thing, name, value)
    thing.go_live_at = timezone.now() - MINUTE
    revision = thing.save_revision(user=changes.get("user"))
    Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=thing.go_live_at)
    return thing


def over(thing):
    type(thing).objects.filter(pk=thing.pk).update(expire_at=timezone.now() - MINUTE)
    return thing


def is_live(thing):
    return type(thing).objects.get(pk=thing.pk).live


@pytest.fixture
def site(db):
    return make_site()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "run", [lambda: scheduled_texts.publish_due(timezone.now()), lambda: call_command("publish_scheduled")]
)
def test_every_kind_of_thing_is_published_and_taken_down_at_its_hour(site, run):
    """E1/F4"""
    coming = [due(make(live=False)) for make in (make_article, make_plain_page, make_treatment, make_practitioner)]
    make = (make_article, lambda: make_plain_page(slug="terms"), make_treatment, make_practitioner)
    going = [over(one()) for one in make]
    later = make_article(live=False, go_live_at=timezone.now() + MINUTE)
    later.save_revision(approved_go_live_at=later.go_live_at)

    run()

    assert [is_live(thing) for thing in coming] == [True] * 4
    assert [is_live(thing) for thing in going] == [False] * 4
    assert not is_live(later)


@pytest.mark.django_db
def test_a_change_of_what_is_public_is_shown_at_its_hour(site):
    """E1"""
    peel = due(make_treatment(summary="Before."), summary="After.")

    scheduled_texts.publish_due(timezone.now())

    assert Treatment.objects.get(pk=peel.pk).summary == "After."


@pytest.mark.django_db
class TestOneUnlawfulText:
    """E1: the lists may have changed since it was scheduled."""

    @pytest.fixture(autouse=True)
    def _texts(self, site, settings, caplog):
        settings.ADVERTISING_RULES = "uk"
        self.owner, self.editor = make_staff("owner"), make_staff("editor")
        self.peel = due(make_treatment(live=False), summary=UNLAWFUL, user=self.editor)
        self.article = due(make_article(live=False), title=UNLAWFUL, user=self.editor)
        self.lawful = due(make_article(live=False))
        tasks.publish_scheduled()
        self.log = caplog.text

    def test_stops_none_of_the_others_and_stays_unpublished(self):
        assert [is_live(thing) for thing in (self.peel, self.article, self.lawful)] == [False, False, True]
        assert not Revision.objects.exclude(approved_go_live_at=None).exists()
        assert self.log.count("Scheduled text refused") == 2

    def test_is_told_to_whoever_scheduled_it_and_to_the_owner(self):
        notices = Message.objects.filter(kind="staff_notice")
        told = {self.owner.email, self.editor.email}
        assert {notice.recipient for notice in notices} == told
        assert len(notices) == 4

        tasks.send_due_messages()

        assert {letter.subject for letter in mail.outbox} == {"A scheduled text was not published"}
        assert any(f"/cms/pages/{self.article.pk}/edit/" in letter.body for letter in mail.outbox)
        assert all("may not be advertised" in letter.body for letter in mail.outbox)

    def test_keeps_its_verdict(self):
        assert AdvertisingVerdict.objects.filter(verdict="block").count() >= 2

    def test_is_told_once(self):
        tasks.publish_scheduled()

        assert Message.objects.filter(kind="staff_notice").count() == 4


@pytest.mark.django_db
def test_one_that_cannot_be_published_stops_none_of_the_others(site, monkeypatch, caplog):
    """E1: whatever is wrong with it. What it points to is gone, say."""
    owner = make_staff("owner")
    gone = due(make_treatment(live=False))
    Revision.objects.filter(object_id=str(gone.pk)).update(content={"pk": gone.pk, "category": 987_654_321})
    fine = due(make_article(live=False))

    done = scheduled_texts.publish_due(timezone.now())

    assert (done, is_live(fine)) == ({"published": 1, "failed": 1}, True)
    assert "Could not be published at its hour" in caplog.text
    assert scheduled_texts.publish_due(timezone.now()) == {}  # not again each quarter of a minute
    tasks.send_due_messages()
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == ([owner.email], "A scheduled text was not published")
    assert "something that it names may be gone" in letter.body


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_is_no_fault_of_the_text(monkeypatch):
    """E1: the next round tries again."""
    make_site()
    article = due(make_article(live=False))

    def gone_away(*_args, **_kwargs):
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as broken:
        broken.setattr(Revision, "publish", gone_away)
        with pytest.raises(OperationalError):
            scheduled_texts.publish_due(timezone.now())

    assert scheduled_texts.publish_due(timezone.now()) == {"published": 1}
    assert is_live(article)


@pytest.mark.django_db
def test_a_text_is_withdrawn_and_told_of_or_neither(site, settings, monkeypatch):
    settings.ADVERTISING_RULES = "uk"
    due(make_treatment(live=False), summary=UNLAWFUL)

    def killed(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(scheduled_texts, "tell_of", killed)
        with pytest.raises(KeyboardInterrupt):
            scheduled_texts.publish_due(timezone.now())

    assert Revision.objects.exclude(approved_go_live_at=None).count() == 1
    assert scheduled_texts.publish_due(timezone.now()) == {"refused": 1}


KEPT = [*django_settings.MIDDLEWARE[:2], "clinic.running.page_cache.KeptPages", *django_settings.MIDDLEWARE[2:]]


@pytest.mark.django_db
@override_settings(MIDDLEWARE=KEPT, CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}})
def test_pages_that_are_kept_show_it_at_once(site, monkeypatch):
    """E1: the list of treatments was kept a moment ago."""
    monkeypatch.setattr("clinic.running.page_cache.EDITION_SECONDS", 0)
    peel, mask = make_treatment(name="A peel"), due(make_treatment(name="A mask", live=False))
    reader = Client()
    assert b"A peel" in reader.get("/treatments/").content
    over(peel)
    assert b"A peel" in reader.get("/treatments/").content  # kept

    tasks.publish_scheduled()

    page = reader.get("/treatments/").content
    assert (b"A peel" in page, b"A mask" in page) == (False, True)
    assert reader.get(f"/treatments/{peel.slug}/").status_code == 404
    assert is_live(mask)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_publish_each_thing_once():
    """E1: beat and the loop both look after it."""
    make_site()
    for _ in range(4):
        due(make_article(live=False))
    found, both = [], threading.Barrier(2)

    def one():
        both.wait()
        found.append(scheduled_texts.publish_due(timezone.now()).get("published", 0))
        connection.close()

    runners = [threading.Thread(target=one) for _ in range(2)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()

    assert (sum(found), ArticlePage.objects.live().count()) == (4, 4)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_the_loop_does_it_without_a_broker(tmp_path):
    """E1/F4"""
    make_site()
    article, page = due(make_article(live=False)), over(make_plain_page())
    params = connection.settings_dict
    password = f":{params['PASSWORD']}" if params["PASSWORD"] else ""
    environment = os.environ | {
        "DATABASE_URL": f"postgres://{params['USER']}{password}@{params['HOST']}:{params['PORT']}/{params['NAME']}",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "clinic.settings.dev",
    }
    command = [sys.executable, "manage.py", "send_messages", "--forever", "--interval", "0.2"]
    loop = subprocess.Popen(command, env=environment)
    try:
        deadline = time.monotonic() + 60
        while (not is_live(article) or is_live(page)) and time.monotonic() < deadline:
            time.sleep(0.2)
        loop.send_signal(signal.SIGTERM)
        assert loop.wait(timeout=20) == 0
    finally:
        loop.kill()

    assert (is_live(article), is_live(page)) == (True, False)


def test_it_runs_every_quarter_of_a_minute(settings):
    """E1: within a minute."""
    assert settings.CELERY_BEAT_SCHEDULE["publish-scheduled"]["schedule"] <= 15
