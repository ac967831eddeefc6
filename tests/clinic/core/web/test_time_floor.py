import pytest

from clinic.core.web import time_floor
from clinic.core.web.time_floor import takes_at_least


@pytest.fixture
def watch(monkeypatch):
    """A clock that only the test moves, and that notes what is slept."""

    class Watch:
        now, slept = 100.0, 0.0

        def monotonic(self):
            return self.now

        def sleep(self, seconds):
            self.slept = seconds

    watch = Watch()
    monkeypatch.setattr(time_floor, "time", watch)
    return watch


@pytest.mark.parametrize(("took", "waits"), [(0.0, 0.3), (0.25, 0.05), (0.3, 0.0), (2.0, 0.0)])
def test_waits_out_the_rest(watch, took, waits):
    with takes_at_least(0.3):
        watch.now += took

    assert watch.slept == pytest.approx(waits)


def test_a_refusal_takes_as_long(watch):
    with pytest.raises(ValueError, match="refused"), takes_at_least(0.3):
        raise ValueError("refused")

    assert watch.slept == pytest.approx(0.3)
