"""Metrics for Prometheus. The table in docs/guide/observing.md lists them; a test compares the two."""

from functools import cache
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest

from reelwise.serving.telemetry.workers import registry_of_all

if TYPE_CHECKING:
    from reelwise.artifacts.model import Description
    from reelwise.serving.telemetry.observation import Observation

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The upper bounds of the histograms' buckets."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

disable_created_metrics()  # a second time series for each counter that nobody looks at


class ServerMetrics:
    """The server's metrics. One object for each application; those of all workers are added up."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.requests = Counter("reelwise_http_requests", "Requests.", ["method", "route", "status"], registry=registry)
        self.request_seconds = Histogram(
            "reelwise_http_request_seconds",
            "Time until the response was sent, errors included.",
            ["route"],
            buckets=SECONDS,
            registry=registry,
        )
        self.in_flight = Gauge(
            "reelwise_http_requests_in_flight",
            "Requests that are being answered, this one included.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self.recommend_seconds = Histogram(
            "reelwise_recommend_seconds",
            "Time inside the recommender, of requests that asked it.",
            ["route"],
            buckets=SECONDS,
            registry=registry,
        )
        self.recommendations = Counter(
            "reelwise_recommendations",
            "Lists of recommendations by what they came from; popular is the fallback for what nobody rated.",
            ["route", "source"],
            registry=registry,
        )
        self.unknown_ids = Counter(
            "reelwise_requests_with_unknown_ids",
            "Requests that named a user, or a movie, that the model does not know.",
            ["kind"],
            registry=registry,
        )
        self.model_info = Gauge(
            "reelwise_model_info",
            "How many processes serve this model; 0 once it is replaced.",
            ["revision", "dataset"],
            multiprocess_mode="livesum",
            registry=registry,
        )
        self.model_ready = Gauge(
            "reelwise_model_ready",
            "1 if every process has a model, else 0.",
            multiprocess_mode="livemin",
            registry=registry,
        )
        self.model_loaded = Gauge(
            "reelwise_model_loaded_timestamp_seconds",
            "When a model was loaded last, in seconds since 1970.",
            multiprocess_mode="livemax",
            registry=registry,
        )
        self._info_shown: Gauge | None = None
        # Looking a series up by its labels takes longer than counting.
        self._requests_of = cache(self.requests.labels)
        self._request_seconds_of = cache(self.request_seconds.labels)
        self._recommend_seconds_of = cache(self.recommend_seconds.labels)
        self._recommendations_of = cache(self.recommendations.labels)

    def begin(self) -> None:
        """Count a request that has come in."""
        self.in_flight.inc()

    def count(self, method: str, route: str, seconds: float, observation: "Observation") -> None:
        """Count a request that has been answered."""
        self.in_flight.dec()
        self._requests_of(method if method in METHODS else "OTHER", route, observation.status).inc()
        self._request_seconds_of(route).observe(seconds)
        if observation.recommend_seconds is not None:
            self._recommend_seconds_of(route).observe(observation.recommend_seconds)
        if observation.source is not None:
            self._recommendations_of(route, observation.source).inc()
        for kind in observation.unknown:
            self.unknown_ids.labels(kind).inc()

    def show_model(self, description: "Description | None") -> None:
        """Say which model is served, from now on; None if none is."""
        if self._info_shown is not None:
            self._info_shown.set(0)
        self.model_ready.set(description is not None)
        if description is not None:
            self._info_shown = self.model_info.labels(description.revision, description.dataset)
            self._info_shown.set(1)
            self.model_loaded.set_to_current_time()

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(registry_of_all(self.registry))
