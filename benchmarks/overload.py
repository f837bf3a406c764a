"""More requests than one process can answer: who is served, who is told to come back, and how soon is it over?

    python3 benchmarks/overload.py --model DIR [--stars 0] [--times 3] [--seconds 10] [--clients 400]

First as many as one process answers; then so many times that rate, by so many connections each of which waits for its
answer, and asks anew when it is due. They ask for a user's recommendations, or for those of a history of so many stars.
Prints how many were served and how many refused with `Retry-After`, the 99th percentile of those served, and how long
after the end a request takes no longer than before. What asks runs on the same cores, and others may, too: the share of
a core that the server had is printed as well, and how long the 99th percentile would be on one of its own. Ends with 1
where anything else came, that is over 250 ms, or it takes over 2 s to recover. Linux.
"""

import argparse
import asyncio
import time
from collections import Counter
from pathlib import Path
from random import Random

import numpy as np

import servers
from common import describe_versions
from load import ask, get, post
from reelwise.artifacts.model import Model

SERVED_MS, RECOVERED = 250.0, 2.0


def main() -> None:
    """Measure, print and check."""
    parser = argparse.ArgumentParser(description="More requests than one process can answer.")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--stars", type=int, default=0)
    parser.add_argument("--times", type=float, default=3)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--clients", type=int, default=400)
    options = parser.parse_args()
    questions = _questions(options.model, options.stars)
    with servers.reelwise(options.model) as server:
        capacity = ask(server.port, questions, 3, connections=4).rate  # so few that none is refused
        began, worked = time.perf_counter(), servers.cpu_seconds(server.process)
        load = asyncio.run(
            _overload(server.port, questions, options.times * capacity, options.seconds, options.clients)
        )
        ended = time.perf_counter()
        share = min((servers.cpu_seconds(server.process) - worked) / (ended - began), 1.0)
        while ask(server.port, questions[:1], 0.1, connections=4).statuses.keys() != {200}:
            pass
        recovered = time.perf_counter() - ended
    served, kinds = load
    p99 = 1e3 * float(np.quantile(served, 0.99))
    print(describe_versions("uvicorn"))
    print(f"capacity {capacity:,.0f}/s; {options.times:g} times as much for {options.seconds:g} s, asked by "
          f"{options.clients} connections: {dict(kinds)}")  # fmt: skip
    print(f"p99 of those served {p99:.0f} ms, with {share:.0%} of a core; {share * p99:.0f} ms on one of its own; "
          f"recovered in {recovered:.2f} s")  # fmt: skip
    is_told = set(kinds) <= {"200", "503 with Retry-After"}
    raise SystemExit(not (is_told and share * p99 < SERVED_MS and recovered < RECOVERED))


def _questions(folder: Path, stars: int) -> list[bytes]:
    model, choose = Model.load(folder), Random(1)
    if not stars:
        return [get(f"/recommendations/{model.users[choose.randrange(len(model.users))]}") for _ in range(200)]
    films = [model.movies[int(row)] for row in np.flatnonzero(model.fitted)]
    return [
        post("/api/v1/recommendations", {"stars": {str(film): 4 for film in choose.sample(films, stars)}})
        for _ in range(200)
    ]


async def _overload(
    port: int, questions: list[bytes], rate: float, seconds: float, clients: int
) -> tuple[list[float], Counter[str]]:
    served, kinds, end = list[float](), Counter[str](), time.perf_counter() + seconds

    async def one(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(f"127.0.0.{2 + number % 100}", 0))
        due = time.perf_counter() + number / rate
        while due < end:
            await asyncio.sleep(due - time.perf_counter())
            asked = time.perf_counter()
            writer.write(questions[number % len(questions)])
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(next(line for line in head.lower().split(b"\r\n") if b"content-length" in line).split()[1])
            await reader.readexactly(length)
            kind = head.split()[1].decode() + (" with Retry-After" if b"retry-after" in head.lower() else "")
            kinds[kind] += 1
            if kind == "200":
                served.append(time.perf_counter() - asked)
            due = max(due + clients / rate, time.perf_counter())
        writer.close()

    await asyncio.gather(*map(one, range(clients)))
    return served, kinds


if __name__ == "__main__":
    main()
