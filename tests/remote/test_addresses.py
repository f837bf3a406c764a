"""An address says where a model is; what it says may be shown."""

from pathlib import Path

import pytest

from reelwise.errors import ModelError, UsageError
from reelwise.remote import addresses
from reelwise.remote.addresses import check_address, is_folder, obtain_folder, redact_address


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("my models/one", "my models/one"),
        ("hf://alice/films@main", "hf://alice/films@main"),
        ("https://me:secret@example.org/model.zip?signature=secret#x", "https://example.org/model.zip"),
        ("s3://key:secret@bucket/model", "s3://bucket/model"),
        ("s3://key:sec/ret@bucket/model", "s3://bucket/model"),
        ("s3://bucket/a@b", "s3://bucket/a@b"),
        ("hf://me:secret@alice/films", "hf://alice/films"),
        ("hf://secret@alice/films", "hf://alice/films"),
        ("hf://alice/films@refs/pr/1", "hf://alice/films@refs/pr/1"),
        ("http:/me:secret@example.org/model", "http:/example.org/model"),
        ("simplecache::https://me:secret@example.org/model.zip", "simplecache::https://example.org/model.zip"),
        ("huggingface.co/alice/films?token=secret", "huggingface.co/alice/films"),
        ("file:///srv/me@home/model", "file:///srv/me@home/model"),
    ],
)
def test_secrets_are_not_shown(address: str, shown: str) -> None:
    assert redact_address(address) == shown


@pytest.mark.parametrize("folder", ["model", "my models/one", "C:\\models", "half:model", "/some/model"])
def test_a_folder_is_taken_as_it_is(folder: str) -> None:
    assert is_folder(folder)
    assert obtain_folder(check_address(folder)) == Path(folder)


def test_a_folder_that_is_not_there_may_have_been_meant_as_a_model_on_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=r"^me/films: there is no such model folder; .* write hf://me/films$"):
        obtain_folder("me/films")
    Path("me/films").mkdir(parents=True)
    assert obtain_folder("me/films") == Path("me/films")


@pytest.mark.parametrize("address", ["", "hf://alice", "hf:alice/films", "hf://alice/films@", "https://hf.co/a/b", " "])
def test_what_cannot_be_an_address_is_refused_at_once(address: str) -> None:
    for use in (check_address, obtain_folder):
        with pytest.raises(UsageError):
            use(address)


@pytest.mark.parametrize(
    "address",
    [
        *["hf://me:secret@alice/films", "hf://secret@alice/films", "http:/me:secret@example.org/model"],
        *["https://huggingface.co/alice/films?token=secret", "https://me:secret@huggingface.co/alice/films"],
    ],
)
def test_an_address_is_refused_without_its_secrets(address: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_address(address)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("HF://alice/films", "hf://alice/films"),
        (" hf://alice/films ", "hf://alice/films"),
        ("HTTPS://Host/Model.zip", "https://Host/Model.zip"),
        ("S3://films/m", "s3://films/m"),
        ("Legacy:", "legacy:"),
        (" model", " model"),
    ],
)
def test_schemes_may_be_written_in_upper_case_and_between_blanks(written: str, meant: str) -> None:
    assert check_address(written) == meant


@pytest.mark.parametrize("address", ["s3://films/m/config.json", "model/map.npy", "https://host/m/config.json?a=b"])
def test_a_file_of_a_model_is_refused_with_what_to_name(address: str) -> None:
    with pytest.raises(UsageError, match="is a file of a model; name the folder that it is in"):
        check_address(address)


def test_a_package_may_add_a_kind_of_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "drawers.py").write_text(
        "from pathlib import Path\n"
        "from reelwise.errors import UsageError\n"
        "def check(address):\n"
        "    if address == 'drawer:':\n"
        "        raise UsageError('which drawer?')\n"
        "def fetch(address, on_progress, warn):\n"
        "    on_progress(1, 1)\n"
        "    warn('it creaks')\n"
        "    return Path(address.removeprefix('drawer:'))\n"
    )
    installed = tmp_path / "drawers-1.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Name: drawers\nVersion: 1\n")
    (installed / "entry_points.txt").write_text(f"[{addresses.GROUP}]\ndrawer = drawers\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(addresses, "_kinds", addresses._kinds.__wrapped__)
    told: list[object] = []
    assert not is_folder("drawer:top")
    assert obtain_folder("drawer:top", lambda *done: told.append(done), told.append) == Path("top")
    assert told == [(1, 1), "it creaks"]
    with pytest.raises(UsageError, match="which drawer"):
        check_address("drawer:")


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("https://huggingface.co/me/films", "hf://me/films"),
        ("http://huggingface.co/me/films/", "hf://me/films"),
        ("huggingface.co/me/films", "hf://me/films"),
        ("https://hf.co/me/films", "hf://me/films"),
        ("http://www.huggingface.co/me/films/tree/v1/", "hf://me/films@v1"),
        ("https://huggingface.co/me/films/tree/refs/pr/1", "hf://me/films@refs/pr/1"),
        ("https://huggingface.co/me/films?library=true", "hf://me/films"),
    ],
)
def test_a_page_of_the_hub_is_refused_with_the_address_that_is_meant(page: str, address: str) -> None:
    with pytest.raises(UsageError, match=f"is a page of the Hugging Face Hub; for the model there, write {address}$"):
        check_address(page)


def test_a_zip_on_the_hub_is_no_page_of_it() -> None:
    zipped = "https://huggingface.co/me/films/resolve/main/model.zip"
    assert check_address(zipped) == zipped
