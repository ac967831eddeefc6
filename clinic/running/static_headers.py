"""Headers of static files, which WhiteNoise answers before the middleware that gives pages theirs."""

from __future__ import annotations

from wsgiref.headers import Headers

POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"  # styles: of an SVG


def shut_in(headers: Headers, path: str, url: str) -> None:
    """Nothing of a file runs, loads or is framed where it is opened by itself. Pages of other sites load it (`embed.js`)."""
    headers["Content-Security-Policy"] = POLICY
    headers["X-Content-Type-Options"] = "nosniff"
