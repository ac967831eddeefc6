from __future__ import annotations

import pytest

from clinic.sending import sms
from clinic.sending.outcomes import PerhapsSent, ProviderDown, Refused


def test_the_file_provider_writes_one_file_for_each_key(settings, tmp_path):
    settings.SMS_URL = f"file:{tmp_path / 'deep' / 'sms'}"

    for _ in range(2):
        sms.send(to="+447700900123", text="Hello Zoë", key="one")

    [file] = (tmp_path / "deep" / "sms").iterdir()
    assert file.read_text() == "To: +447700900123\n\nHello Zoë\n"


@pytest.mark.parametrize("to", ["07700 900123", "+44", "", "+447700900123\n", "+447700900123,+447700900124"])
def test_only_an_international_number_is_texted(to):
    with pytest.raises(Refused):
        sms.send(to=to, text="Hello", key="one")


def test_an_unknown_provider_is_an_outage(settings):
    settings.SMS_URL = "carrier-pigeon:loft"

    with pytest.raises(ProviderDown, match="carrier-pigeon"):
        sms.send(to="+447700900123", text="Hello", key="one")


def test_whatever_else_a_provider_raises_is_in_doubt(settings, monkeypatch):
    def broken(url):
        def text(**message):
            raise TimeoutError

        return text

    monkeypatch.setitem(sms.PROVIDERS, "broken", broken)
    settings.SMS_URL = "broken:"

    with pytest.raises(PerhapsSent):
        sms.send(to="+447700900123", text="Hello", key="one")
