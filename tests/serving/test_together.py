import asyncio

import pytest

from reelwise.serving.together import together


def test_all_are_read_before_one_is_worked_on_and_all_worked_on_before_one_is_answered() -> None:
    done: list[str] = []

    async def request(name: str) -> None:
        def work() -> str:
            done.append(f"work on {name}")
            return name

        done.append(f"read {name}")
        answer = await together(work)
        done.append(f"answer {answer}")

    async def three() -> None:
        await asyncio.gather(*map(request, "abc"))

    asyncio.run(three())
    assert done == [f"{step} {name}" for step in ("read", "work on", "answer") for name in "abc"]


def test_what_fails_fails_for_who_asked() -> None:
    async def two() -> tuple[float | BaseException, float | BaseException]:
        return await asyncio.gather(together(lambda: 1 / 0), together(lambda: 2 / 1), return_exceptions=True)

    failed, answered = asyncio.run(two())
    assert isinstance(failed, ZeroDivisionError)
    assert answered == pytest.approx(2)
