import asyncio

import pytest

from reelwise.serving.lockstep import in_lockstep


def test_all_are_read_before_one_is_worked_on_and_all_worked_on_before_one_is_answered() -> None:
    done: list[str] = []

    async def request(name: str) -> None:
        def work(name: str) -> str:
            done.append(f"work on {name}")
            return name

        done.append(f"read {name}")
        done.append(f"answer {await in_lockstep(work, name)}")

    async def three() -> None:
        await asyncio.gather(*map(request, "abc"))

    asyncio.run(three())
    assert done == [f"{step} {name}" for step in ("read", "work on", "answer") for name in "abc"]


def test_what_fails_fails_for_who_asked() -> None:
    async def two() -> tuple[float | BaseException, float | BaseException]:
        divide = float.__truediv__
        return await asyncio.gather(
            in_lockstep(divide, 1.0, 0.0), in_lockstep(divide, 2.0, 1.0), return_exceptions=True
        )

    failed, answered = asyncio.run(two())
    assert isinstance(failed, ZeroDivisionError)
    assert answered == pytest.approx(2)
