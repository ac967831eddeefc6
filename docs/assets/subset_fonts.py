"""Make the two web fonts: pin the axes that the design uses, keep Latin-1, write woff2.

    python docs/assets/subset_fonts.py FOLDER

FOLDER holds the unpacked npm packages `@fontsource-variable/fraunces` and `@fontsource-variable/figtree` (5.3.0),
for example a `node_modules` folder. Versions and licences: static/fonts/README.md.
"""

# ruff: noqa: INP001, SIM905, T201 - a script run by hand

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FONTS = Path(__file__).resolve().parents[2] / "static" / "fonts"
# Latin-1, the ligatures and quotes of English, the euro, arrows, minus and fraction slash
CHARACTERS = (
    "U+0020-007E,U+00A0-00FF,U+0131,U+0152-0153,U+2013-2014,U+2018-201A,U+201C-201E,U+2020-2022,U+2026,"
    "U+2032-2033,U+2039-203A,U+20AC,U+2122,U+2190-2193,U+2212,U+2215"
)
# "tnum" keeps columns of times and prices in line
FEATURES = "kern liga calt ccmp locl mark mkmk lnum onum tnum pnum frac case".split()


def make(source: Path, target: Path, axes: dict[str, float | tuple[float, float]]) -> None:
    font = instancer.instantiateVariableFont(TTFont(source), axes)
    options = subset.Options()
    options.layout_features = FEATURES
    options.hinting = False
    options.name_IDs = ["*"]
    options.notdef_outline = True
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(CHARACTERS))
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(target)
    print(f"{target.name}: {source.stat().st_size} -> {target.stat().st_size} bytes")


def main(folder: Path) -> None:
    packages = folder / "@fontsource-variable"
    make(
        packages / "fraunces/files/fraunces-latin-full-normal.woff2",
        FONTS / "fraunces.woff2",
        {"opsz": 72, "SOFT": 50, "WONK": 0, "wght": 380},
    )
    make(packages / "figtree/files/figtree-latin-wght-normal.woff2", FONTS / "figtree.woff2", {"wght": (400, 700)})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
