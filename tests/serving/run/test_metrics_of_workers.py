"""Two worker processes are measured as one server."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from reelwise.artifacts.folder import write_model
from reelwise.serving.telemetry.workers import FOLDER, share_metrics
from support.scraping import Scrape
from support.served import served
from support.tiny_recommender import tiny_model

pytestmark = pytest.mark.slow

SERVE = """
import uvicorn
from reelwise.serving.telemetry.workers import share_metrics
if __name__ == "__main__":
    with share_metrics():
        uvicorn.run("reelwise.serving:app", port=0, workers=2)
"""
DEADLINE = 20.0  # seconds


def workers_serve(client: httpx2.Client, workers: int) -> Scrape:
    """What is measured once so many processes say that they serve the model."""
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until:
        with suppress(httpx2.TransportError):  # no worker listens yet, or one dies
            scrape = Scrape(client)
            if scrape.total("reelwise_model_info") == workers:
                return scrape
        time.sleep(0.05)
    pytest.fail(f"not {workers} workers after {DEADLINE} s")


def test_what_two_workers_count_is_added_up_even_when_one_dies(tmp_path: Path) -> None:
    write_model(tmp_path / "model", tiny_model())
    (tmp_path / "serve.py").write_text(SERVE)
    # Each request has a connection of its own, so that the workers share them.
    alone = httpx2.Limits(max_keepalive_connections=0)
    with (
        served(tmp_path, "serve.py", TMPDIR=str(tmp_path)) as (address, _),
        httpx2.Client(base_url=address, limits=alone) as client,
    ):
        assert workers_serve(client, 2).total("reelwise_model_ready") == 1
        for _ in range(30):
            assert client.get("/recommendations/8").status_code == 200
        counted = {"name": "reelwise_http_requests_total", "route": "/recommendations/{user_id}", "status": "200"}
        scrape = Scrape(client)
        assert scrape.total(**counted) == 30
        assert scrape.total("reelwise_http_request_seconds_count", route=counted["route"]) == 30
        assert scrape.total("reelwise_http_request_seconds_bucket", route=counted["route"], le="+Inf") == 30
        assert scrape.total("reelwise_http_requests_in_flight") == 1

        (folder,) = tmp_path.glob("reelwise-metrics-*")
        first, _ = (int(path.stem.rpartition("_")[2]) for path in folder.glob("gauge_livesum_*.db"))
        os.kill(first, signal.SIGKILL)
        workers_serve(client, 1)
        scrape = workers_serve(client, 2)
        assert scrape.total(**counted) == 30
        assert scrape.total("reelwise_http_requests_in_flight") == 1
    assert not folder.exists()


def test_the_folder_is_there_while_workers_run_and_gone_afterwards() -> None:
    with share_metrics():
        folder = Path(os.environ[FOLDER])
        assert folder.is_dir()
    assert FOLDER not in os.environ
    assert not folder.exists()
