"""What options mean, and who is blamed when they mean nothing."""

import pytest

from support.running.command_line import CommandLine


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("hf://me", "'hf://me' is not a model on the Hub; expected hf://owner/repo or hf://owner/repo@revision"),
        (
            "https://huggingface.co/me/films",
            "is a page of the Hugging Face Hub; for the model there, write hf://me/films",
        ),
        ("me/films", "me/films: there is no such model folder; for a model on the Hub, write hf://me/films"),
    ],
)
def test_a_wrong_address_is_told_with_the_right_one(reelwise: CommandLine, model: str, message: str) -> None:
    assert message in reelwise.refusal("info", "--model", model)


@pytest.mark.parametrize(
    ("command", "option", "value", "shown"),
    [
        ("info", "--model", "hf://me", "hf://me"),
        ("info", "--model", "two\nlines", "two lines"),
        ("serve", "--host", "a..b", "a..b"),
        ("update", "--store", "mysql://root:secret@host/films", "***"),
    ],
)
def test_the_option_is_blamed_and_not_the_variable(
    reelwise: CommandLine, command: str, option: str, value: str, shown: str
) -> None:
    said = reelwise.refusal(command, option, value)
    assert said.startswith(f"reelwise: {option}={shown}: ")
    assert "REELWISE_" not in said


def test_the_variable_is_blamed_where_it_is_said(reelwise: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELWISE_MODEL", "hf://me")
    assert "REELWISE_MODEL=hf://me: 'hf://me' is not a model on the Hub" in reelwise.refusal("info")


@pytest.mark.parametrize("address", ["hf://me:hidden@alice/films", "https://huggingface.co/alice/films?token=hidden"])
def test_a_wrong_address_is_told_without_its_secrets(reelwise: CommandLine, address: str) -> None:
    assert "hidden" not in reelwise.refusal("info", "--model", address)
    assert "hidden" not in reelwise("doctor", "--model", address).out
