"""The word lists of the advertising check, as data.

POM-…: prescription-only medicines are not advertised to the public (Human Medicines Regulations 2012 reg. 284; CAP Code
12.12). CAP-…: cosmetic interventions (CAP Code). LIC-…: licences.

The patterns run on normalised text: lower case, plain hyphens, single spaces (see `normalise`).
After a change give `LIST_VERSION` a new value and run `manage.py rescan_advertising`: clearances hold for one version only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from clinic.advertising.rules.surfaces import Surface, Verdict

LIST_VERSION = "2026-11"

COPY_ADVICE = "https://www.asa.org.uk/advice-and-resources/bespoke-copy-advice.html"

_HMR = "Human Medicines Regulations 2012, regs 7 and 284; CAP Code 12.12"
_ASA_TOXIN = "ASA, “Botox and other POMs”; CAP Code 12.12"
_NOTICE = "Enforcement Notice on Botox advertising, 2020"
_ASA_AREAS = "ASA ruling Valterous Ltd (Therapie Clinic), G24-1253503"
_ASA_URGENCY = "ASA rulings of 2025 on Bomb Doll Aesthetics, EME Aesthetics and Beautyjenics"
_ASA_TRIVIAL = "ASA rulings of 2025 on NKD Medical, EME Aesthetics and Rejuvenate Academy"
_LINES = "a consultation for the treatment of lines and wrinkles"
_CONSULTATION_WORDS = "lines and wrinkles consultation"

_INJ = r"(?:inject\w*|jabs?|shots?|needles?)"


@dataclass(frozen=True, slots=True)
class WordList:
    id: str
    pattern: re.Pattern[str]
    rule: str
    source: str
    suggestion: str
    default: Verdict
    by_surface: Mapping[Surface, Verdict] = field(default_factory=lambda: MappingProxyType({}))

    def severity(self, surface: Surface) -> Verdict:
        return self.by_surface.get(surface, self.default)


# Surfaces on which an indirect phrase is read by someone who did not ask for it: everything but the
# treatment or concern page and the article (there a phrase is for an editor to judge).
_REVIEW_ON_PAGES: Mapping[Surface, Verdict] = MappingProxyType(
    {Surface.TREATMENT: Verdict.REVIEW, Surface.ARTICLE: Verdict.REVIEW}
)
_REVIEW_IN_ARTICLES: Mapping[Surface, Verdict] = MappingProxyType({Surface.ARTICLE: Verdict.REVIEW})

WORD_LISTS: tuple[WordList, ...] = (
    WordList(
        id="T1",
        pattern=re.compile(
            r"botox|botulin\w*|\b(?:ona|abo|inco|leti|prabo|rela|daxi)botulinum\w*|\bbont-?a\b"
            r"|\b(?:vistabel|azzalure|bocouture|dysport|xeomin|alluzience|letybo|nuceiva|relfydess)\b"
        ),
        rule="POM-01",
        source=_HMR,
        suggestion=_LINES,
        default=Verdict.BLOCK,
    ),
    WordList(
        id="T2",
        pattern=re.compile(
            r"\b(?!de|non|in|an)[a-z]{2,10}-?tox\b"
            r"|\b(?:neuro)?toxin (?:treatment|inject|area|appointment|top-?up)\w*"
            r"|\bneuro-?(?:toxin|modulator)s?\b"
        ),
        rule="POM-07",
        source="ASA, CAP Bitesize “Rules for advertising Botox”; CAP Code 12.12",
        suggestion=_LINES,
        default=Verdict.BLOCK,
    ),
    WordList(
        id="T3",
        pattern=re.compile(
            r"\b(?:wrinkle|(?:fine |frown )?line)s?[ -](?:relax|soften|smooth|freez|block)\w*"
            rf"|\bmuscle[ -]relax\w* (?:{_INJ}|treatments?)"
        ),
        rule="POM-07",
        source="ASA ruling HB Health of Knightsbridge, A13-237714; CAP Code 12.12",
        suggestion=_CONSULTATION_WORDS,
        default=Verdict.BLOCK,
    ),
    WordList(
        id="T4",
        pattern=re.compile(
            rf"\banti[ -]?wrinkle[ -]?{_INJ}"
            rf"|\b{_INJ} (?:for|to) (?:\w+ ){{0,3}}(?:wrinkles?|frown|forehead|crow's feet|lines)\b"
        ),
        rule="POM-08",
        source=_NOTICE,
        suggestion=_LINES,
        default=Verdict.BLOCK,
        by_surface=_REVIEW_ON_PAGES,
    ),
    WordList(
        id="T5",
        pattern=re.compile(r"\banti[ -]?wrinkle (?:treat\w*|solution\w*)"),
        rule="POM-08",
        source=_NOTICE,
        suggestion="skin and wrinkle consultation",
        default=Verdict.BLOCK,
        by_surface=_REVIEW_ON_PAGES,
    ),
    WordList(
        id="T6",
        pattern=re.compile(r"\b(?:[1-3]|one|two|three) areas?\b"),
        rule="POM-09",
        source=_ASA_AREAS,
        suggestion="",
        default=Verdict.PASS,
    ),
    WordList(
        id="T7",
        pattern=re.compile(rf"\b(?:cosmetic|aesthetic|facial|medical) {_INJ}|\binjectables?\b"),
        rule="POM-09",
        source=_ASA_AREAS,
        suggestion="name the treatment that is not a prescription-only medicine, such as “dermal filler”",
        default=Verdict.REVIEW,
    ),
    WordList(
        id="T8",
        pattern=re.compile(
            rf"\b{_INJ} (?:for|to treat) (?:\w+ ){{0,2}}"
            r"(?:sweating|hyperhidrosis|migraines?|bruxism|teeth grinding|tmj)"
            rf"|\b(?:masseter|jaw slimming|gummy smile|nefertiti|brow lift) {_INJ}"
        ),
        rule="POM-19, LIC-03",
        source=_ASA_TOXIN,
        suggestion="a consultation about excessive sweating",
        default=Verdict.BLOCK,
    ),
    WordList(
        id="T9",
        pattern=re.compile(
            r"\b(?:wegovy|mounjaro|ozempic|rybelsus|saxenda|semaglutide|tirzepatide|liraglutide|glp-?1)\b"
            rf"|\b(?:weight[ -]?loss|slimming|obesity(?: treatment)?|skinny) (?:{_INJ}|pens?|pills?)"
        ),
        rule="POM-18",
        source="Joint Enforcement Notice on weight-loss medicines, 2025; CAP Code 12.12",
        suggestion="a consultation for weight control",
        default=Verdict.BLOCK,
    ),
    WordList(
        id="T10",
        pattern=re.compile(
            r"\b(?:kenalog|triamcinolone|hyalase|hyaluronidase|tretinoin|isotretinoin|roaccutane|hydroquinone"
            r"|kybella|belkyra|deoxycholic)\b"
            rf"|\bhay ?fever {_INJ}|\b(?:vitamin )?(?:b-?12|d3?) {_INJ}"
        ),
        rule="POM-19",
        source="MHRA and CAP on hay fever jabs; ASA Enforcement Notice on vitamin shots; CAP Code 12.12",
        suggestion="a consultation about hay fever; filler correction consultation",
        default=Verdict.BLOCK,
    ),
    WordList(
        id="T11",
        pattern=re.compile(r"\b(?:botulax|re ?n ?tox|innotox|toxpia)\b"),
        rule="POM-20",
        source="Human Medicines Regulations 2012, reg. 279 (unlicensed medicines)",
        suggestion="",
        default=Verdict.BLOCK,
        by_surface=_REVIEW_IN_ARTICLES,
    ),
    WordList(
        id="EMOJI",
        pattern=re.compile("\N{SYRINGE}"),
        rule="POM-19",
        source="MHRA and CAP on hay fever jabs (emoji count as words)",
        suggestion="show people, rooms or skin",
        default=Verdict.REVIEW,
    ),
    WordList(
        id="P1",
        pattern=re.compile(
            r"\b(?:hurry|last chance|today only|don'?t miss|limited (?:time|spaces?|slots?|availability)"
            r"|(?:offer |sale )?ends (?:midnight|tonight|today|soon|\w+day)|black friday|cyber monday|flash sale"
            r"|\d+ (?:hours?|days?) (?:left|remaining)|while (?:slots|stocks) last)\b"
        ),
        rule="CAP-02",
        source=_ASA_URGENCY,
        suggestion="the plain price, with no end date",
        default=Verdict.REVIEW,
    ),
    WordList(
        id="P2",
        pattern=re.compile(
            r"\b(?:pain[ -]?free|no downtime|minimal (?:pain|discomfort)|risk[ -]?free|(?:completely|totally|100%) safe"
            r"|safe and effective|instant results|guaranteed|lunch ?time (?:treatment|lift|fix)|quick fix)\b"
        ),
        rule="CAP-03",
        source=_ASA_TRIVIAL,
        suggestion="the usual recovery and the risks, in plain words",
        default=Verdict.REVIEW,
    ),
    WordList(
        id="P3",
        pattern=re.compile(
            r"\b(?:back to school|prom|teen\w*|freshers|student (?:discount|offer)|sweet 16|under[ -]?18s?)\b"
        ),
        rule="CAP-01",
        source="CAP Code 12.25 (cosmetic interventions and under-18s)",
        suggestion="",
        default=Verdict.BLOCK,
        by_surface=_REVIEW_IN_ARTICLES,
    ),
    WordList(
        id="P4",
        pattern=re.compile(
            r"\bflaw(?:s|less)?\b(?! code)|\bperfect\b|\blook (?:\w+ )?younger\b|\byummy mummy\b"
            r"|\bbikini[ -]ready\b|\bfix your\b"
        ),
        rule="CAP-04",
        source="ASA rulings Beautyjenics (2025) and Glowery, A22-1169867",
        suggestion="the concern in neutral words. Does this suggest that people need treatment to be acceptable?",
        default=Verdict.REVIEW,
    ),
)
