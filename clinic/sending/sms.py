"""Send one text message, through the provider that SMS_URL names. Its scheme picks the adapter.

Those of real providers are in `clinic.sending.providers.sms`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from django.conf import settings

from clinic.sending.outcomes import PerhapsSent, ProviderDown, Refused

E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class Provider(Protocol):
    def __call__(self, *, to: str, text: str, key: str) -> str: ...


PROVIDERS: dict[str, Callable[[str], Provider]] = {}


def provider(scheme: str) -> Callable[[Callable[[str], Provider]], Callable[[str], Provider]]:
    """Register what makes a provider from a URL of this scheme."""

    def register(make: Callable[[str], Provider]) -> Callable[[str], Provider]:
        PROVIDERS[scheme] = make
        return make

    return register


def send(*, to: str, text: str, key: str) -> str:
    """Send `text` to `to`, an E.164 number, and give the provider's own id of it, or an empty string.

    `key` lets a provider that can tell repeat from new do so, and comes back with its reports.

    Raises:
        Refused: not a number that can be texted. ProviderDown: no provider, or it certainly took nothing.
        PerhapsSent: anything else that went wrong once the provider was asked.
    """
    if not E164.fullmatch(to):
        raise Refused("This is not a telephone number in international form.")
    scheme = settings.SMS_URL.partition(":")[0]
    if scheme not in PROVIDERS:
        raise ProviderDown(f"No provider of text messages is called {scheme!r} (SMS_URL).")
    text_by = PROVIDERS[scheme](settings.SMS_URL)
    try:
        return text_by(to=to, text=text, key=key) or ""
    except (Refused, ProviderDown):
        raise
    except Exception as error:
        raise PerhapsSent(f"{type(error).__name__}: {error}") from error


@provider("file")
def files(url: str) -> Provider:
    """One file a message, named by its key, in the directory that `file:<path>` names."""
    directory = Path(url.removeprefix("file:"))

    def write(*, to: str, text: str, key: str) -> str:
        try:
            directory.mkdir(parents=True, exist_ok=True)
            unfinished = directory / f".{key}.unfinished"
            unfinished.write_text(f"To: {to}\n\n{text}\n", encoding="utf-8")
            unfinished.replace(directory / f"{key}.txt")
        except OSError as error:
            raise ProviderDown(f"{type(error).__name__}: {error}") from error
        return ""

    return write
