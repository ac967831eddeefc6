from clinic.records.assessing.showing import lines

BODY = {
    "mode": "In person",
    "for_patient": "We would rather wait.",
    "sections": [
        {"key": "concerns", "title": "Reason", "text": "Fuller lips."},
        {"key": "history", "title": "History", "text": "", "not_relevant": "First visit."},
        {"key": "options", "title": "Options", "text": "Filler.", "no_treatment": True},
        {"key": "risks", "title": "Risks", "text": "Told.", "information_given": "2026-11-24"},
        {"key": "outcome", "title": "Outcome", "text": ""},
    ],
    "outcomes": [
        {"treatment": "Lips", "outcome": "Suitable", "until": None, "to": ""},
        {"treatment": "Peel", "outcome": "Not yet", "until": "2026-12-24", "to": ""},
        {"treatment": "Laser", "outcome": "Refer to somebody else", "until": None, "to": "Dr Example"},
    ],
}


def test_everything_that_was_signed_is_read_in_its_order():
    assert lines(BODY) == [
        ("Seen", "In person"),
        ("Reason", "Fuller lips."),
        ("History", "Not relevant, because: First visit."),
        ("Options", "Filler.\nHaving no treatment was discussed."),
        ("Risks", "Told.\nInformation given on Tuesday 24 November 2026."),
        ("Lips", "Suitable"),
        ("Peel", "Not yet, until Thursday 24 December 2026"),
        ("Laser", "Refer to somebody else, to Dr Example"),
        ("For the patient", "We would rather wait."),
    ]
    assert lines({}) == []
