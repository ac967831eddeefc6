"""Every address that names one person's thing × everyone who may ask × their own, another's, a missing, a garbled one."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from django.db import transaction

from tests.factories.content import make_site
from tests.project.access.people import PEOPLE
from tests.project.access.routes import routes_with_parts
from tests.project.access.rules import ALL, EVERYONE, GLUED, OWN, PUBLIC, RULES
from tests.project.access.world import Side

PART = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")
MISSING = {
    "int": "2147480000",
    "reference": "ZZZZZZZZ",
    "slug": "zzzzzzzz",
    "str": "t" * 43,
    "token": "t" * 43,
    "uuid": "00000000-0000-4000-8000-000000000000",
    None: "t" * 43,
}
GARBLED = ("99999999999999999999999", "%00", "..%2f..")
CHANGES_EACH_TIME = re.compile(
    r'(name="(?:csrfmiddlewaretoken|shown)" value=")[^"]+|(nonce=")[^"]+|("X-CSRFToken": ")[^"]+'
)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache_of_this_test")]


@pytest.fixture
def ann():
    return Side("Annzq", 1)


@pytest.fixture
def bob():
    return Side("Bobzq", 2)


@pytest.fixture(autouse=True)
def _as_in_production(settings, tmp_path):
    settings.COPIES_DIR = tmp_path / "copies"
    settings.STAFF_SECOND_FACTOR = True
    settings.RATE_LIMITS = False


def test_every_address_with_a_part_has_a_rule_or_a_reason_to_have_none():
    glued = {route for route in routes_with_parts() if "(?P<glued>" in route}

    assert set(routes_with_parts()) - set(RULES) - set(PUBLIC) - glued == set(), GLUED
    assert set(RULES) | set(PUBLIC) <= set(routes_with_parts())
    assert {who for rule in RULES.values() for who in rule.opens} <= set(PEOPLE)
    assert set(EVERYONE) == set(PEOPLE)


# The others wait for `make bench ONLY=proofs`: what stops them stands before every view.
IN_EVERY_RUN = {"anonymous", "link", "carer", "desk", "desk by PIN", "practitioner"}
ASKED = [pytest.param(who, marks=() if who in IN_EVERY_RUN else pytest.mark.proof) for who in PEOPLE]


@pytest.mark.parametrize("who", ASKED)
def test_what_is_not_theirs_answers_as_what_is_not_there(who, ann, bob):
    make_site()
    client, wrong = PEOPLE[who](ann), []
    for route, rule in RULES.items():
        own, other = rule.parts(ann), rule.parts(bob)
        crossed = [name for name in ("pk", "part") if name in own and len(own) > 1]
        for method in rule.methods:
            missing = _ask(client, method, route, {}, rule.sent)
            found = {
                "own": _ask(client, method, route, own, rule.sent) != missing,
                "other": _ask(client, method, route, other, rule.sent) != missing,
                "crossed": any(
                    _ask(client, method, route, own | {name: other[name]}, rule.sent)
                    != _ask(client, method, route, {key: own[key] for key in own if key != name}, rule.sent)
                    for name in crossed
                ),
            }
            may = rule.opens.get(who)
            expected = {"own": may in {OWN, ALL}, "other": may == ALL, "crossed": False}
            if found != expected and not _takes_another_method(missing):
                wrong.append((method, route, {name for name in found if found[name] != expected[name]}, missing[0]))

    assert wrong == [], "\n" + "\n".join(map(str, wrong))


def _takes_another_method(answer) -> bool:
    return answer[0] == 405


def _ask(client, method: str, route: str, parts, sent) -> tuple[int, str, str]:
    """What is answered, without the address itself; nothing that it changed remains."""
    values = {name: str(value) for name, value in parts.items()}
    address = PART.sub(lambda part: values.get(part["name"], MISSING[part["converter"]]), route)
    cookies = client.cookies.copy()
    undone = transaction.atomic()
    undone._from_testcase = True  # what a view commits for good, as the line of the access log, is undone here too
    with undone:
        answer = getattr(client, method)(
            address, **({"data": sent, "content_type": "application/json"} if sent else {})
        )
        transaction.set_rollback(True)
    client.cookies = cookies
    assert answer.status_code < 500, (method, address)
    said = CHANGES_EACH_TIME.sub(r"\1\2\3", b"".join(answer).decode(errors="replace"))
    where = answer.headers.get("Location", "")
    for value in (address, quote(address, safe=""), *(value for value in values.values() if not value.isdecimal())):
        said, where = said.replace(value, "…"), where.replace(value, "…")
    return answer.status_code, where, said


@pytest.mark.parametrize("garbled", GARBLED)
def test_a_garbled_part_is_no_fault_of_ours(garbled, ann):
    make_site()
    client, wrong = PEOPLE["owner"](ann), []
    for route in RULES:
        address = PART.sub(lambda _: garbled, route)
        answer = client.get(address)
        if answer.status_code >= 500 or answer.status_code == 200:
            wrong.append((address, answer.status_code))

    assert wrong == []
