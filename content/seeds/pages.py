"""Copy of the demo clinic's standing pages. Nothing here names a medicine; placeholders say that they are such."""

from __future__ import annotations

from typing import Any

HOME: dict[str, Any] = {
    "title": "Home",
    "search_description": "A nurse-led aesthetics clinic in Kent. Unhurried consultations, prices on the page, and a "
    "straight answer about what would help.",
    "eyebrow": "Nurse-led aesthetics in Kent",
    "headline": "Good advice first. Treatment only if it helps.",
    "lede": "Sit down with a nurse who knows faces, ask everything you want to ask, and go home to think. "
    "We’ll tell you if a treatment won’t help.",
    "trust_points": [
        {
            "type": "point",
            "value": {
                "icon": "shield-check",
                "title": "Registered nurses",
                "text": "Every register is named on our profiles, with a link to check it.",
            },
        },
        {
            "type": "point",
            "value": {
                "icon": "message-square",
                "title": "A conversation first",
                "text": "You hear the options, the risks, and the choice of doing nothing.",
            },
        },
        {
            "type": "point",
            "value": {
                "icon": "clock",
                "title": "Time to think",
                "text": "At least a day between your consultation and a first treatment.",
            },
        },
        {
            "type": "point",
            "value": {
                "icon": "file-text",
                "title": "Prices on the page",
                "text": "What you read is the whole price. No packages and no offers.",
            },
        },
    ],
    "treatments_heading": "Where would you like to start?",
    "treatments_intro": "Most people begin with a consultation. If you know what you want, you can see how long it "
    "takes and what it costs.",
    "practitioners_heading": "Who you will see",
    "practitioners_intro": "The same person listens to you, looks after you, and sees you again two weeks later.",
    "steps_heading": "How it works",
    "steps": [
        {
            "type": "step",
            "value": {
                "title": "Choose a time",
                "text": "Pick a day and a time that suit you. You need no account, and it takes about two minutes.",
            },
        },
        {
            "type": "step",
            "value": {
                "title": "Talk it through",
                "text": "Tell us what bothers you, and what you have read. We look, explain, and answer plainly.",
            },
        },
        {
            "type": "step",
            "value": {
                "title": "Decide at home",
                "text": "Take at least a day. If you go ahead, we plan it together; if you don’t, that is fine too.",
            },
        },
    ],
    "articles_heading": "From the journal",
    "questions_heading": "Questions people ask",
    "questions": [
        {
            "type": "question",
            "value": {
                "question": "Do I have to decide at the consultation?",
                "answer": "<p>No. You leave with written information, and you have at least a day before a first "
                "treatment. You can change your mind at any time.</p>",
            },
        },
        {
            "type": "question",
            "value": {
                "question": "What if you think I don’t need anything?",
                "answer": "<p>Then we say so. A consultation that ends with a good sunscreen and nothing else is a "
                "good consultation.</p>",
            },
        },
        {
            "type": "question",
            "value": {
                "question": "Can I move or cancel my visit?",
                "answer": "<p>Yes, online, from the link in your confirmation. It says until when you can move your visit. "
                "If you can’t come, you can tell us until it begins.</p>",
            },
        },
        {
            "type": "question",
            "value": {
                "question": "Why do you ask for my date of birth?",
                "answer": "<p>Our treatments are for adults. For some concerns the law in England asks us to know your "
                "age before we offer you a time.</p>",
            },
        },
        {
            "type": "question",
            "value": {
                "question": "How can I check who you are?",
                "answer": "<p>Open the profile of the person you will see. It names each register and links to the "
                "page where you can look them up.</p>",
            },
        },
    ],
    "closing_heading": "Start with a conversation",
    "closing_text": "Bring your questions. There is nothing to prepare and nothing to decide on the day.",
}

JOURNAL: dict[str, Any] = {
    "title": "Journal",
    "slug": "blog",
    "summary": "Plain answers about skin and face, written by the people who will see you, with their sources.",
    "search_description": "Plain answers about skin and face from a nurse-led clinic, each with its sources.",
}


def _heading(text: str) -> dict[str, Any]:
    return {"type": "heading", "value": text}


def _paragraph(html: str) -> dict[str, Any]:
    return {"type": "paragraph", "value": html}


PLAIN_PAGES: list[dict[str, Any]] = [
    {
        "title": "Privacy",
        "slug": "privacy",
        "summary": "What we know about you, why we need it, who sees it, and what you can ask of us.",
        "search_description": "How the clinic uses and protects what it knows about you, and the rights you have.",
        "body": [
            _heading("Who is responsible"),
            _paragraph(
                "<p>Juvenology Clinic decides how your information is used. You can write to us at the address and "
                "e-mail at the foot of this page. <i>Placeholder: the clinic’s registration number with the "
                "Information Commissioner’s Office goes here.</i></p>"
            ),
            _heading("What we keep, and why"),
            _paragraph(
                "<ul><li><b>To book your visit:</b> your name, e-mail, mobile number, date of birth and the time you "
                "chose. We need it to make and keep an agreement with you, and the date of birth because the law "
                "limits some treatments to adults.</li>"
                "<li><b>To look after you:</b> what you tell us about your health, what we advised, what was done and "
                "with which product. This is health information; we may use it because care is provided by a "
                "professional who owes you a duty of confidence (UK GDPR Article 9(2)(h) and the Data Protection Act "
                "2018, Schedule 1, paragraph 2).</li>"
                "<li><b>To show that we acted properly:</b> who changed a booking and when, and what was sent to "
                "you.</li></ul>"
                "<p>We treat a booking with the same care as a medical record, because even the name of a visit can "
                "say something about your health.</p>"
            ),
            _heading("Who sees it"),
            _paragraph(
                "<p>The people who treat you. Someone at the desk sees your name and time, not your notes. Companies "
                "that carry our e-mail and text messages see only what they carry: a date, a time, a place and a link, "
                "and in the confirmation what you booked. "
                "We do not sell information, and we show no advertising.</p>"
            ),
            _heading("Messages"),
            _paragraph(
                "<p>We send a confirmation and reminders. The confirmation says what you booked and what it costs, as the "
                "law asks, but not in its subject line. Reminders and text messages never name a treatment. You can tell us "
                "not to text or not to e-mail. We send nothing that advertises unless you ask for it.</p>"
            ),
            _heading("Cookies"),
            _paragraph(
                "<p>Reading this site sets no cookie and loads nothing from other companies. When you start a booking "
                "or sign in, one cookie remembers where you are until you have finished.</p>"
            ),
            _heading("How long we keep it"),
            _paragraph(
                "<p>Treatment records: <i>placeholder, for example eight years after your last visit.</i> Bookings "
                "that never became a visit: <i>placeholder, for example one year.</i> Then they are deleted.</p>"
            ),
            _heading("What you can ask"),
            _paragraph(
                "<p>You can ask to see what we hold, to have it corrected, to have it sent to you in a form you can use, "
                "and in some cases to have it deleted or no longer used. We answer within one month, and it costs "
                "nothing.</p>"
            ),
            _heading("If you are unhappy with how we use it"),
            _paragraph(
                "<p>Tell us first: by e-mail, by post or by telephone. We acknowledge a complaint about personal "
                "information within 30 days, look into it without undue delay, and tell you the outcome. You can also "
                'complain to the <a href="https://ico.org.uk/make-a-complaint/">Information Commissioner’s Office</a> '
                "at any time.</p>"
            ),
        ],
    },
    {
        "title": "Complaints",
        "slug": "complaints",
        "summary": "If something was not right, we want to know. Here is what to do, and what you can expect of us.",
        "search_description": "How to complain to the clinic, how we answer, and where to turn if you stay unhappy.",
        "body": [
            {
                "type": "callout",
                "value": {
                    "title": "If you feel unwell after a treatment",
                    "text": "<p>Do not wait for an answer to a complaint. Call us. If it is urgent and you cannot "
                    "reach us, call 111; if you cannot see properly, cannot breathe well or feel very ill, call "
                    "999.</p>",
                    "kind": "warn",
                },
            },
            _heading("How to tell us"),
            _paragraph(
                "<p>Write, e-mail, telephone or tell us at the clinic: the addresses are at the foot of this page. "
                "Someone else may complain for you if you agree to it. Say what happened, when, and what you would like "
                "us to do.</p>"
            ),
            _heading("What happens then"),
            _paragraph(
                "<ol><li>We write to you within three working days to say that we have it and who is looking into "
                "it. <i>Placeholder: confirm the clinic’s own times.</i></li>"
                "<li>Someone who was not part of what happened looks into it, wherever we can.</li>"
                "<li>You have a written answer within 20 working days, or a letter that says why it takes longer.</li>"
                "<li>If we were wrong we say so, and say what will change.</li></ol>"
                "<p>A complaint never changes the care you are given.</p>"
            ),
            _heading("About your personal information"),
            _paragraph(
                "<p>A complaint about how we use your information is acknowledged within 30 days at the latest, and we "
                "tell you the outcome. You may go to the "
                '<a href="https://ico.org.uk/make-a-complaint/">Information Commissioner’s Office</a> as well.</p>'
            ),
            _heading("If you are still unhappy"),
            _paragraph(
                "<ul><li>About a nurse’s fitness to practise: the "
                '<a href="https://www.nmc.org.uk/concerns-nurses-midwives/">Nursing and Midwifery Council</a>.</li>'
                "<li>About a practitioner on its register: the "
                '<a href="https://www.jccp.org.uk/">Joint Council for Cosmetic Practitioners</a>.</li>'
                "<li>A side effect of a medicine or a fault in a device: the "
                '<a href="https://yellowcard.mhra.gov.uk/">Yellow Card scheme</a>.</li>'
                "<li>An advertisement that misled you: the "
                '<a href="https://www.asa.org.uk/make-a-complaint.html">Advertising Standards Authority</a>.</li></ul>'
            ),
        ],
    },
    {
        "title": "Accessibility",
        "slug": "accessibility",
        "summary": "How we try to make this site and our clinic usable for everyone, and how to ask for help.",
        "search_description": "Accessibility of the clinic’s website and rooms, and how to ask for what you need.",
        "body": [
            _heading("This site"),
            _paragraph(
                "<p>We aim at the Web Content Accessibility Guidelines 2.2, level AA. You should be able to read every "
                "page and book a visit with a keyboard, with a screen reader, with large text, without JavaScript and "
                "without colour.</p>"
                "<p>When you book, nothing counts down and you never have to solve a puzzle. If you need longer, you can "
                "keep a time as often as you like.</p>"
            ),
            _heading("Our rooms"),
            _paragraph(
                "<p><i>Placeholder: say here whether there are steps, how wide the doors are, where one can park, and "
                "whether there is a lift and an accessible toilet.</i></p>"
            ),
            _heading("Tell us what you need"),
            _paragraph(
                "<p>Write it in the note when you book, or call us: large print, a longer visit, a friend beside you, a "
                "British Sign Language interpreter. We write it down once and remember it.</p>"
            ),
            _heading("If something does not work"),
            _paragraph(
                "<p>Please tell us what you were doing and on what device. We book your visit by telephone meanwhile, "
                "and we mend it.</p>"
            ),
        ],
    },
]
