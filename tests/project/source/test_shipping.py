"""What production is made of: named folders, pinned packages, and a proxy that is not made laxer than it comes."""

from __future__ import annotations

import re
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[3]
DOCKERFILE = (PROJECT_DIR / "Dockerfile").read_text()
CADDYFILE = (PROJECT_DIR / "docs/Caddyfile").read_text()
SHIPPED = {"requirements.txt", "manage.py", "clinic", "bookings", "content", "templates", "static"}
PINNED = re.compile(r"^[\w.\[\],-]+==\S+")


def test_the_image_holds_what_is_named_alone():
    """No history, no tests, no .env."""
    copied = set(re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE))
    let_in = {line.removeprefix("!") for line in (PROJECT_DIR / ".dockerignore").read_text().split() if line[0] == "!"}

    assert copied == let_in == SHIPPED
    assert (PROJECT_DIR / ".dockerignore").read_text().startswith("*\n")


def test_it_runs_as_an_account_of_its_own():
    assert re.search(r"^USER clinic$", DOCKERFILE, re.MULTILINE)


def test_each_package_is_pinned_to_a_version_and_its_hashes():
    packages = re.split(r"\n(?=\S)", (PROJECT_DIR / "requirements.txt").read_text().strip())
    named = [package for package in packages if not package.startswith("#")]

    assert len(named) > 50
    assert [package for package in named if not (PINNED.match(package) and "--hash=sha256:" in package)] == []
    assert "--require-hashes" in DOCKERFILE


def test_the_proxy_keeps_its_own_rules_of_tls():
    """By itself Caddy speaks TLS 1.2 and 1.3 with its own list of ciphers, and asks a public authority for certificates."""
    assert CADDYFILE.splitlines()[1] == "{$SITE_URL} {"
    assert not re.search(
        r"^\s*(?:tls|auto_https|protocols|ciphers|local_certs|skip_install_trust)\b", CADDYFILE, re.MULTILINE
    )


def test_the_proxy_lists_no_folder_and_takes_no_endless_body():
    assert "browse" not in CADDYFILE
    assert re.search(r"request_body \{\s+max_size 20MB\s+\}", CADDYFILE)


def test_the_proxy_says_itself_who_asks():
    """What a visitor writes into these headers is overwritten."""
    assert "header_up X-Forwarded-For {remote_host}" in CADDYFILE
    assert "header_up X-Request-ID {http.request.uuid}" in CADDYFILE


def test_uploads_are_shown_as_pictures_and_as_nothing_else():
    assert "Content-Security-Policy \"default-src 'none'; sandbox; frame-ancestors 'none'\"" in CADDYFILE
    assert "X-Content-Type-Options nosniff" in CADDYFILE
