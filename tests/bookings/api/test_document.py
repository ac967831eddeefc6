"""The document and docs/api.md: every operation has examples, each fits its schema, and the page's commands work."""

import ast
import json
import re
import shlex
from pathlib import Path

import jsonschema_rs
import pytest

from bookings.api.document import WAITS_FOR_A_LOCK
from bookings.api.examples import PROBLEMS, PROBLEMS_OF
from bookings.integrations.models import WebhookDelivery, WebhookEndpoint
from tests.bookings.moments import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clinic")]
PROJECT = Path(__file__).parents[3]
PAGE = (PROJECT / "docs/api.md").read_text()
SAID_BY_NINJA = "bad_request"
COMMANDS = [block.replace("\\\n", " ") for block in re.findall(r"```sh\n(curl .*?)```", PAGE, re.DOTALL)]


@pytest.fixture
def document(client):
    return client.get("/api/v1/openapi.json").json()


def each_operation(document):
    for operations in document["paths"].values():
        yield from operations.values()


def errors(example, schema, document):
    whole = {**schema, "components": document["components"]}
    return [error.message for error in jsonschema_rs.validator_for(whole).iter_errors(example)]


def test_every_request_and_answer_has_an_example_that_fits_its_schema(document):
    for operation in each_operation(document):
        contents = [content for answer in operation["responses"].values() for content in answer["content"].values()]
        contents += operation.get("requestBody", {}).get("content", {}).values()
        for content in contents:
            assert "example" in content, operation["operationId"]
            assert not errors(content["example"], content["schema"], document), operation["operationId"]


def texts_of_the_code():
    """Every text that the code can say, with what it fills in as a blank."""
    for path in (PROJECT / "bookings").rglob("*.py"):
        if path.name == "examples.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield [node.value]
            if isinstance(node, ast.JoinedStr):
                yield [part.value if isinstance(part, ast.Constant) else None for part in node.values]


def says(parts, text):
    """Whether these parts make the text, most of it in so many words."""
    in_words = sum(len(part) for part in parts if part)
    pattern = "".join(".+" if part is None else re.escape(part) for part in parts)
    return 2 * in_words > len(text) and re.fullmatch(pattern, text)


def test_every_refusal_in_an_example_is_one_that_the_code_can_say():
    examples = [*PROBLEMS.values(), *(example for answers in PROBLEMS_OF.values() for example in answers.values())]
    texts = {example["detail"] for example in examples if example["code"] != SAID_BY_NINJA}
    said = list(texts_of_the_code())

    assert [text for text in sorted(texts) if not any(says(parts, text) for parts in said)] == []


def test_every_required_parameter_of_a_query_has_an_example(document):
    for operation in each_operation(document):
        for parameter in operation["parameters"]:
            assert "examples" not in parameter
            assert "example" in parameter or not parameter["required"] or parameter["in"] == "path"


def test_too_many_requests_are_told_of_everywhere_and_keys_where_they_are_needed(document):
    for operation in each_operation(document):
        assert operation["responses"]["429"]["headers"]["Retry-After"]["required"]
        assert {"401", "403"} <= set(operation["responses"]) or "security" not in operation
        is_change = operation["operationId"] in WAITS_FOR_A_LOCK
        assert is_change == ("503" in operation["responses"])
    assert document["components"]["securitySchemes"]["StaffKey"]["scheme"] == "bearer"
    assert document["info"]["version"] == "1"


def test_webhooks_are_described_with_their_payloads(document):
    assert set(document["webhooks"]) == set(WebhookEndpoint.Event.values)
    for webhook in document["webhooks"].values():
        content = webhook["post"]["requestBody"]["content"]["application/json"]
        assert not errors(content["example"], content["schema"], document)


def test_the_commands_of_the_page_work(client, secret_for, document):
    endpoint = {"name": "Accounts", "url": "https://example.com/", "events": ["booking.booked"], "created_at": NOW}
    WebhookEndpoint.objects.create(**endpoint)
    known = {"CLINIC": "", "KEY": secret_for()}
    used = set()
    for command in COMMANDS:
        method, path, headers, body = parsed(re.sub(r"\$([A-Z]+)", lambda name: known[name[1]], command))
        answer = client.generic(
            method, path, body, content_type=headers.pop("Content-Type", "text/plain"), headers=headers
        )
        assert answer.status_code in {200, 201}, (command, answer.content)
        used.add(answer.resolver_match.route)
        found = answer.json()
        if "visit_url" in found:
            known["TOKEN"] = found["visit_url"].rstrip("/").rsplit("/", 1)[1]
        if "reference" in found:
            known["REFERENCE"] = found["reference"]
            WebhookDelivery.objects.update(state="failed")
            known["DELIVERY"] = str(WebhookDelivery.objects.latest("created_at").pk)
    shown = {re.sub(r"\{\w+\}", "{}", path) for path in document["paths"]}
    assert {re.sub(r"<[^>]*>", "{}", f"/{route}") for route in used} >= shown - {"/api/v1/practitioners"}


def test_the_payload_of_the_page_is_the_documents(document):
    [payload] = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    content = document["webhooks"]["booking.moved"]["post"]["requestBody"]["content"]["application/json"]

    assert not errors(json.loads(payload), content["schema"], document)


def parsed(command):
    words = iter(shlex.split(command)[1:])
    method, path, headers, body = "GET", "", {}, ""
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, value = next(words).split(": ", 1)
            headers[name] = value
        elif word == "-d":
            body = next(words)
        else:
            path = word
    return method, path, headers, body
