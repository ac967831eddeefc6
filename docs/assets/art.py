"""Draw the clinic's pictures: still lifes in porcelain, pine and clay, one composition for each treatment.

    python docs/assets/art.py                      the SVG files
    python docs/assets/art.py --raster CHROMIUM    also the JPEG of each article, the touch icon and the social card

Everything is computed from fixed numbers and seeds, so two runs give the same bytes of SVG. People are never drawn:
a practitioner without a photograph gets a monogram in an arch.
"""

# ruff: noqa: INP001, PLR0917, PLR2004, S311, S603 - a drawing is made of positions and numbers, and its chance is seeded

from __future__ import annotations

import argparse
import math
import random
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"
ART = STATIC / "img" / "art"

WHITE, PORCELAIN, LINEN, SAND = "#fffdfa", "#f6f2eb", "#eae3d8", "#d8cdbf"
MIST, SAGE, LAGOON, PINE, DEEP = "#e4f1ee", "#bcdad4", "#7fb0a8", "#276360", "#123f3e"
BLUSH, SHELL, CLAY, TERRA = "#fbe9e0", "#f0cfc0", "#d9a28c", "#a8634b"


def n(value: float) -> str:
    """A number as short as the eye allows."""
    places = 0 if abs(value) >= 20 else 1 if abs(value) >= 1 else 2
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if places else text


class Picture:
    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.defs: list[str] = []
        self.parts: list[str] = []

    def add(self, *parts: str) -> None:
        self.parts += parts

    def linear(self, *stops: str, x2: float = 0, y2: float = 1, x1: float = 0, y1: float = 0) -> str:
        return self._gradient("linearGradient", f'x1="{n(x1)}" y1="{n(y1)}" x2="{n(x2)}" y2="{n(y2)}"', stops)

    def radial(self, *stops: str, cx: float = 0.36, cy: float = 0.3, r: float = 0.8) -> str:
        return self._gradient("radialGradient", f'cx="{n(cx)}" cy="{n(cy)}" r="{n(r)}"', stops)

    def _gradient(self, kind: str, where: str, stops: tuple[str, ...]) -> str:
        """Stops are colours, or colour/opacity; they are spread evenly. The same gradient is defined once."""
        marks = ""
        for i, stop in enumerate(stops):
            colour, _, opacity = stop.partition("/")
            offset = f' offset="{n(i / (len(stops) - 1))}"' if i else ""
            alpha = f' stop-opacity="{opacity}"' if opacity else ""
            marks += f'<stop{offset} stop-color="{colour}"{alpha}/>'
        body = f"{where}>{marks}</{kind}>"
        for i, known in enumerate(self.defs):
            if known.endswith(body):
                return f"url(#g{i})"
        self.defs.append(f'<{kind} id="g{len(self.defs)}" {body}')
        return f"url(#g{len(self.defs) - 1})"

    def blur(self, amount: float) -> str:
        definition = f'<filter id="f{n(amount)}"><feGaussianBlur stdDeviation="{n(amount)}"/></filter>'
        if definition not in self.defs:
            self.defs.append(definition)
        return f'filter="url(#f{n(amount)})"'

    def room(self, wall: tuple[str, str], floor: tuple[str, str], horizon: float) -> None:
        w, h = self.width, self.height
        self.rect(0, 0, w, horizon, self.linear(*wall, x2=1))
        self.rect(0, horizon, w, h - horizon, self.linear(*floor))

    def rect(self, x: float, y: float, w: float, h: float, fill: str, more: str = "") -> None:
        self.add(f'<rect x="{n(x)}" y="{n(y)}" width="{n(w)}" height="{n(h)}" fill="{fill}"{more and " " + more}/>')

    def path(self, d: str, fill: str = "none", more: str = "") -> None:
        self.add(f'<path d="{d}" fill="{fill}"{more and " " + more}/>')

    def ellipse(self, cx: float, cy: float, rx: float, ry: float, fill: str, more: str = "") -> None:
        self.add(f'<ellipse cx="{n(cx)}" cy="{n(cy)}" rx="{n(rx)}" ry="{n(ry)}" fill="{fill}"{more and " " + more}/>')

    def shadow(self, cx: float, cy: float, rx: float, ry: float, strength: float = 0.3) -> None:
        self.ellipse(cx, cy, rx, ry, self.radial(f"#2b2019/{strength}", "#2b2019/0", cx=0.5, cy=0.5, r=0.5))

    def ball(self, cx: float, cy: float, r: float, *stops: str) -> None:
        self.shadow(cx + r * 0.35, cy + r * 0.97, r * 1.5, r * 0.24)
        self.ellipse(cx, cy, r, r, self.radial(*stops))

    def arch(self, cx: float, base: float, w: float, h: float, fill: str, more: str = "") -> None:
        r = w / 2
        self.path(f"M{n(cx - r)} {n(base)}v{n(-(h - r))}a{n(r)} {n(r)} 0 0 1 {n(w)} 0v{n(h - r)}z", fill, more)

    def branch(
        self, x: float, y: float, height: float, bend: float, leaves: int, leaf: float, colour: str, more: str = ""
    ) -> None:
        """A stem with leaves on alternate sides; all leaves are one path."""
        points = [(x + bend * (t / leaves) ** 2, y - height * t / leaves) for t in range(leaves + 1)]
        stem = "M" + " ".join(f"{n(px)} {n(py)}" for px, py in points)
        blades = ""
        for i, (px, py) in enumerate(points[1:], 1):
            size = leaf * (1.15 - 0.5 * i / leaves)
            angle = -math.pi / 2 + (0.95 if i % 2 else -0.95) * (1 - 0.75 * i / leaves) + bend / height * 0.6
            dx, dy = math.cos(angle) * size, math.sin(angle) * size
            sx, sy = -dy * 0.24, dx * 0.24
            blades += (
                f"M{n(px)} {n(py)}q{n(dx * 0.45 + sx)} {n(dy * 0.45 + sy)} {n(dx)} {n(dy)}"
                f"q{n(-dx * 0.55 - sx)} {n(-dy * 0.55 - sy)} {n(-dx)} {n(-dy)}"
            )
        self.add(f'<g fill="{colour}"{more and " " + more}>')
        self.path(stem, "none", f'stroke="{colour}" stroke-width="1.4"')
        self.add(f'<path d="{blades}"/></g>')

    def light(self, *polygons: str, opacity: float = 0.5) -> None:
        """Daylight from a window we do not see."""
        self.add(f'<path d="{"".join(polygons)}" fill="#fff" opacity="{n(opacity)}" {self.blur(3)}/>')

    def speckle(self, seed: int, count: int, x: float, y: float, w: float, h: float, colour: str) -> None:
        """The flecks of stoneware."""
        r = random.Random(seed)
        dots = "".join(f"M{n(x + r.random() * w)} {n(y + r.random() * h)}h0" for _ in range(count))
        self.path(dots, "none", f'stroke="{colour}" stroke-width="1.1" stroke-linecap="round" opacity=".5"')

    def svg(self) -> str:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" width="{self.width}" '
            f'height="{self.height}"><defs>{"".join(self.defs)}</defs>{"".join(self.parts)}</svg>\n'
        )


def card() -> Picture:
    return Picture(400, 300)


def hero() -> Picture:
    p = Picture(640, 720)
    p.room((WHITE, LINEN), (BLUSH, SHELL), 596)
    p.light("M0 90L250 0H420L0 250z", "M0 300L520 0H580L0 352z", opacity=0.75)
    p.arch(352, 596, 322, 470, p.linear(SAGE, LAGOON, x2=0.4))
    p.arch(362, 596, 286, 446, p.linear(LAGOON, PINE, x2=0.6, y2=1))
    p.path("M219 596V300a143 143 0 0 1 46-105q-12 160 20 401z", "#fff", 'opacity=".1"')
    p.branch(318, 470, 300, 54, 13, 66, DEEP, f'opacity=".26" transform="translate(44 22)" {p.blur(4)}')
    # the plinth, the vase on it, the branch in the vase
    p.shadow(340, 600, 260, 26, 0.32)
    p.rect(206, 520, 200, 78, p.linear(WHITE, LINEN, SAND, x2=1, y2=0))
    p.ellipse(306, 520, 100, 13, WHITE)
    p.shadow(326, 520, 76, 9, 0.35)
    p.branch(300, 428, 262, 62, 13, 70, DEEP)
    p.branch(296, 424, 168, -66, 8, 58, PINE)
    p.path(
        "M284 392q2 22-10 34c-30 26-36 66-6 94q32 8 64 0c30-28 24-68-6-94q-12-12-10-34q-16-6-32 0z",
        p.linear(WHITE, BLUSH, CLAY, x2=1, y2=0.25),
    )
    p.ellipse(300, 392, 16, 4.5, TERRA, 'opacity=".55"')
    p.speckle(7, 34, 262, 440, 62, 70, TERRA)
    p.ball(466, 534, 72, "#fff", BLUSH, CLAY)
    p.ball(176, 622, 31, "#fff", MIST, LAGOON)
    return p


def first_consultation() -> Picture:
    """Arches within arches, and light over the threshold: an open door."""
    p = card()
    p.room((LINEN, PORCELAIN), (SHELL, BLUSH), 236)
    for i, fill in enumerate(
        (p.linear(SAGE, MIST), p.linear(LAGOON, SAGE), p.linear(PINE, LAGOON), p.linear(WHITE, "#fff3d9"))
    ):
        p.arch(212 + i * 5, 236, 188 - i * 40, 206 - i * 29, fill)
    p.path("M193 236h68l96 64H96z", p.linear("#fff/.95", "#fff/.1"))
    p.ball(120, 220, 26, "#fff", BLUSH, CLAY)
    p.branch(322, 238, 128, 16, 9, 30, PINE)
    p.shadow(330, 240, 40, 6)
    return p


def lines_and_wrinkles() -> Picture:
    """Raked sand that flows round a smooth stone."""
    p = card()
    p.rect(0, 0, 400, 300, p.linear(PORCELAIN, LINEN, SHELL, x2=1))
    lines = ""
    for i in range(16):
        y = -18 + i * 21
        gap = y - 152
        push = 58 * math.exp(-((gap / 60) ** 2)) * (1 if gap >= 0 else -1)
        lines += f"M0 {n(y + 16)}C90 {n(y + 16)} 140 {n(y + push)} 222 {n(y + push)}S330 {n(y - 8)} 400 {n(y - 12)}"
    p.path(lines, "none", f'stroke="{CLAY}" stroke-width="1.2" opacity=".75"')
    p.path(lines, "none", 'stroke="#fff" stroke-width="2.4" opacity=".75" transform="translate(0 2.4)"')
    p.shadow(238, 178, 88, 36, 0.42)
    p.path("M158 152c2-34 42-48 78-44s58 26 52 52-44 38-80 34-52-18-50-42z", p.radial(SAGE, LAGOON, PINE, DEEP, r=0.95))
    p.path("M178 132q24-22 66-16", "none", 'stroke="#fff" stroke-width="3" stroke-linecap="round" opacity=".4"')
    p.ball(332, 84, 11, WHITE, SHELL, CLAY)
    return p


def skincare() -> Picture:
    """A bottle, a jar and a dish on a shelf, with the shadow of a leaf."""
    p = card()
    p.room((MIST, "#d5e8e4"), (WHITE, PORCELAIN), 226)
    p.branch(300, 232, 220, -60, 8, 78, PINE, f'opacity=".2" {p.blur(4)}')
    p.light("M0 40L120 0H210L0 130z", opacity=0.5)
    p.shadow(176, 250, 120, 11)
    p.rect(118, 92, 74, 158, p.linear(WHITE, SHELL, CLAY, TERRA, x2=1, y2=0), 'rx="12"')
    p.rect(140, 56, 30, 40, p.linear(PINE, DEEP, x2=1, y2=0), 'rx="4"')
    p.rect(118, 150, 74, 56, WHITE, 'opacity=".85"')
    p.path("M134 168h42M134 178h28M134 188h34", "none", f'stroke="{TERRA}" stroke-width="1.2" opacity=".6"')
    p.rect(127, 104, 5, 134, "#fff", 'rx="2.5" opacity=".6"')
    p.shadow(282, 254, 78, 9)
    p.rect(226, 196, 84, 58, p.linear(WHITE, PORCELAIN, SAND, x2=1, y2=0), 'rx="10"')
    p.rect(222, 178, 92, 22, p.linear(LAGOON, PINE, x2=1, y2=0), 'rx="6"')
    p.ellipse(80, 262, 38, 9, p.linear(SAND, WHITE))
    p.ellipse(80, 258, 34, 6, MIST)
    return p


def lips() -> Picture:
    """Petals of a ranunculus, from above."""
    p = card()
    p.rect(0, 0, 400, 300, p.linear(BLUSH, SHELL, x2=1))
    p.shadow(214, 168, 170, 140, 0.32)
    outer, middle, inner = p.linear(WHITE, SHELL), p.linear(BLUSH, CLAY), p.linear(SHELL, TERRA)
    for ring, (count, size, reach, fill) in enumerate(
        ((8, 64, 62, outer), (7, 50, 44, middle), (6, 36, 27, outer), (5, 25, 14, inner))
    ):
        p.defs.append(
            f'<path id="p{ring}" d="M200 {n(150 - reach + size * 0.9)}c{n(-size * 1.15)} {n(-size * 0.4)} {n(-size * 0.8)} {n(-size * 1.85)} 0 '
            f'{n(-size * 1.72)}S{n(200 + size * 1.15)} {n(150 - reach + size * 0.5)} 200 {n(150 - reach + size * 0.9)}z" fill="{fill}"/>'
        )
        for i in range(count):
            p.add(f'<use href="#p{ring}" transform="rotate({360 / count * i + ring * 23:.0f} 200 150)"/>')
    p.ellipse(200, 150, 13, 13, p.radial(SAGE, PINE))
    return p


def cheeks() -> Picture:
    """Three spheres rising over steps."""
    p = card()
    p.room((PORCELAIN, LINEN), (LINEN, SAND), 254)
    p.ellipse(262, 116, 92, 92, p.linear(MIST, SAGE))
    front, side = p.linear(WHITE, PORCELAIN), p.linear(SHELL, CLAY)
    for x, y, w in ((62, 216, 96), (150, 170, 98), (240, 122, 102)):
        p.rect(x, y, w, 254 - y, front)
        p.path(f"M{x + w} {y}l14 8v{254 - y - 8}h-14z", side)
    p.shadow(230, 258, 200, 10, 0.22)
    p.ball(112, 188, 28, "#fff", BLUSH, CLAY)
    p.ball(200, 132, 38, WHITE, SHELL, CLAY, TERRA)
    p.ball(290, 74, 48, "#fff", BLUSH, SHELL, CLAY)
    return p


def jawline() -> Picture:
    """Sheets of paper, each curved round the one before."""
    p = card()
    p.rect(0, 0, 400, 300, p.linear(MIST, SAGE, x2=1))
    fills = (
        p.linear(WHITE, LINEN, x2=1),
        p.linear(SAGE, LAGOON, x2=1),
        p.linear(BLUSH, CLAY, x2=1),
        p.linear(LAGOON, PINE, x2=1),
    )
    for i in range(8):
        r = 292 - i * 34
        if i % 2 == 0:
            p.ellipse(64, 318, r + 12, r + 4, DEEP, f'opacity=".16" {p.blur(5)}')
        p.ellipse(56, 312, r, r, fills[i % 4])
        p.ellipse(56, 312, r - 1, r - 1, "none", 'stroke="#fff" stroke-width="1" opacity=".5"')
    p.ball(330, 70, 24, "#fff", BLUSH, CLAY)
    return p


def tear_trough() -> Picture:
    """One drop under a leaf, over a shallow dish."""
    p = card()
    p.rect(0, 0, 400, 300, p.linear(PORCELAIN, MIST, SAGE, x2=0.6))
    p.ellipse(200, 150, 118, 118, p.radial("#fff/.9", "#fff/0", cx=0.5, cy=0.5, r=0.5))
    p.path("M40 0C110 4 196 26 206 84C132 88 62 52 40 0z", p.linear(LAGOON, PINE, x2=1))
    p.path(
        "M48 2Q150 22 205 83M88 14q12 22 40 32M124 26q8 22 34 34M88 14q30-2 56 8",
        "none",
        f'stroke="{SAGE}" stroke-width="1"',
    )
    drop = "M206 92c4 30 34 48 34 78a34 34 0 0 1-68 0c0-30 30-48 34-78z"
    p.path(drop, p.radial("#fff", MIST, LAGOON, PINE, cx=0.4, cy=0.8, r=0.95))
    p.path("M186 168q2-18 12-32", "none", 'stroke="#fff" stroke-width="5" stroke-linecap="round" opacity=".85"')
    p.shadow(214, 276, 140, 14)
    p.path("M104 238h204q-10 38-70 38h-64q-60 0-70-38z", p.linear(WHITE, SHELL, CLAY, x2=1, y2=0))
    p.ellipse(206, 238, 102, 13, p.linear(SAGE, WHITE))
    p.add(
        f'<g fill="none" stroke="{PINE}" opacity=".4"><ellipse cx="206" cy="239" rx="52" ry="6"/><ellipse cx="206" cy="239" rx="24" ry="3"/></g>'
    )
    return p


def boosters() -> Picture:
    """Rings on still water at dusk."""
    p = card()
    p.rect(0, 0, 400, 300, p.linear(SHELL, SAGE, LAGOON, PINE))
    p.ellipse(200, 62, 34, 34, p.linear(WHITE, BLUSH))
    p.rect(0, 112, 400, 188, p.linear(LAGOON, PINE, DEEP))
    for i in range(12):
        half = 62 - i * 4.2
        p.rect(
            200 - half + (i % 3 - 1) * 9, 122 + i * 7, half * 2, 2.2, WHITE, f'rx="1.1" opacity="{n(0.6 - i * 0.045)}"'
        )
    for i in range(6):
        p.ellipse(
            236,
            220,
            14 + i * 25,
            4 + i * 8.4,
            "none",
            f'stroke="#fff" stroke-width="{n(1.9 - i * 0.16)}" opacity="{n(0.85 - i * 0.1)}"',
        )
    p.path(
        "M236 146c2 14 13 22 13 34a13 13 0 0 1-26 0c0-12 11-20 13-34z", p.radial("#fff", MIST, LAGOON, cx=0.4, cy=0.75)
    )
    p.path("M0 112q40-26 88-12t90 12z", DEEP, 'opacity=".45"')
    p.path("M400 112q-50-18-104-8t-60 8z", DEEP, 'opacity=".3"')
    return p


def peel() -> Picture:
    """Layer behind layer, paler as they go."""
    p = card()
    p.rect(0, 0, 400, 300, p.linear(WHITE, BLUSH))
    p.ball(286, 92, 44, "#fff", BLUSH, SHELL)
    tones = ((WHITE, SHELL), (BLUSH, CLAY), (SHELL, CLAY), (WHITE, SAGE), (CLAY, TERRA), (LAGOON, PINE))
    for i, tone in enumerate(tones):
        y, lift = 110 + i * 31, 34 - i * 2
        sway = (-1) ** i * 26
        d = f"M0 {y}C70 {y - lift - sway} 128 {y + lift} {200 + sway} {y}S{330 - sway} {y - lift + sway} 400 {y + 6}V300H0z"
        p.path(d, p.linear(*tone))
        p.path(d, "none", 'stroke="#fff" stroke-width="1.3" opacity=".55"')
    return p


def needles() -> Picture:
    """Fine grasses in a breeze."""
    p = card()
    p.rect(0, 0, 400, 300, p.linear(MIST, PORCELAIN, SHELL))
    p.ellipse(128, 112, 58, 58, p.linear(WHITE, BLUSH))
    r = random.Random(11)
    for colour, count, width, opacity, top in (
        (LAGOON, 17, 1, ".6", 96),
        (PINE, 14, 1.4, ".85", 70),
        (DEEP, 8, 1.8, "1", 104),
    ):
        stems = heads = ""
        for i in range(count):
            x = (i + r.random()) * 430 / count - 30
            y, bend = top + r.random() * 96, 20 + r.random() * 38
            stems += f"M{n(x)} 300Q{n(x + 3)} {n(y + 74)} {n(x + bend)} {n(y)}"
            heads += f"M{n(x + bend)} {n(y)}q-7-15 5-31 9 17-5 31"
        p.path(stems, "none", f'stroke="{colour}" stroke-width="{width}" opacity="{opacity}"')
        p.path(heads, CLAY if colour == PINE else colour, f'opacity="{opacity}"')
    return p


def correction() -> Picture:
    """Stones in balance, before an arch."""
    p = card()
    p.room((BLUSH, SHELL), (LINEN, SAND), 252)
    p.arch(200, 252, 176, 214, p.linear(WHITE, PORCELAIN))
    p.shadow(216, 256, 120, 12, 0.4)
    stones = (
        (200, 228, 84, 28, (LAGOON, PINE, DEEP)),
        (206, 178, 62, 25, (WHITE, LINEN, SAND)),
        (196, 134, 46, 21, (SHELL, CLAY, TERRA)),
        (204, 98, 31, 17, (WHITE, SAGE, LAGOON)),
        (200, 70, 17, 12, (WHITE, SHELL, CLAY)),
    )
    for x, y, rx, ry, tone in stones:
        p.path(
            f"M{x - rx} {y}C{x - rx} {n(y - ry * 1.35)} {n(x - rx * 0.3)} {n(y - ry * 1.05)} {n(x + rx * 0.2)} {n(y - ry)}"
            f"S{x + rx} {n(y - ry * 0.7)} {x + rx} {n(y + ry * 0.1)}S{n(x + rx * 0.5)} {y + ry} {x} {y + ry}S{x - rx} {n(y + ry * 1.1)} {x - rx} {y}z",
            p.radial(*tone, cx=0.32, cy=0.2, r=0.9),
        )
    p.branch(330, 254, 86, -22, 7, 26, PINE, 'opacity=".8"')
    return p


def review() -> Picture:
    """Two weeks of the moon, over a vase with one bough."""
    p = card()
    p.room((DEEP, PINE), ("#1d5452", "#0f3534"), 244)
    for i in range(7):
        turn = math.pi * (1.12 + 0.76 * i / 6)
        x, y, r = 200 + math.cos(turn) * 158, 208 + math.sin(turn) * 158, 11 + i * 1.6
        bulge = r * (1 - i / 3)
        sweep = 1 if bulge < 0 else 0
        p.ellipse(x, y, r, r, WHITE, 'opacity=".12"')
        p.path(
            f"M{n(x)} {n(y - r)}a{n(r)} {n(r)} 0 0 1 0 {n(2 * r)}a{n(abs(bulge) or 0.1)} {n(r)} 0 0 {sweep} 0 {n(-2 * r)}",
            BLUSH,
        )
    p.branch(206, 176, 84, 40, 7, 28, SAGE)
    p.branch(202, 176, 58, -34, 5, 24, LAGOON)
    p.shadow(214, 250, 90, 9, 0.7)
    p.path(
        "M193 166q1 16-7 24c-24 20-22 46 2 60h32c24-14 26-40 2-60q-8-8-7-24z",
        p.linear(WHITE, SHELL, CLAY, TERRA, x2=1, y2=0.2),
    )
    p.speckle(5, 6, 186, 200, 38, 42, TERRA)
    return p


def consultations() -> Picture:
    """Two vessels turned to each other at a table."""
    p = card()
    p.room((PORCELAIN, LINEN), (LAGOON, PINE), 232)
    for x in (128, 206):
        p.light(f"M{x} 40h66l40 128h-66z", opacity=0.95)
    p.shadow(150, 238, 76, 9, 0.4)
    p.path(
        "M112 236c-30-24-32-66-4-88 12-10 14-20 10-34q18-10 38 4c0 16 4 22 14 32 26 26 18 66-10 86z",
        p.linear(WHITE, SHELL, CLAY, x2=1, y2=0.3),
    )
    p.shadow(286, 238, 76, 9, 0.4)
    p.path(
        "M242 236c-24-18-28-52-6-72 14-14 18-26 12-42q22-14 42 0c-4 18 0 26 12 38 24 24 20 58-6 76z",
        p.linear(MIST, SAGE, LAGOON, x2=1, y2=0.3),
    )
    p.speckle(3, 18, 108, 156, 58, 70, TERRA)
    p.speckle(8, 16, 242, 168, 50, 60, DEEP)
    p.ball(204, 222, 13, "#fff", BLUSH, CLAY)
    return p


def dermal_filler() -> Picture:
    """Silk in slow folds."""
    p = card()
    p.rect(0, 0, 400, 300, p.linear(BLUSH, SHELL))
    tones = ((WHITE, SHELL), (SHELL, CLAY), (BLUSH, WHITE), (CLAY, TERRA), (WHITE, SHELL), (SHELL, CLAY))
    for i, tone in enumerate(tones):
        x = -70 + i * 82
        d = f"M{x} 0C{x + 120} 80 {x - 40} 170 {x + 92} 300H{x + 210}C{x + 60} 190 {x + 210} 90 {x + 96} 0z"
        p.path(d, p.linear(*tone, x2=1, y2=0.25))
    lines = "".join(f"M{-40 + i * 41} 0C{80 + i * 41} 80 {-80 + i * 41} 170 {52 + i * 41} 300" for i in range(11))
    p.path(lines, "none", 'stroke="#fff" stroke-width="1" opacity=".55"')
    return p


def skin() -> Picture:
    """The shadow of leaves in a window's light."""
    p = card()
    p.rect(0, 0, 400, 300, p.linear(LINEN, SHELL, x2=1))
    p.light(
        "M96 26h96l34 110h-96z",
        "M204 26h96l34 110h-96z",
        "M134 150h96l34 110h-96z",
        "M242 150h96l34 110h-96z",
        opacity=0.9,
    )
    soft = p.blur(2.5)
    p.branch(96, 320, 330, 150, 11, 84, PINE, f'opacity=".45" {soft}')
    p.branch(330, 320, 240, -90, 8, 70, LAGOON, 'opacity=".4" filter="url(#f2.5)"')
    p.branch(20, 310, 190, 34, 7, 60, PINE, 'opacity=".3" filter="url(#f2.5)"')
    return p


# A calm profile, brow to throat, within 0-100 by 0-200
PROFILE = "C-6 18-10 34-6 50C-4 60-2 64-4 70C-10 84-18 94-22 104C-24 110-18 112-12 113C-8 115-12 120-15 124C-18 129-12 131-9 132C-14 136-17 141-13 146C-9 150-8 153-10 158C-13 168-6 178 8 177C24 176 36 174 42 186C46 196 46 206 44 220"


def yoga_hero() -> Picture:
    """A face in one line, its two halves alike but not the same."""
    p = Picture(1280, 720)
    p.rect(0, 0, 1280, 720, p.linear(PORCELAIN, MIST, x2=1))
    p.arch(640, 720, 520, 660, p.linear(SHELL, BLUSH))
    p.path("M640 720V60a260 260 0 0 1 260 260v400z", p.linear(SAGE, MIST))
    face = "C516 176 470 262 478 372C484 470 556 592 640 596C724 592 796 470 802 372C810 262 764 176 640 176z"
    p.path(f"M640 176{face}", WHITE, 'opacity=".7"')
    for i in range(9):
        p.add(
            f'<path d="M640 176{face}" fill="none" stroke="{PINE if i % 2 else TERRA}" opacity="{n(0.34 - i * 0.033)}" transform="translate(640 386)scale({n(1 + i * 0.055)})translate(-640-386)"/>'
        )
    fine = f'stroke="{DEEP}" stroke-width="3.4" stroke-linecap="round" stroke-linejoin="round"'
    p.path("M520 318q42-34 92-10M760 318q-42-34-92-10q-22 16-18 58q8 44-4 66q-12 10-24 2", "none", fine)
    p.path("M530 366q36 26 74 2M676 368q38 24 74-2", "none", fine)
    p.path("M582 504q56 20 116 0M618 494q12-10 22-3q10-7 22 3", "none", fine)
    p.path("M616 528q24 10 48 0", "none", fine + ' opacity=".7"')
    p.path("M640 596q-4 30-46 62M640 596q4 30 46 62", "none", fine + ' opacity=".55"')
    p.ellipse(520, 446, 64, 52, p.radial(f"{CLAY}/.32", f"{CLAY}/0", cx=0.5, cy=0.5, r=0.5))
    p.ellipse(760, 446, 64, 52, p.radial(f"{CLAY}/.32", f"{CLAY}/0", cx=0.5, cy=0.5, r=0.5))
    p.branch(214, 740, 470, 60, 12, 120, PINE, 'opacity=".8"')
    p.branch(1080, 740, 380, -50, 10, 104, LAGOON, 'opacity=".8"')
    return p


def yoga_practice() -> Picture:
    """The echo of a profile, moving."""
    p = Picture(1280, 720)
    p.rect(0, 0, 1280, 720, p.linear(BLUSH, PORCELAIN, MIST, x2=1))
    p.ellipse(520, 340, 250, 250, p.linear(WHITE, SHELL))
    p.defs.append(f'<path id="p" d="M10 0{PROFILE}" vector-effect="non-scaling-stroke"/>')
    for i in range(15):
        colour = (TERRA, PINE)[i % 2] if i else DEEP
        width = 4 if i == 0 else 1.6
        p.add(
            f'<use href="#p" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linecap="round" opacity="{n(1 if i == 0 else 0.75 - i * 0.045)}" '
            f'transform="translate({440 + i * 42} {60 - i * 3})scale({n(3 + i * 0.04)})"/>'
        )
    return p


def yoga_rest() -> Picture:
    """The same profile lying down, as hills under the moon."""
    p = Picture(1280, 720)
    p.rect(0, 0, 1280, 720, p.linear(SHELL, BLUSH, MIST))
    p.ellipse(330, 190, 84, 84, p.linear(WHITE, BLUSH))
    p.defs.append(f'<path id="p" d="M190-130C110-130 40-60 10 0{PROFILE}C40 250 26 300 34 380L500 380V-130z"/>')
    for fill, x, y, scale in (
        (p.linear(MIST, SAGE, x2=1, y2=0), 1130, 470, 3.9),
        (p.linear(LAGOON, PINE, DEEP, x2=1, y2=0), 950, 560, 3.3),
    ):
        p.add(f'<use href="#p" fill="{fill}" transform="translate({x} {y})rotate(90)scale({scale})"/>')
    p.path("M0 640C260 590 420 650 700 628S1120 640 1280 600V720H0z", p.linear(CLAY, TERRA))
    p.path("M0 676C300 640 560 700 840 668S1180 680 1280 660V720H0z", p.linear(SHELL, CLAY))
    return p


def portrait(initials: str, wall: tuple[str, str], arch: tuple[str, str], ink: str) -> Picture:
    p = Picture(400, 480)
    p.rect(0, 0, 400, 480, p.linear(*wall, x2=1))
    p.arch(200, 480, 268, 404, p.linear(*arch))
    p.arch(200, 480, 244, 392, "none", f'stroke="{ink}" stroke-width="1" opacity=".45"')
    p.branch(318, 480, 190, 26, 8, 54, ink, 'opacity=".28"')
    p.add(
        f'<text x="200" y="318" text-anchor="middle" font-family="Georgia,serif" font-size="112" letter-spacing="2" fill="{ink}">{initials}</text>'
    )
    return p


def icon() -> Picture:
    p = Picture(64, 64)
    p.rect(0, 0, 64, 64, PINE, 'rx="16"')
    p.arch(32, 50, 28, 36, PORCELAIN)
    p.ellipse(37, 42, 8, 8, CLAY)
    return p


PICTURES: dict[str, Callable[[], Picture]] = {
    "hero": hero,
    "first-consultation": first_consultation,
    "lines-and-wrinkles-consultation": lines_and_wrinkles,
    "skincare-consultation": skincare,
    "lip-filler": lips,
    "cheek-filler": cheeks,
    "jawline-filler": jawline,
    "tear-trough-filler": tear_trough,
    "skin-boosters": boosters,
    "chemical-peel": peel,
    "microneedling": needles,
    "filler-correction-consultation": correction,
    "review": review,
    "consultations": consultations,
    "dermal-filler": dermal_filler,
    "skin": skin,
    "facial-yoga-hero": yoga_hero,
    "facial-yoga-practice": yoga_practice,
    "facial-yoga-rest": yoga_rest,
    "portrait-NM": lambda: portrait("NM", (PORCELAIN, LINEN), (SAGE, LAGOON), DEEP),
    "portrait-DA": lambda: portrait("DA", (MIST, SAGE), (BLUSH, SHELL), TERRA),
    "portrait-DT": lambda: portrait("DT", (BLUSH, SHELL), (WHITE, LINEN), PINE),
}

SOCIAL_CARD = """<!doctype html><meta charset="utf-8"><style>
@font-face{{font-family:F;src:url("{static}/fonts/fraunces.woff2")}}@font-face{{font-family:T;src:url("{static}/fonts/figtree.woff2")}}
body{{margin:0;width:1200px;height:630px;display:grid;grid-template-columns:1fr 470px;background:#fcfaf6;color:#162627;overflow:hidden}}
div{{padding:96px 40px 0 84px}}p{{font:400 30px/1.45 T;color:#574f45;margin:0}}h1{{font:400 78px/1.06 F;letter-spacing:-.015em;margin:0 0 30px}}
b{{font:400 34px/1 F;display:block;margin-bottom:92px;color:#164d4b}}img{{height:630px;width:470px;object-fit:cover}}</style>
<div><b>Juvenology Clinic</b><h1>Considered care for your&nbsp;skin</h1><p>Nurse-led, in Kent.<br>Consultation first.</p></div><img src="{art}/hero.svg">"""


def photograph(chromium: str, page: Path, target: Path, size: tuple[int, int]) -> None:
    """Let the browser paint `page`, so that the picture is what a visitor would see."""
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
             "--allow-file-access-from-files", f"--user-data-dir={profile}", f"--window-size={size[0]},{size[1] + 160}",
             f"--screenshot={target}", page.as_uri()],
            check=True, capture_output=True, timeout=90,
        )  # fmt: skip


def rasterise(chromium: str) -> None:
    from PIL import Image  # noqa: PLC0415 - only this step needs it

    with tempfile.TemporaryDirectory() as folder:
        shot, page = Path(folder) / "shot.png", Path(folder) / "page.html"

        def paint(html: str, size: tuple[int, int]) -> Image.Image:
            page.write_text(html)
            photograph(chromium, page, shot, size)
            return Image.open(shot).convert("RGB").crop((0, 0, *size))

        frame = '<!doctype html><style>*{{margin:0}}img{{display:block;width:{w}px}}</style><img src="{src}">'
        for slug in ("facial-yoga-hero", "facial-yoga-practice", "facial-yoga-rest"):
            html = frame.format(w=1280, src=(ART / f"{slug}.svg").as_uri())
            paint(html, (1280, 720)).save(ART / f"{slug}.jpg", quality=84, optimize=True, progressive=True)
        square = (STATIC / "img" / "icon.svg").read_text().replace(' rx="16"', "")
        page_icon = f"<!doctype html><style>*{{margin:0}}svg{{display:block;width:180px;height:180px}}</style>{square}"
        paint(page_icon, (180, 180)).save(STATIC / "img" / "apple-touch-icon.png", optimize=True)
        card_html = SOCIAL_CARD.format(static=STATIC.as_uri(), art=ART.as_uri())
        paint(card_html, (1200, 630)).quantize(192).save(STATIC / "img" / "social-card.png", optimize=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--raster", metavar="CHROMIUM")
    options = arguments.parse_args()
    ART.mkdir(parents=True, exist_ok=True)
    for slug, draw in PICTURES.items():
        (ART / f"{slug}.svg").write_text(draw().svg())
    (STATIC / "img" / "icon.svg").write_text(icon().svg())
    if options.raster:
        rasterise(options.raster)


if __name__ == "__main__":
    main()
