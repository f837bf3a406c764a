"""FastAPI traces by itself, once OpenTelemetry has a provider."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from reelwise.serving import application


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    return exporter


def test_where_no_traces_can_be_sent_it_is_said(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(application, "find_spec", lambda _: None)
    with TestClient(app):
        assert "No traces are sent" not in caplog.text
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    with TestClient(app):
        assert "No traces are sent" in caplog.text


def test_a_request_is_a_span_with_the_name_of_its_route(app: FastAPI, exporter: InMemorySpanExporter) -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    response = TestClient(app).get("/recommendations/8", headers={"traceparent": parent})
    assert response.headers["X-Request-ID"]
    (span,) = [span for span in exporter.get_finished_spans() if span.kind is trace.SpanKind.SERVER]
    assert span.name == "GET /recommendations/{user_id}"
    assert span.attributes is not None
    assert span.attributes["http.route"] == "/recommendations/{user_id}"
    assert span.attributes["http.response.status_code"] == 200
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
