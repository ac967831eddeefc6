"""Who works at the demo clinic: the nurse, with what is known of her, and two plainly made-up colleagues."""

from __future__ import annotations

from typing import Any

from clinic.practitioners.models import Credential

Kind = Credential.Kind
PIN = "00X0000X"  # plainly a placeholder: no registration number looks like this
NMC = "Nursing and Midwifery Council"
CHECK_NMC = "https://www.nmc.org.uk/registration/search-the-register/"
TALKS = (
    "first-consultation", "lines-and-wrinkles-consultation", "skincare-consultation",
    "filler-correction-consultation", "review",
)  # fmt: skip
SKIN = ("skin-boosters", "chemical-peel", "microneedling")
FILLERS = ("lip-filler", "cheek-filler", "jawline-filler", "tear-trough-filler")
MEDICINES = ("botulinum-toxin", "filler-dissolving")
PEOPLE: tuple[dict[str, Any], ...] = (
    {
        "slug": "nurse-marina",
        "name": "Nurse Marina",
        "job_title": "Founder and aesthetic nurse",
        "summary": "Founded the clinic to give people a personal approach, after six years in cardiac nursing.",
        "biography": "<p>Marina founded Juvenology Clinic because she wanted a personal approach: to dermal fillers, to "
        "skincare, and to feeling well overall.</p>"
        "<p>She comes from hospital nursing. For six years she was a cardiac nurse at KIMS Hospital in Maidstone, where "
        "she learnt anatomy in depth. Then she moved to Spencer Private Hospital in Kent as a specialist aesthetics "
        "nurse.</p>",
        "art": "portrait-NM",
        "email": "nurse@example.com",
        "offers": (*TALKS, *FILLERS, *SKIN, *MEDICINES),
        "credentials": (
            (Kind.STATUTORY_REGISTER, NMC, "NMC", PIN, CHECK_NMC),
            (Kind.VOLUNTARY_REGISTER, "Joint Council for Cosmetic Practitioners", "JCCP", "", ""),
            (Kind.QUALIFICATION, "Cardiac nurse for six years, KIMS Hospital, Maidstone", "", "", ""),
            (Kind.QUALIFICATION, "Specialist aesthetics nurse, Spencer Private Hospital, Kent", "", "", ""),
            (Kind.MEMBERSHIP, "British Association of Cosmetic Nurses", "BACN", "", ""),
            (Kind.MEMBERSHIP, "Royal College of Nursing", "RCN", "", ""),
            (Kind.NETWORK, "ACE Group", "", "", ""),
        ),
    },
    {
        "slug": "demo-nurse-aisha",
        "name": "Demo Nurse Aisha",
        "job_title": "Skin nurse (demonstration)",
        "summary": "A made-up colleague, so that the demo has a second diary. She sees people about their skin.",
        "biography": "<p>Aisha is not a real person. Her profile shows how a colleague who looks after skin would appear: "
        "consultations, peels, microneedling and skin boosters.</p>",
        "art": "portrait-DA",
        "is_demo": True,
        "offers": (*TALKS, *SKIN),
        "credentials": ((Kind.STATUTORY_REGISTER, f"{NMC} (demonstration entry)", "NMC", PIN, ""),),
    },
    {
        "slug": "demo-prescriber-tom",
        "name": "Demo Prescriber Tom",
        "job_title": "Independent prescriber (demonstration)",
        "summary": "A made-up colleague, so that the demo has a third diary. He holds consultations two days a week.",
        "biography": "<p>Tom is not a real person. His profile shows how a colleague who may prescribe would appear. He "
        "meets people face to face before anything is prescribed.</p>",
        "art": "portrait-DT",
        "is_demo": True,
        "offers": (*TALKS, *MEDICINES),
        "credentials": ((Kind.STATUTORY_REGISTER, f"{NMC} (demonstration entry)", "NMC", PIN, ""),),
    },
)
