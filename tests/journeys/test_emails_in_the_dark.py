"""P-B5: what an e-mail says can be read in the light and in the dark, its button above all."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from bookings.messages.kinds.staff_notice import Line
from bookings.messages.models import Wording
from bookings.messages.wording.owner_words import filled, made_up_visit, values_of
from bookings.visits.agreement import Section
from clinic.core import clock
from clinic.core.models import ClinicSettings
from clinic.sending import mail

LETTERS = sorted(
    path.name.removesuffix("-body.html") for path in Path(settings.BASE_DIR).glob("templates/emails/*-body.html")
)
OWN = Wording(
    kind=Wording.Kind.REMINDER,
    channel=Wording.Channel.EMAIL,
    asks_to_confirm=True,
    subject="Your visit",
    body="Hello {{first_name}},\n\n{{link}}\n\nOr look at {{link}} here.",
)
LEAST = 4.5  # WCAG 2.2, 1.4.3
LINK = "https://clinic.example/visit/secret/"
CONTRASTS = """() => {
    const parse = text => text.match(/[\\d.]+/g).map(Number);
    const lightness = ([r, g, b]) => {
        const [x, y, z] = [r, g, b].map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const ground = one => {
        for (let at = one; at; at = at.parentElement) {
            const colour = parse(getComputedStyle(at).backgroundColor);
            if (colour.length < 4 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    const speaks = one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    return [...document.body.querySelectorAll("*")].filter(speaks).map(one => {
        const [high, low] = [lightness(parse(getComputedStyle(one).color)), lightness(ground(one))].sort((a, b) => b - a);
        return [(high + 0.05) / (low + 0.05), one.outerHTML.slice(0, 200), one.matches("[style*='inline-block']")];
    });
}"""


def rendered(name, *, is_large_print=False):
    clinic = ClinicSettings.load()
    context = {
        "clinic": clinic,
        "is_large_print": is_large_print,
        "first_name": "Sam",
        "when": "Tuesday 24 November 2026, 10:15am (UK time)",
        "place": "Clinic",
        "address_lines": ["1 Example Street"],
        "practitioner": "Demo Nurse Aisha",
        "reference": "4F7K2MXQ",
        "link": LINK,
        "link_says": "See, move or cancel your visit",
        "until": "You can move it until Monday.",
        "coming_link": LINK,
        "agreement": [Section("What you booked", ["A peel."], LINK, "Read it")],
        "visits": [{"when": "Tuesday", "reference": "4F7K2MXQ", "link": LINK}],
        "own": filled(OWN, values_of(made_up_visit(clock.now()), clinic)),
        "heading": "Booked online",
        "lines": [Line("Tuesday", "4F7K2MXQ")],
        "subject": "Your sign-in code",
        "paragraphs": ["Type this code.", "BCDF-GHJK", "It works for 10 minutes."],
        "code": "BCDF-GHJK",
        "link_words": "See it in the diary",
        "book_link": LINK,
        "unsubscribe_link": LINK,
        "preferences_link": LINK,
    }
    return mail.render(name, context).html


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("is_large_print", [False, True])
def test_everything_can_be_read(visit, scheme, is_large_print):
    """P-B5"""
    page = visit(is_watched=False)
    page.emulate_media(color_scheme=scheme)
    for name in LETTERS:
        page.set_content(rendered(name, is_large_print=is_large_print))
        found = page.evaluate(CONTRASTS)

        assert [row for row in found if row[0] < LEAST] == [], name
        assert name in {"account", "cancelled", "links", "follow_up", "review"} or any(
            is_button for *_, is_button in found
        ), name
