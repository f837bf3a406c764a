"""`reelwise recommend --together`."""

import json
from pathlib import Path

import pytest

from support.files.exports import LETTERBOXD, zipped
from support.running.command_line import CommandLine


def test_people_who_watch_together(reelwise: CommandLine, tiny_folder: Path) -> None:
    Path("ann.zip").write_bytes(zipped(LETTERBOXD))
    members = ("--together", "Ann: ratings=ann.zip", "--together", "user=9", "--together", "titles=pulp fiction")
    asked = ("recommend", *members, "--model", tiny_folder)
    shown = reelwise(*asked)
    heading, *rows = shown.out.splitlines()
    assert [word for word in ("Ann", "user 9", "pulp fiction") if word in heading] == ["Ann", "user 9", "pulp fiction"]
    assert "pulp fiction: pulp fiction matched Pulp Fiction (1994)" in shown.err
    films = json.loads(reelwise(*asked, "--json").out)
    assert len(films) == len(rows) > 0
    assert {film["movie_id"] for film in films}.isdisjoint({296, 1196, 2571})
    assert [member["name"] for member in films[0]["members"]] == ["Ann", "user 9", "pulp fiction"]
    assert reelwise(*asked, "--nobody-below", 5).err.endswith("No film matches the filters for everybody.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--together", "Ann", "--together", "user=9"], "--together is 'Ann'; expected user=ID"),
        (["--together", "user=9"], "a group of 1; expected 2 to 8 members"),
        (["--together", "user=9", "--together", "user=9"], "two members are called 'user 9'"),
        (["--together", "user=9", "--together", "movies=heat"], "--together is 'heat'; expected ids"),
        (["--together", "user=9", "--user", "9"], "say either --user"),
        (["--user", "9", "--nobody-below", "3"], "--nobody-below needs --together"),
        (
            ["--together", "user=9", "--together", "user=8", "--strategy", "blend"],
            "--strategy cannot be combined",
        ),
    ],
)
def test_what_is_no_group(reelwise: CommandLine, tiny_folder: Path, arguments: list[str], message: str) -> None:
    assert message in reelwise.refusal("recommend", *arguments, "--model", tiny_folder)
