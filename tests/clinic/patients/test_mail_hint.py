"""P-B8: which addresses get the question “Did you mean …?”."""

import pytest

from clinic.patients.mail_hint import COMMON, REAL, meant


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("gmial.com", "gmail.com"),
        ("gamil.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("GMIAL.COM", "gmail.com"),
        ("gnail.com", "gmail.com"),
        ("hotmial.co.uk", "hotmail.co.uk"),
        ("hotmal.com", "hotmail.com"),
        ("outlok.com", "outlook.com"),
        ("yaho.co.uk", "yahoo.co.uk"),
        ("iclod.com", "icloud.com"),
        ("btinternet.co", "btinternet.com"),
        ("virginmeda.com", "virginmedia.com"),
    ],
)
def test_p_b8_a_near_miss_is_asked_about(typed, domain):
    assert meant(f"Anna.Lee+1@{typed}") == f"Anna.Lee+1@{domain}"


@pytest.mark.parametrize(
    "domain",
    [
        *sorted({*COMMON, *REAL}),
        "example.com",
        "example.co.uk",
        "kent.ac.uk",
        "nhs.scot",
        "gov.uk",
        "hotmail.fr",
        "yahoo.de",
    ],
)
def test_p_b8_an_address_that_may_be_right_is_not(domain):
    assert meant(f"anna@{domain}") == ""


@pytest.mark.parametrize("text", ["", "anna", "@gmial.com"])
def test_p_b8_nor_is_what_is_no_address(text):
    assert meant(text) == ""
