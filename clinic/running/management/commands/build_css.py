"""Join the parts of the style sheet into the two files that pages link: site.css and staff.css.

They are built, not committed: `make demo`, the tests, the benchmarks and the image each build them first. The image has no
settings yet when it does, so this also works: `python clinic/running/management/commands/build_css.py`.
"""

from __future__ import annotations

from pathlib import Path

from django.core.management import BaseCommand
from rcssmin import cssmin

CSS = Path(__file__).resolve().parents[4] / "static" / "css"
HEADER = "/* built by manage.py build_css, do not edit */\n"
ROWS, SPANS = 160, 48  # a diary of 15-minute rows; classes, as the content security policy forbids style=""


def parts() -> dict[str, list[Path]]:
    """The sources of each bundle, in the order of the layers."""
    components = sorted((CSS / "components").glob("*.css"))
    pages = sorted((CSS / "pages").glob("*.css"))
    site = [p for p in components + pages if not p.name.startswith("staff-")]
    staff = [p for p in components + pages if p.name.startswith("staff-")]
    return {
        "site.css": [CSS / f"{n}.css" for n in ("tokens", "reset", "base", "layout")] + site + [CSS / "utilities.css"],
        "staff.css": [CSS / "staff-tokens.css", *staff],
    }


def places() -> str:
    """.r1 to .r160 set the row of a diary entry, .n1 to .n48 how many rows it takes."""
    rules = [f".r{i}{{--r:{i}}}" for i in range(1, ROWS + 1)] + [f".n{i}{{--n:{i}}}" for i in range(1, SPANS + 1)]
    return "@layer components{" + "".join(rules) + "}\n"


def build() -> dict[Path, str]:
    """The text of each bundle, by the file it belongs in."""
    bundles = {}
    for name, sources in parts().items():
        body = "".join(cssmin(path.read_text(encoding="utf-8")) + "\n" for path in sources)
        bundles[CSS / name] = HEADER + body + (places() if name == "staff.css" else "")
    return bundles


def write() -> None:
    """Only what differs: somebody may be reading the others."""
    for path, text in build().items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


class Command(BaseCommand):
    help = "Join static/css into site.css and staff.css."
    requires_system_checks: list[str] = []

    def handle(self, *_args: object, **_options: object) -> None:
        write()


if __name__ == "__main__":
    write()
