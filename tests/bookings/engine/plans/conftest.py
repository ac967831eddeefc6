"""A Tuesday of one nurse, with a colleague who can help out, and what is planned over it."""

from __future__ import annotations

import uuid

import pytest

from bookings.engine.plans import block as blocks
from bookings.engine.plans.block import Block
from bookings.messages.planning import visit_messages
from bookings.visits.models.statuses import Status
from tests.bookings.moments import NOW, at
from tests.bookings.one_nurse import location, nurse, treatment  # noqa: F401 -- fixtures
from tests.factories.bookings import AppointmentFactory


@pytest.fixture
def visit_at(nurse, treatment, location):  # noqa: F811
    """Make a visit of the nurse, told to its patient already."""

    def made(hour, minute=0, *, day=2, **values):
        known = {"practitioner": nurse, "treatment": treatment, "location": location, "status": Status.BOOKED}
        visit = AppointmentFactory(**{"starts_at": at(hour, minute, day=day)} | known | values)
        visit_messages.plan_booked(visit, NOW)
        visit.messages.filter(kind="confirmation").update(state="sent", sent_at=NOW)
        return visit

    return made


@pytest.fixture
def afternoon(nurse):  # noqa: F811
    return Block(practitioner=nurse, starts_at=at(12), ends_at=at(17), reason="Training")


@pytest.fixture
def do_block():
    """Do a block as its page showed it: the choices that the plan proposes, unless others are given."""

    def done(block, *, choices=None, now=NOW, key=None, versions=None):
        plan = blocks.look(block, now=now, choices=choices or {})
        shown = {row.visit.reference: row.choice for row in plan.rows}
        known = {row.visit.reference: row.visit.version for row in plan.rows}
        return blocks.do(
            block,
            now=now,
            choices=shown | (choices or {}),
            versions=known if versions is None else versions,
            by=None,
            key=key or uuid.uuid4(),
        )

    return done
