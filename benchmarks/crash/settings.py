"""Settings of the processes that are killed: `SMS_URL=double:http://…` names benchmarks.provider, and waits are short."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request

from clinic.core import clock
from clinic.sending import sms
from clinic.sending.outcomes import ProviderDown, Refused, wait
from clinic.settings.dev import *  # noqa: F403 -- overrides only

EMAIL_TIMEOUT = 3
PATIENCE = 3.0  # seconds
LOOK_EVERY = 0.5  # seconds
CELERY_BEAT_SCHEDULE = {
    "send-due-messages": {
        "task": "bookings.send_due_messages",
        "schedule": LOOK_EVERY,
        "options": {"expires": LOOK_EVERY},
    },
}


@sms.provider("double")
def double(url: str) -> sms.Provider:
    """An adapter as a real one would be: what certainly was not taken, what never will be, all else in doubt."""
    address = url.removeprefix("double:")

    def text(*, to: str, text: str, key: str) -> str:
        request = urllib.request.Request(address, f"{to}\n{text}".encode(), {"Idempotency-Key": key}, method="POST")
        try:
            urllib.request.urlopen(request, timeout=PATIENCE).close()
        except urllib.error.HTTPError as error:
            if error.code == http.client.TOO_MANY_REQUESTS or error.code >= http.client.INTERNAL_SERVER_ERROR:
                pause = wait(error.headers.get("Retry-After"), clock.now())
                raise ProviderDown(f"The provider answered {error.code}.", retry_after=pause) from error
            raise Refused(f"The provider answered {error.code}.") from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, ConnectionRefusedError):
                raise ProviderDown("The provider does not listen.") from error
            raise
        return ""

    return text
