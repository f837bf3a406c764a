import pytest

from reelwise.cli import terminal


def test_no_word_of_a_table_is_broken(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(terminal.out, "width", 40)
    headings = ("", "recommended films", "popularity")
    rows = [("linear-for-n", "Star Wars: Episode IV - A New Hope (1977)", "0.1234 to 0.5678")]
    terminal.table(headings, rows)
    printed = capsys.readouterr().out.split()
    assert {word for heading in headings for word in heading.split()} <= set(printed)
    assert {word for cell in rows[0] for word in cell.split()} <= set(printed)


def test_what_a_stranger_calls_a_film_does_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.table(("film",), [("\x1b]0;mine\x07\x1b[2J[red]Alien\n",)])
    assert capsys.readouterr().out.split("\n")[1].strip() == "]0;mine[2J[red]Alien"
