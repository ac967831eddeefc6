"""A static file opened by itself is framed by nobody, runs nothing and is what its ending says."""

from __future__ import annotations

from django.test import override_settings
from whitenoise.middleware import WhiteNoiseMiddleware


def test_a_static_file_is_shut_in(rf, tmp_path):
    (tmp_path / "site.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    with override_settings(STATIC_ROOT=tmp_path, WHITENOISE_AUTOREFRESH=True, WHITENOISE_USE_FINDERS=False):
        answer = WhiteNoiseMiddleware(lambda _request: None)(rf.get("/static/site.svg"))

    assert answer.status_code == 200
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert "script-src" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
