"""One client sends bodies that never end; is another one still answered?

    python3 benchmarks/slow_bodies.py --model DIR [--seconds 20] [--rate 50] [--least 0.99]

One client begins so many POST requests a second, each on a connection of its own, and never sends the last byte.
Another, at another address of this machine, asks 20 times a second for a known user's films and for those of a
selection. Prints the share of that one's requests that were answered 200, and how long that took. Ends with 1 where it
is less than --least. Linux.
"""

import argparse
import asyncio
import time
from collections import Counter
from itertools import count
from pathlib import Path

import numpy as np

import servers
from common import describe_versions
from load import get, post
from reelwise.artifacts.model import Model

ASKED = 20  # requests a second of the other client
PATIENCE = 10.0  # seconds until it gives up
OTHER = "127.0.0.2"


def main() -> None:
    """Measure, print and check."""
    parser = argparse.ArgumentParser(description="One client sends bodies that never end; is another one answered?")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--least", type=float, default=0.99)
    options = parser.parse_args()
    model = Model.load(options.model)
    questions = [
        get(f"/recommendations/{model.users[0]}"),
        post("/find_matching_user", {"movie_ids": [model.movies[0]]}),
    ]
    with servers.reelwise(options.model) as server:
        statuses, taken = asyncio.run(_measure(server.port, questions, options.seconds, options.rate))
    share = statuses["200"] / statuses.total()
    median, p99 = (1e3 * float(np.quantile(taken or [np.nan], q)) for q in (0.5, 0.99))
    print(describe_versions("uvicorn"))
    print(f"{options.rate:g} bodies a second that never end, for {options.seconds:g} s; another client's requests:")
    answered = f"{share:.1%} of {statuses.total()} answered 200 {dict(statuses)}"
    print(f"{answered}, median {median:.1f} ms, p99 {p99:.1f} ms")
    raise SystemExit(share < options.least)


async def _measure(port: int, questions: list[bytes], seconds: float, rate: float) -> tuple[Counter[str], list[float]]:
    statuses, taken = Counter[str](), list[float]()
    attack = asyncio.create_task(_send_slowly(port, rate))
    end, asked = time.perf_counter() + seconds, []
    for number in count():
        if time.perf_counter() > end:
            break
        asked.append(asyncio.create_task(_ask(port, questions[number % len(questions)], statuses, taken)))
        await asyncio.sleep(1 / ASKED)
    await asyncio.gather(*asked)
    attack.cancel()
    return statuses, taken


async def _ask(port: int, question: bytes, statuses: Counter[str], taken: list[float]) -> None:
    started = time.perf_counter()
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(OTHER, 0))
            writer.write(question)
            statuses[(await reader.readline()).split()[1].decode()] += 1
            taken.append(time.perf_counter() - started)
            writer.close()
    except (OSError, TimeoutError, IndexError) as error:
        statuses[type(error).__name__] += 1


async def _send_slowly(port: int, rate: float) -> None:
    begun = post("/api/v1/recommendations", {"movie_ids": [1], "n": 10})[:-1]
    kept = []
    while True:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begun)
        kept.append(writer)
        await asyncio.sleep(1 / rate)


if __name__ == "__main__":
    main()
