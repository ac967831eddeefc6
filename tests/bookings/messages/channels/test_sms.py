from __future__ import annotations

import re

import pytest

from bookings.messages.channels.sms import sms_text
from clinic.sending import sms_length
from tests.bookings.messages.channels.conftest import NEVER, message

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["moved", "cancelled", "reminder"])
def test_text_messages_are_neutral_and_fit_one(kind, visit, clinic, settings):
    settings.SITE_URL = "https://clinic.example.com"

    text = sms_text(message(visit, kind, "sms"), clinic)

    assert not NEVER.search(re.sub(r"/visit/\S+", "", text))
    assert "Tue 24 Nov, 10:15am" in text
    assert sms_length.fits_one(text), len(text)
