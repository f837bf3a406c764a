"""What became of the films that were shown: read from the live store, for the metrics and for the page."""

import threading
import time
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from reelwise.errors import StoreError
from reelwise.live.outcomes import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reelwise.live.outcomes import Figures
    from reelwise.live.store import Store

_KEPT = 60.0  # seconds; counting takes the longer the more was shown

_KINDS = ["revision", "balance"]


class ShownFigures(Collector):
    """The figures of a live store, up to a minute old; none where it cannot be asked.

    They are the same in every worker and replica, so they are no sums over workers.
    """

    def __init__(self, store: "Store") -> None:
        self._store = store
        self._lock, self._not_before = threading.Lock(), 0.0
        self._figures: tuple[Figures, ...] = ()
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def get(self) -> "tuple[Figures, ...]":
        """The figures by model revision and balance, what was shown last first; those of before while others count."""
        if time.monotonic() >= self._not_before and self._lock.acquire(blocking=False):
            try:
                self._figures = self._store.figures()
            except StoreError:
                self._figures = ()
            finally:
                self._not_before = time.monotonic() + _KEPT
                self._lock.release()
        return self._figures

    def text(self) -> bytes:
        """The figures in Prometheus' text format."""
        return generate_latest(self._registry)

    def describe(self) -> "Iterator[GaugeMetricFamily]":
        """The metrics without their values, so that nobody asks the store before it is open."""
        yield GaugeMetricFamily("reelwise_shown_films", "Films shown, on each list.", labels=_KINDS)
        yield GaugeMetricFamily("reelwise_shown_different_films", "Different films shown.", labels=_KINDS)
        yield GaugeMetricFamily(
            "reelwise_shown_share", "Share of the films shown that this became of within a week.",
            labels=[*_KINDS, "outcome"],
        )  # fmt: skip

    def collect(self) -> "Iterator[GaugeMetricFamily]":
        """The metrics."""
        films, different, share = self.describe()
        for one in self.get():
            labels = [one.revision, "" if one.balance is None else f"{one.balance:g}"]
            films.add_metric(labels, one.shown)
            different.add_metric(labels, one.different_films)
            for outcome in OUTCOMES:
                share.add_metric([*labels, outcome], one.share(outcome))
        yield from (films, different, share)
