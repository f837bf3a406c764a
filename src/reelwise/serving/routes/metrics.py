"""`/metrics`: figures for Prometheus."""

from fastapi import Request
from fastapi.responses import PlainTextResponse
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from reelwise.serving.routes.router import new_router
from reelwise.serving.state import server_state

router = new_router()


@router.get("/metrics", tags=["status"], summary="Figures for Prometheus", response_class=PlainTextResponse)
def get_metrics(request: Request) -> PlainTextResponse:
    """Counters, gauges and histograms in Prometheus' text format."""
    server = server_state(request.app)
    text = server.metrics.text() + (server.shown.text() if server.shown else b"")
    return PlainTextResponse(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)
