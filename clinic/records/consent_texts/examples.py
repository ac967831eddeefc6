"""Our examples of consent texts, to begin with: general, in our own words, and approved by nobody."""

from __future__ import annotations

from dataclasses import dataclass

WHO = "A registered nurse of this clinic who is trained in it treats you. You may ask them how often they have done it."
WITHDRAW = (
    "You may say no at any time, also when it has begun: tell whoever treats you, or use the link on your copy. "
    "Nobody asks you to pay for changing your mind about what has not been done."
)
STATEMENTS = (
    "I have read this, or had it read to me, in a language that I understand.",
    "I had the time I wanted to think it over, and my questions were answered.",
    "I have told the clinic about my health, my medicines and my allergies as far as I know them.",
    "I know that I may change my mind at any time.",
)


@dataclass(frozen=True, slots=True)
class Example:
    name: str
    title: str
    texts: dict[str, str]
    risks: list[str]
    statements: list[str]


EXAMPLES = (
    Example(
        name="Injectable, toxin type",
        title="Injections that relax muscles of the face",
        texts={
            "what": (
                "A small amount of a prescription medicine is injected into muscles of the face. It makes them move less "
                "for some months. It is prescribed for you after you have been seen in person."
            ),
            "cannot": (
                "It does not fill lines that are there at rest, lift skin or change its quality. How much it does, and for "
                "how long, differs from person to person, and nobody can promise a result."
            ),
            "alternatives": "Doing nothing is always a good choice. Others are:\n\n- care of the skin and protection from the sun\n- other treatments, which we explain if they could suit you",
            "common": "- redness, small swellings or bruises for some days\n- headache on the first days\n- a tight or heavy feeling",
            "serious": (
                "- a drooping eyelid or brow, or an uneven smile, for weeks\n- **weakness away from where it was injected: "
                "trouble swallowing, speaking or breathing, or double vision.** Call 999 for trouble breathing or "
                "swallowing, and tell us\n- an allergic reaction\n- infection"
            ),
            "aftercare": "- leave the area alone for the rest of the day\n- no hard exercise, heat or facials for a day\n- come to your check if one is planned\n- call us about anything that worries you",
            "money": "You were told the price before. It covers this visit and a check. What is not covered: further injections that you choose later.",
            "off_licence": "The medicine may be used in an area, or an amount, for which its maker holds no licence. If so, we tell you why before you decide.",
            "who": WHO,
            "withdraw": WITHDRAW,
        },
        risks=[
            "Bruising and swelling",
            "Drooping eyelid or brow",
            "Unevenness",
            "Weakness elsewhere; trouble swallowing",
            "Allergic reaction",
        ],
        statements=[*STATEMENTS, "I am not pregnant or breastfeeding as far as I know."],
    ),
    Example(
        name="Dermal filler",
        title="Injections of filler",
        texts={
            "what": "A gel is injected under the skin to give shape or volume. Most gels are made of hyaluronic acid and fade over months.",
            "cannot": "It cannot make both sides of a face the same, and it cannot stop a face from changing. It may need more than one visit.",
            "alternatives": "Doing nothing is always a good choice. Others are:\n\n- less filler, or in one place only\n- other treatments, which we explain if they could suit you",
            "common": "- swelling, bruises and tenderness for one or two weeks\n- lumps that can be felt and settle by themselves",
            "serious": (
                "- **filler in a blood vessel: skin may die, and in very rare cases sight is lost. Pain that grows, skin that "
                "turns white, grey or blotchy, or any change of sight: call us at once, and 999 for sight**\n- infection, "
                "also weeks later\n- lumps and swelling that come back, also after months\n- an allergic reaction, also to "
                "what dissolves filler"
            ),
            "aftercare": "- look at the colour of your skin on the first day, and press it as we show you\n- no make-up on the spot for a day, no heat or hard exercise for two\n- no dental work for two weeks\n- keep our number at hand",
            "money": "You were told the price before. Dissolving filler in an emergency costs you nothing; if you only want it gone, ask for the price.",
            "off_licence": "Filler is a device and no medicine. If we use one in an area that its maker does not name, we tell you why before you decide.",
            "who": WHO,
            "withdraw": WITHDRAW,
        },
        risks=[
            "Bruising and swelling",
            "Lumps and unevenness",
            "Infection",
            "Blocked blood vessel: loss of skin",
            "Loss of sight",
            "Allergic reaction",
        ],
        statements=[*STATEMENTS, "I agree that filler is dissolved at once if the one who treats me finds it needed."],
    ),
    Example(
        name="Skin peel or needling",
        title="A treatment of the surface of the skin",
        texts={
            "what": "The surface of the skin is renewed by a mild acid, or by very fine needles. It is often done several times.",
            "cannot": "It does not take away deep lines, scars or marks wholly, and it is no treatment of an illness of the skin.",
            "alternatives": "Doing nothing is always a good choice. Others are:\n\n- creams, and protection from the sun\n- fewer or milder visits",
            "common": "- redness and a tight feeling for some days\n- peeling and dryness\n- small spots or crusts",
            "serious": "- darker or lighter marks, sometimes lasting, above all after sun\n- infection, also cold sores that come back\n- scars\n- an allergic reaction",
            "aftercare": "- sun protection every day for four weeks\n- no picking; a plain cream only\n- no swimming, heat or hard exercise for two days\n- call us about blisters, pus or pain that grows",
            "money": "You were told the price of one visit and of a course. A course that you end early is settled by what was done.",
            "off_licence": "",
            "who": WHO,
            "withdraw": WITHDRAW,
        },
        risks=["Redness and peeling", "Marks that stay darker or lighter", "Infection or cold sores", "Scars"],
        statements=[*STATEMENTS, "I will keep my skin out of the sun as I was told."],
    ),
)
