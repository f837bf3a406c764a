"""Each process that listens on the port has a queue of its own, and nobody else may join."""

import pickle
import socket
import sys
from multiprocessing.reduction import ForkingPickler

import pytest

from reelwise.serving.run.queues import with_queues

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere processes share one queue")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_what_arrives_elsewhere_is_a_queue_of_its_own_at_the_same_address(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, 0))
    with with_queues(bound) as reserved, pickle.loads(ForkingPickler.dumps(reserved)) as one:
        one.listen()
        with pickle.loads(ForkingPickler.dumps(reserved)) as other, socket.socket(family) as stranger:
            other.listen()
            assert one.getsockname() == other.getsockname() == reserved.getsockname()
            assert one.fileno() != other.fileno()
            stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with pytest.raises(OSError, match="in use"):
                stranger.bind(reserved.getsockname())
        with socket.create_connection(reserved.getsockname()[:2], timeout=10):  # the other one is gone
            one.settimeout(10)
            one.accept()[0].close()
