"""The desk's booking page as a browser holds it: every field with what stands in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bs4 import BeautifulSoup

from clinic.core import clock


@dataclass(frozen=True)
class Shown:
    """The time and the person that a reader of the page takes to be chosen."""

    when: str
    who: str


class Page:
    def __init__(self, client: Any, response: Any) -> None:
        self.client, self.response = client, response
        self.text = response.content.decode()
        self.form = BeautifulSoup(self.text, "html.parser").select_one("form.form") or BeautifulSoup("", "html.parser")

    @classmethod
    def of(cls, client: Any, response: Any) -> Page:
        return cls(client, response)

    @property
    def errors(self) -> list[str]:
        return [one.get_text() for one in BeautifulSoup(self.text, "html.parser").select(".error-summary li")]

    @property
    def fields(self) -> dict[str, str]:
        """What the form would send."""
        found: dict[str, str] = {}
        for one in self.form.select("input[name], textarea[name]"):
            if one.get("type") not in {"radio", "checkbox"} or one.has_attr("checked"):
                found[one["name"]] = one.get("value", "") if one.name == "input" else one.get_text().strip("\r\n")
        for one in self.form.select("select[name]"):
            chosen = one.select_one("option[selected]") or one.select_one("option")
            found[one["name"]] = chosen.get("value", "") if chosen else ""
        return found

    def values(self, name: str) -> list[str]:
        """The times that can be ticked, without “Another time”."""
        return [one["value"] for one in self.form.select(f"input[type=radio][name={name}]") if "|" in one["value"]]

    def value_of(self, name: str, time: str) -> str:
        return next(value for value in self.values(name) if f"T{time}:" in value)

    def ticked(self, name: str) -> str:
        return self.fields.get(name, "")

    def press(self, do: str, **answers: str) -> Page:
        return Page(self.client, self.client.post("/diary/book/", {**self.fields, **answers, "do": do}))

    def shown(self, **answers: str) -> Shown:
        said = {**self.fields, **answers}
        if "|" in (slot := said.get("slot", "")):
            written, _, who = slot.partition("|")
            return Shown(f"{clock.local(datetime.fromisoformat(written)):%Y-%m-%d %H:%M}", who)
        return Shown(f"{said['day']} {said['at']}", said["practitioner"])
