"""The sources of the style sheets: easy to read, safe to minify, and without a class that nothing uses."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[3]
CSS = PROJECT_DIR / "static" / "css"
BUNDLES = ("site.css", "staff.css")
TWO_DECLARATIONS = re.compile(r";\s*\S|\{.*[;}]|\}\s*\S")
BLANK_BEFORE_COLON = re.compile(r"[^\s>+~,{(&] :")
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
NAME = re.compile(r"-?[A-Za-z_][\w-]*")
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
ATTRIBUTE = re.compile(r"""class="((?:\{%.*?%\}|\{\{.*?\}\}|[^"])*)\"""", re.DOTALL)
CLASS_BLOCK = re.compile(r"\{% block \w+_class %\}(.*?)\{% endblock", re.DOTALL)
IN_QUOTES = re.compile(r"""(["'`])(.*?)\1""", re.DOTALL)
CODE = ("clinic", "bookings", "content")
# A template writes the first part of each, and a value the rest.
BUILT_AT_RUN_TIME = (
    "callout--(pine|warn)", "lane[23]", "message--(success|warning|error)", "of[23]", "third[12]",
)  # fmt: skip


def sources() -> list[Path]:
    return sorted(path for path in CSS.rglob("*.css") if path.name not in BUNDLES)


def text_of(path: Path) -> str:
    """Without comments and texts in quotes, in lines as they were."""
    text = re.sub(r"/\*.*?\*/", lambda match: "\n" * match[0].count("\n"), path.read_text(), flags=re.DOTALL)
    return re.sub(r'"[^"\n]*"', '""', text)


def found(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(CSS)}:{number}: {line.strip()}"
        for path in sources()
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if pattern.search(line)
    ]


def declared() -> set[str]:
    preludes = (prelude for path in sources() for prelude in re.findall(r"([^{};]+)\{", text_of(path)))
    return {name for prelude in preludes if not prelude.lstrip().startswith("@") for name in CLASS.findall(prelude)}


def named_by_templates() -> Iterator[str]:
    for path in (PROJECT_DIR / "templates").rglob("*.html"):
        text = path.read_text()
        for value in [*ATTRIBUTE.findall(text), *CLASS_BLOCK.findall(text)]:
            yield from NAME.findall(TAG.sub(" ", value))


def named_by_python() -> Iterator[str]:
    """In a widget's attributes, and in HTML."""
    for path in (path for app in CODE for path in (PROJECT_DIR / app).rglob("*.py")):
        text = path.read_text()
        if "class" not in text.replace("class ", ""):
            continue
        yield from (name for value in ATTRIBUTE.findall(text) for name in NAME.findall(value))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "class":
                        yield from NAME.findall(ast.unparse(value))


def named_by_scripts() -> Iterator[str]:
    for path in (PROJECT_DIR / "static" / "js").glob("*.js"):
        yield from (name for _, text in IN_QUOTES.findall(path.read_text()) for name in NAME.findall(text))


def unused() -> set[str]:
    named = {*named_by_templates(), *named_by_python(), *named_by_scripts()}
    return {name for name in declared() - named if not re.fullmatch("|".join(BUILT_AT_RUN_TIME), name)}


def test_each_declaration_has_a_line_of_its_own():
    assert found(TWO_DECLARATIONS) == []


def test_no_selector_has_a_blank_that_the_minifier_takes_away():
    """In a layer rcssmin reads `.a :is(p)` as a declaration, and writes `.a:is(p)`; `.a *:is(p)` says the same."""
    assert found(BLANK_BEFORE_COLON) == []


def test_no_class_is_left_that_nothing_uses():
    assert unused() == set()


def test_no_class_is_said_to_be_built_that_no_sheet_has():
    assert [one for one in BUILT_AT_RUN_TIME if not any(re.fullmatch(one, name) for name in declared())] == []


def test_what_is_amiss_is_found(tmp_path, monkeypatch):
    """The lists above are not empty because nothing is looked at."""
    (tmp_path / "forgotten.css").write_text(".forgotten, .btn :is(a) {\n  color: red; margin: 0;\n}\n")
    monkeypatch.setattr("tests.project.source.test_css.CSS", tmp_path)

    assert unused() == {"forgotten"}
    assert found(TWO_DECLARATIONS) == ["forgotten.css:2: color: red; margin: 0;"]
    assert found(BLANK_BEFORE_COLON) == ["forgotten.css:1: .forgotten, .btn :is(a) {"]
