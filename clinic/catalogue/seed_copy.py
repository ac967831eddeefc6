"""What the demo clinic writes about each treatment: what happens, what to expect, and what can go wrong.

Nothing here names a prescription-only medicine, promises a result, or hurries anyone (see `clinic.advertising`).
"""

from __future__ import annotations


def _html(paragraphs: tuple[str, ...]) -> str:
    return "".join(f"<p>{text}</p>" for text in paragraphs)


def _list(points: tuple[str, ...]) -> str:
    return f"<ul>{''.join(f'<li>{point}</li>' for point in points)}</ul>"


def _copy(
    summary: str, *, happens: tuple[str, ...], expect: tuple[str, ...], risks: tuple[str, ...], recovery: str
) -> dict[str, str]:
    return {
        "summary": summary,
        "body": f"<h3>What happens</h3>{_html(happens)}<h3>Afterwards</h3>{_html(expect)}",
        "risks_and_recovery": f"{_list(risks)}<p>{recovery}</p>",
    }


_FILLER_RISKS = (
    "Common: swelling, bruising, redness and tenderness, mostly in the first week.",
    "Less common: lumps, unevenness, infection, a cold sore that comes back, or a result you do not like.",
    (
        "Rare but serious: gel that blocks a blood vessel. It can damage skin and, very rarely, sight. We tell you the "
        "signs, how to reach us, and what we do at once if it happens."
    ),
)
_TALK_RISKS = (
    "A consultation carries no physical risk. Nothing is injected or applied.",
    "It may end with advice you did not hope for: that a treatment would not help, or is not safe for you.",
)

COPY: dict[str, dict[str, str]] = {
    "first-consultation": _copy(
        "Not sure where to begin? Sit down with us, say what bothers you, and hear plainly what could help and "
        "what would not.",
        happens=(
            (
                "We ask about your health, your medicines and anything you have had done before. You show us what you "
                "see in the mirror, and we look at it together in good light."
            ),
            "Then we explain the options, with their limits, risks and costs. Doing nothing is always one of them.",
        ),
        expect=(
            (
                "You go home with written notes and no pressure. If you would like a treatment, you have at least a day "
                "to think before the first one. If you would rather leave it, that is a fine result too."
            ),
        ),
        risks=_TALK_RISKS,
        recovery="Go straight back to your day. Come as you are; we may ask you to take off make-up.",
    ),
    "lines-and-wrinkles-consultation": _copy(
        "A conversation about lines and wrinkles: what causes them, every option there is, and whether you need "
        "anything at all.",
        happens=(
            (
                "We look at your face at rest and as you talk and smile, and ask about sun, sleep, skincare and health. "
                "You tell us which lines trouble you, and which you would happily keep."
            ),
            (
                "We go through all the options: daily sunscreen and skincare, treatments for the skin, other treatments "
                "where they are suitable, and no treatment. You hear the limits, the risks and the cost of each."
            ),
        ),
        expect=(
            (
                "An honest opinion and a written plan, which may simply say: look after your skin and see us in a year. "
                "We ask for your date of birth first, since we see adults only for this."
            ),
        ),
        risks=_TALK_RISKS,
        recovery="There is nothing to recover from. Take at least a day before you decide on anything.",
    ),
    "skincare-consultation": _copy(
        "We look closely at your skin and at what you put on it, and build a short routine that you can afford and "
        "will keep to.",
        happens=(
            (
                "Bring your products, or a photo of the shelf. We look at your skin without make-up, ask how it behaves "
                "through the year, and sort what helps from what does nothing."
            ),
        ),
        expect=(
            (
                "A routine for the morning and one for the evening, usually with fewer steps than before. Skin changes "
                "slowly: give it about three months. If we see something that a doctor should look at, we say so."
            ),
        ),
        risks=(
            "A new product can sting, dry the skin or cause a reaction. We start one at a time and low.",
            "Some ingredients are not for pregnancy or breastfeeding. Please tell us.",
        ),
        recovery="Nothing is applied on the day beyond what you agree to try on a small patch.",
    ),
    "filler-correction-consultation": _copy(
        "Filler that has moved, feels lumpy or no longer suits you? We look, listen, and tell you what can be done.",
        happens=(
            (
                "We ask what was placed, where and when; bring any records you have. We look and feel, and explain what "
                "we think has happened, without blame."
            ),
            (
                "Sometimes waiting or massage is enough, and sometimes the gel is best left alone. If more could be done, "
                "you hear how, and what could go wrong."
            ),
        ),
        expect=(
            (
                "A clear opinion, and a plan if one makes sense. Correction may take more than one visit, and the skin may "
                "not look just as it did before. If you have sudden pain, pale or mottled skin, or changed "
                "sight, do not wait for a visit: call us, or 999."
            ),
        ),
        risks=_TALK_RISKS,
        recovery="Nothing is done on the day of the consultation unless it is urgent.",
    ),
    "review": _copy(
        "Two weeks after a treatment we look at the result together, answer questions, and see whether all is well.",
        happens=(
            (
                "You tell us how the days after went. We look, compare with the notes we made, and check that everything "
                "has healed."
            ),
        ),
        expect=(
            (
                "Often the answer is simply that all is as it should be. If something needs attention, we plan it with you. "
                "The review belongs to your treatment and costs nothing more."
            ),
        ),
        risks=("A review is a look and a talk. Anything further is explained first, and you decide.",),
        recovery="If something worries you sooner, please do not wait for the review: call us.",
    ),
    "lip-filler": _copy(
        "Hyaluronic acid gel that adds shape or a little fullness to the lips. We work in small steps, and stop early.",
        happens=(
            (
                "After your consultation and time to think, we go over the plan once more and take a photo for your record. "
                "A numbing cream comes first, then small amounts of gel. You can ask us to stop at any moment."
            ),
        ),
        expect=(
            (
                "Lips look larger for a few days because they swell; judge the result after two weeks. The gel is broken "
                "down slowly by the body, for most people over several months to a year. Lips keep their own character, "
                "and no two sides of a face match."
            ),
        ),
        risks=_FILLER_RISKS,
        recovery="Leave a few free days before anything important. No make-up on the lips that day, and no dentist, "
        "sauna or hard exercise for the first days.",
    ),
    "cheek-filler": _copy(
        "Gel placed deep over the cheekbone to give back some support where the face has lost volume.",
        happens=(
            (
                "We mark the points with you sitting upright and agree them in the mirror. The gel is placed deep, with a "
                "fine needle or a blunt cannula, a little at a time."
            ),
        ),
        expect=(
            (
                "A quiet change that others may not be able to name. It can temporarily soften the look of folds below, but "
                "does not take them away. It fades over many months, sooner in some people than in others."
            ),
        ),
        risks=_FILLER_RISKS,
        recovery="Tenderness when you smile or lie on your side is usual for a few days. Sleep on your back if you can.",
    ),
    "jawline-filler": _copy(
        "A firmer gel along the jaw or chin to balance the profile. It suits some faces and not others, and we say "
        "which.",
        happens=(
            (
                "We look at your profile, your bite and your skin. If filler is the right tool, it is placed along the bone "
                "in small amounts, with pauses to look together."
            ),
        ),
        expect=(
            (
                "Swelling hides the result at first; two weeks tell more. Where loose skin is the cause, filler helps "
                "little and we would rather tell you so. The effect fades over many months."
            ),
        ),
        risks=_FILLER_RISKS,
        recovery="Chewing may feel tender for some days. Soft food, no massage of the jaw, and no hard exercise for two "
        "days.",
    ),
    "tear-trough-filler": _copy(
        "For hollows under the eyes. The most delicate place for filler: many people are better off without, and we "
        "will say so.",
        happens=(
            (
                "We first find out what makes the shadow: a hollow, thin skin, pigment, or tiredness. Only a hollow can be "
                "helped with gel, and only when the skin above it suits."
            ),
        ),
        expect=(
            (
                "We use very little, and sometimes in two visits. The hollow can look softer for a time; dark colour and "
                "bags stay. The gel may draw water and puff, even months later."
            ),
        ),
        risks=(*_FILLER_RISKS, "Around the eyes: puffiness that lasts, or a bluish tint through thin skin."),
        recovery="Bruising here shows and can last up to two weeks. Leave time before an occasion.",
    ),
    "skin-boosters": _copy(
        "Soft hyaluronic acid placed in the skin in many tiny drops, to help dry, crepey skin hold water.",
        happens=(
            (
                "After numbing cream, tiny drops are placed just under the surface of the face, neck or hands. It takes about "
                "twenty minutes and pricks."
            ),
        ),
        expect=(
            (
                "Small bumps for a day or two. Skin may then feel smoother and look fresher over some weeks. Most plans have "
                "two or three visits, a month apart. The effect is gentle and fades in time."
            ),
        ),
        risks=(
            "Common: bumps, redness, pinpoint bruises and tenderness.",
            "Less common: lumps that last, infection, or a reaction to the gel.",
            "Rare but serious: gel in a blood vessel, which can damage skin. We tell you the signs and what we do.",
        ),
        recovery="No make-up until the next day; no sauna, swimming or hard exercise for two days.",
    ),
    "chemical-peel": _copy(
        "A mild acid loosens the outermost layer of skin. For dullness, uneven tone and skin that breaks out.",
        happens=(
            (
                "We clean the skin, protect eyes and lips, and brush the peel on for a few minutes while we watch how the skin "
                "answers. It tingles or stings, then it is neutralised and cooled. We choose the strength on the day."
            ),
        ),
        expect=(
            (
                "Skin feels tight for a few days and may flake. A single peel brightens a little; marks and breakouts "
                "usually need a short series and steady skincare."
            ),
        ),
        risks=(
            "Common: redness, tightness, flaking.",
            (
                "Less common: a cold sore that comes back, burns, scars, or darker or lighter patches, more often in darker "
                "or tanned skin. Tell us how your skin heals."
            ),
            "Not suitable in pregnancy or while some acne medicines are taken. We ask first.",
        ),
        recovery="Plain moisturiser and sunscreen every day, no picking, and no strong sun for two weeks.",
    ),
    "microneedling": _copy(
        "Very fine needles prompt the skin to renew itself. For texture, marks left by spots, and enlarged pores.",
        happens=(
            (
                "After cleaning and numbing cream, a pen with sterile single-use needles moves over the skin. It feels "
                "scratchy, and pinpoint bleeding is usual."
            ),
        ),
        expect=(
            (
                "The skin looks sunburnt at first. Change builds slowly over weeks and most people need about three visits, a "
                "month or more apart. Deep scars soften; they do not vanish."
            ),
        ),
        risks=(
            "Common: redness, dryness and mild swelling for a few days.",
            "Less common: infection, a cold sore that comes back, or lasting darker patches.",
            "We wait if you have active spots, eczema or a cold sore where we would work.",
        ),
        recovery="No make-up for a day, sunscreen every day, and no sauna, pool or hard exercise for two days.",
    ),
}
