"""How much of each: a smoke run, the usual one, and the full one of the goals."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    little_history: int
    large_history: int
    growth: tuple[int, int]  # visits before and after a clinic has grown tenfold
    questions: int
    rounds: int
    attempts: int
    kills: int  # of the database or the web server under load
    bookings: int
    page_seconds: float
    stored_messages: int
    due_messages: int
    minute_messages: int  # that fall due over as long as 10,000 do in a minute
    crash_messages: int  # that fall due while whatever sends them is killed
    message_kills: int
    walk_steps: int  # of the walks through the clinic
    has_demo: bool  # whether the public page is that of the demonstration clinic


SCALES = {
    "small": Scale(
        little_history=8_000,
        large_history=20_000,
        growth=(2_000, 20_000),
        questions=20,
        rounds=5,
        attempts=200,
        kills=3,
        bookings=40,
        page_seconds=1,
        stored_messages=20_000,
        due_messages=200,
        minute_messages=300,
        crash_messages=400,
        message_kills=10,
        walk_steps=200,
        has_demo=False,
    ),
    "default": Scale(
        little_history=100_000,
        large_history=1_000_000,
        growth=(100_000, 1_000_000),
        questions=100,
        rounds=50,
        attempts=2_000,
        kills=6,
        bookings=400,
        page_seconds=5,
        stored_messages=1_000_000,
        due_messages=3_000,
        minute_messages=10_000,
        crash_messages=10_000,
        message_kills=100,
        walk_steps=10_000,
        has_demo=True,
    ),
    "full": Scale(
        little_history=100_000,
        large_history=1_000_000,
        growth=(1_000_000, 10_000_000),
        questions=200,
        rounds=200,
        attempts=50_000,
        kills=20,
        bookings=1_000,
        page_seconds=15,
        stored_messages=1_000_000,
        due_messages=100_000,
        minute_messages=10_000,
        crash_messages=100_000,
        message_kills=100,
        walk_steps=100_000,
        has_demo=True,
    ),
}
