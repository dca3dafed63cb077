"""Work that tells how far it is and can be stopped."""

from threading import Event

import pytest

from inspector_app.services import stopping
from inspector_app.services.stopping import Seldom, StoppedError, report


def test_that_work_goes_on_until_it_is_to_stop() -> None:
    stop = Event()
    seen: list[tuple[int, int]] = []
    report(stop, lambda *step: seen.append(step), 1, 2)
    stop.set()
    with pytest.raises(StoppedError):
        report(stop, lambda *step: seen.append(step), 2, 2)
    assert seen == [(1, 2)]


def test_that_news_comes_seldom_but_the_last_of_it_always(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 0.05, 0.11, 0.12, 0.13])
    monkeypatch.setattr(stopping.time, "monotonic", lambda: next(now))
    seen: list[int] = []
    tell = Seldom(lambda done, _total: seen.append(done))
    for done in range(1, 6):
        tell(done, 5)
    assert seen == [1, 3, 5]
