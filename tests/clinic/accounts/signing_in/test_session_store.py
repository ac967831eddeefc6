"""A session lies sealed in the database, opens under its own name alone, and ends with its key."""

import pytest
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session

from clinic.accounts.signing_in.session_store import SessionStore
from clinic.core.sealing import keyring

pytestmark = pytest.mark.django_db


def kept(**values):
    store = SessionStore()
    store.update(values)
    store.create()
    return store.session_key


def test_it_is_sealed_and_opens_again():
    key = kept(note="Afraid of needles")

    assert keyring.key_of(Session.objects.get(pk=key).session_data)
    assert SessionStore(key)["note"] == "Afraid of needles"


def test_another_sessions_data_opens_nothing():
    """Somebody who can write the table makes no session of theirs a member of staff's."""
    one, other = kept(who="staff"), kept(who="stranger")
    Session.objects.filter(pk=other).update(session_data=Session.objects.get(pk=one).session_data)

    assert SessionStore(other).load() == {}


def test_a_new_name_keeps_what_it_holds():
    store = SessionStore(kept(note="Afraid of needles"))
    store.cycle_key()
    store.save()

    assert SessionStore(store.session_key)["note"] == "Afraid of needles"


def test_a_session_of_an_earlier_release_goes_on():
    former = db.SessionStore()
    former["note"] = "Afraid of needles"
    former.create()

    store = SessionStore(former.session_key)
    assert store["note"] == "Afraid of needles"
    store.save()
    assert keyring.key_of(Session.objects.get(pk=former.session_key).session_data)


def test_without_its_key_it_is_empty(settings):
    key = kept(note="Afraid of needles")
    settings.FIELD_KEYS = {"newer": b"n" * 32}

    assert SessionStore(key).load() == {}
