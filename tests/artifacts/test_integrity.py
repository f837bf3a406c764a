"""A file that changed since the model was written is found, whatever changed in it."""

import os
from pathlib import Path

import pytest

from reelwise.artifacts.files import FILES
from reelwise.artifacts.folder import write_model
from reelwise.artifacts.integrity import changed_files, check_integrity
from reelwise.artifacts.model import Model
from reelwise.errors import ModelError
from support.models.tiny_recommender import tiny_model
from support.systems.platforms import posix_only


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_model(tmp_path / "model", tiny_model())
    return tmp_path / "model"


def expected(folder: Path) -> dict[str, str]:
    return Model.load(folder).config.sha256


def test_every_file_but_the_config_and_the_card_has_a_digest(folder: Path) -> None:
    written = {path.name for path in folder.iterdir()}
    assert set(expected(folder)) == written - {"config.json", "README.md"}
    assert written <= set(FILES)


def test_what_was_written_passes(folder: Path) -> None:
    check_integrity(folder, expected(folder))


@pytest.mark.parametrize("name", ["model_Q.npy", "titles.sqlite", "movies.json", "metrics.json"])
def test_one_changed_bit_is_found(folder: Path, name: str) -> None:
    digests, path = expected(folder), folder / name
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)
    assert changed_files(folder, digests) == [name]
    with pytest.raises(ModelError, match=f"{name} changed since the model was written"):
        check_integrity(folder, digests)


def test_a_missing_file_is_found(folder: Path) -> None:
    digests = expected(folder)
    (folder / "ranking_P.npy").unlink()
    assert changed_files(folder, digests) == ["ranking_P.npy"]


@posix_only
def test_nothing_but_files_of_a_model_is_opened_whatever_the_config_names(folder: Path) -> None:
    os.mkfifo(folder / "more.npy")
    check_integrity(folder, expected(folder) | {"more.npy": "0" * 64, "../../dev/zero": "0" * 64})
    (folder / "map.npy").unlink()
    os.mkfifo(folder / "map.npy")
    with pytest.raises(ModelError, match=r"map\.npy: not a regular file"):
        check_integrity(folder, {"map.npy": "0" * 64})


def test_an_edited_card_is_no_fault(folder: Path) -> None:
    (folder / "README.md").write_text("# Mine\n")
    check_integrity(folder, expected(folder))


def test_the_revision_depends_on_the_content_of_the_arrays(tmp_path: Path) -> None:
    model = tiny_model()
    write_model(tmp_path / "one", model)
    model.rating.Q[0, 0] += 1
    write_model(tmp_path / "other", model)
    one, other = (Model.load(tmp_path / name).description.revision for name in ("one", "other"))
    assert one != other
