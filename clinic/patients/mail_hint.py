"""Near misses of the domains that most people here have their email at. Only ever a question, never a refusal.

Own code: the ports of mailcheck in Python are unmaintained, and the others look every address up on the network.
"""

from __future__ import annotations

from difflib import get_close_matches

# What people in the United Kingdom write most.
COMMON = (
    "gmail.com", "googlemail.com", "hotmail.com", "hotmail.co.uk", "outlook.com", "live.com", "live.co.uk", "msn.com",
    "yahoo.com", "yahoo.co.uk", "ymail.com", "icloud.com", "me.com", "aol.com", "btinternet.com", "btopenworld.com",
    "sky.com", "virginmedia.com", "ntlworld.com", "blueyonder.co.uk", "talktalk.net", "tiscali.co.uk", "plus.com",
    "proton.me", "protonmail.com", "nhs.net",
)  # fmt: skip
# Real ones that look like slips of those.
REAL = frozenset({
    "mail.com", "email.com", "mail.co.uk", "email.co.uk", "rocketmail.com", "gmx.com", "gmx.co.uk", "mac.com", "aim.com",
    "outlook.co.uk", "aol.co.uk", "protonmail.ch", "pm.me", "nhs.uk", "skye.com", "fastmail.com", "hotmail.com.au",
    "outlook.com.au", "live.com.au", "yahoo.com.au", "yahoo.ie", "live.ie", "outlook.ie",
})  # fmt: skip
LIKENESS = 0.85


def meant(email: str) -> str:
    """The address that was probably meant; nothing if this one looks right."""
    name, _, domain = email.rpartition("@")
    domain = domain.lower()
    if not name or domain in COMMON or domain in REAL:
        return ""
    near = get_close_matches(domain, COMMON, n=1, cutoff=LIKENESS)
    return f"{name}@{near[0]}" if near else ""
