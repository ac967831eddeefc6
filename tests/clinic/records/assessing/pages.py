"""The pages of a consultation as a browser uses them."""

from __future__ import annotations

from bs4 import BeautifulSoup

from clinic.records.assessing.sections import SECTIONS
from tests.factories.browsers import just_signed_in


def page_of(visit, section=""):
    return f"/diary/visits/{visit.reference}/record/assessment/" + (f"?section={section}" if section else "")


def soup(answer):
    return BeautifulSoup(answer.content, "html.parser")


def version_on(answer):
    return soup(answer).select_one("[name=version]")["value"]


def save(client, visit, section, values, **how):
    """Open a section and send its form."""
    version = version_on(client.get(page_of(visit, section)))
    return client.post(page_of(visit, section), {"version": version, **values}, **how)


def fill(client, visit, *lines, **changes):
    """Answer every section; `lines` are of the outcome: (treatment, outcome, until, to whom)."""
    for section in SECTIONS:
        values = {"text": f"About {section.key}."}
        if section.key == "options":
            values["no_treatment"] = "on"
        if section.key == "outcome":
            values |= {"mode": "in_person", "words": "We would rather wait, and thank you for asking us."}
            for number, (treatment, outcome, *rest) in enumerate(lines):
                values |= {f"treatment_{number}": treatment.pk, f"outcome_{number}": outcome}
                values |= dict(zip((f"until_{number}", f"to_{number}"), rest, strict=False))
        assert save(client, visit, section.key, values | changes.get(section.key, {})).status_code == 302


def sign(client, visit, **how):
    return client.post(page_of(visit) + "sign/", **how)


def browser(practitioner):
    return just_signed_in(practitioner.user)
