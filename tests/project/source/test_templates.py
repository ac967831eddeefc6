"""Every template is used: by Python, by a template that is used, or in place of a package's own."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.apps import apps

PROJECT_DIR = Path(__file__).resolve().parents[3]
TEMPLATES = PROJECT_DIR / "templates"
CODE = ("clinic", "bookings", "content")
OWN_LETTERS = (
    "account/email/fresh_code",
    "account/email/new_device",
    "accounts/email/disputed",
    "accounts/email/no_password",
    *(f"patients/email/{name}" for name in ("details_changed", "help_ended", "helping", "invited")),
    "records/reading/email/opened",
    "mfa/email/recovery_code_used",
    *(f"staff/email/{name}" for name in ("invitation", "left", "planned_leave", "recovery", "recovery_told")),
)
FOUND_BY_NAME = {
    "400.html",
    "403.html",
    "403_csrf.html",
    "404.html",
    "500.html",
    "429.html",
    # Of kinds of messages that name their templates: clinic.records.answering.message_kinds
    *(f"emails/records/forms-{part}" for part in ("subject.txt", "body.txt", "body.html")),
    # Letters of ours beside allauth's: clinic.accounts.signing_in.letters, clinic.records.reading.mail, clinic.staff.mail
    *(f"{name}_{part}.txt" for name in OWN_LETTERS for part in ("subject", "message")),
}  # by Django; the last by allauth
REFERENCE = re.compile(r"""["']([\w./-]+\.(?:html|txt|xml))(?:#[\w-]+)?["']""")


def names() -> set[str]:
    return {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*") if path.is_file()}


def texts_of(tree: ast.AST) -> Iterator[str]:
    """As patterns: each text of a module, with anything in place of what is filled in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[^/]+" for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.escape(node.value)


@cache
def named_by_code() -> re.Pattern[str]:
    """What Python names: whole names, and names with a part to fill in, such as `emails/<name>-<part>`."""
    sources = [path for app in CODE for path in (PROJECT_DIR / app).rglob("*.py")]
    found = {text.partition(r"\#")[0] for path in sources for text in texts_of(ast.parse(path.read_text()))}
    folders = tuple(f"{folder.name}/" for folder in TEMPLATES.iterdir() if folder.is_dir())
    return re.compile("|".join(text for text in found if text.startswith(folders) or text.endswith(r"\.html")))


def stands_for_a_package(name: str) -> bool:
    """Whether an installed package has a template of this name, which ours takes the place of."""
    return any((Path(app.path) / "templates" / name).is_file() for app in apps.get_app_configs())


def references(name: str) -> set[str]:
    return set(REFERENCE.findall((TEMPLATES / name).read_text()))


def unused() -> set[str]:
    left = names()
    to_see = [
        name for name in left if name in FOUND_BY_NAME or named_by_code().fullmatch(name) or stands_for_a_package(name)
    ]
    while to_see:
        name = to_see.pop()
        if name in left:
            left.discard(name)
            to_see += references(name)
    return left


def test_every_template_is_used():
    assert unused() == set()


def test_one_that_nobody_refers_to_is_found(tmp_path, monkeypatch):
    """The list is not empty because nothing is looked at."""
    shutil.copytree(TEMPLATES, tmp_path, dirs_exist_ok=True)
    (tmp_path / "components" / "_forgotten.html").write_text('{% include "components/_forgotten_too.html" %}')
    (tmp_path / "components" / "_forgotten_too.html").write_text("Nobody asks for this.")
    monkeypatch.setattr("tests.project.source.test_templates.TEMPLATES", tmp_path)

    assert unused() == {"components/_forgotten.html", "components/_forgotten_too.html"}
