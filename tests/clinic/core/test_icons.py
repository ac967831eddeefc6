from __future__ import annotations

from django.template import Context, Template


def test_an_icon_needs_no_loading_and_its_name_is_escaped():
    shown = Template("{% icon name %}").render(Context({"name": 'x"><b>'}))

    assert shown.startswith('<svg class="icon" aria-hidden="true" focusable="false"><use href="/static/img/icons')
    assert shown.endswith('.svg#x&quot;&gt;&lt;b&gt;"></use></svg>')
