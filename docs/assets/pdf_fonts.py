"""Make the fonts of PDFs: the site's own at fixed weights, and one that has what they lack; list what they can show.

    python docs/assets/pdf_fonts.py DEJAVU

DEJAVU is `ttf/DejaVuSans.ttf` of the npm package `dejavu-fonts-ttf` (2.37.3). The others are made from `static/fonts`.
"""

# ruff: noqa: INP001, T201 - a script run by hand

from __future__ import annotations

import sys
from itertools import count, groupby
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

PROJECT = Path(__file__).resolve().parents[2]
SITE, FONTS = PROJECT / "static/fonts", PROJECT / "clinic/records/documents/fonts"
NAMES = {1: "family", 2: "style", 4: "full name", 6: "name in PostScript"}


def save(font: TTFont, name: str, *, family: str, weight: int) -> TTFont:
    style = {380: "Regular", 400: "Regular", 600: "SemiBold"}[weight]
    written = dict(zip(NAMES, (family, style, f"{family} {style}", f"{family.replace(' ', '')}-{style}"), strict=True))
    for number in (16, 17, 21, 22, 25):
        font["name"].removeNames(nameID=number)
    for number, text in written.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = weight
    font["head"].modified = font["head"].created
    font.flavor = None
    font.save(FONTS / name)
    print(name, (FONTS / name).stat().st_size)
    return font


def without_hints(path: Path) -> TTFont:
    font, options = TTFont(path, recalcTimestamp=False), subset.Options()
    options.hinting, options.layout_features, options.name_IDs, options.notdef_outline = False, ["*"], ["*"], True
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=font.getBestCmap().keys())
    subsetter.subset(font)
    return font


def ranges(numbers: set[int]) -> str:
    """Write runs of what can be shown, each as `20-7E`."""
    counter = count()
    runs = [list(run) for _, run in groupby(sorted(numbers), key=lambda number: number - next(counter))]
    return "\n".join(f"{run[0]:X}-{run[-1]:X}" for run in runs) + "\n"


def main(dejavu: Path) -> None:
    can_show: set[int] = set()
    for weight in (400, 600):
        font = instancer.instantiateVariableFont(TTFont(SITE / "figtree.woff2", recalcTimestamp=False), {"wght": weight})
        can_show |= set(save(font, f"figtree-{weight}.ttf", family="Figtree", weight=weight).getBestCmap())
    save(TTFont(SITE / "fraunces.woff2", recalcTimestamp=False), "fraunces.ttf", family="Fraunces", weight=380)
    can_show |= set(save(without_hints(dejavu), "dejavu-sans.ttf", family="DejaVu Sans", weight=400).getBestCmap())
    (FONTS / "can_show.txt").write_text(ranges(can_show))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
