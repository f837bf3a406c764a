"""Model folders of strangers: whatever is in them, a server takes them or goes on with the model that it has."""

import asyncio
import json
import logging
import os
import random
import shutil
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch

from reelwise.artifacts.check import check_model
from reelwise.artifacts.integrity import CHECKED
from reelwise.artifacts.model import Model
from reelwise.errors import ReelwiseError
from reelwise.serving import create_app, model_manager
from reelwise.serving.state import server_state
from reelwise.settings import Settings
from support.fuzzing.mutations import spoil_array, spoil_bytes, spoil_json
from support.hostile.requests import Sent
from support.running.asgi import answer

Choose = random.Random

KNOWN = ("/recommendations/{user}", "/api/v1/users/{user}/recommendations", "/api/v1/users/{user}/history",
         "/api/v1/movies/{movie}", "/api/v1/movies/{movie}/similar")  # fmt: skip
PLAIN = ("/", "/health/ready", "/api/v1/model", "/api/v1/movies/starter", "/api/v1/map", "/api/v1/genres", "/metrics")


class ModelFolders:
    """A server whose model folder is spoilt, one time after the other.

    Args:
        folder: a good model; it is spoilt and made good again.
    """

    name = "model folders"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._good = {path.name: path.read_bytes() for path in folder.iterdir()}
        self._app = create_app(Settings(model=str(folder), watch=False, _env_file=None))
        self._models = server_state(self._app).models
        self._models.start()
        self._revision = self._reload()

    def attack(self, choose: Choose) -> bool:
        """Spoil some files, have the server load them, and ask it; then put the good model back."""
        names = choose.sample(sorted(self._good), choose.choice((1, 1, 1, 2, 3)))
        for name in names:
            self._spoil(choose, name)
        if choose.random() < 0.9:
            self._sign()
        try:
            taken = self._load()
            assert taken or self._models.current.revision == self._revision, "the old model is gone"
            self._ask(choose)
        finally:
            for name, content in self._good.items():
                _remove(self._folder / name)
                (self._folder / name).write_bytes(content)
        assert self._reload() == self._revision, "the good model is not taken again"
        return taken

    def _reload(self) -> str:
        """Load what is there, checked in this process: another one would hide what goes wrong in it."""
        with patch.object(model_manager, "have_checked", lambda folder, _state: check_model(folder)):
            return self._models.reload().revision

    def _load(self) -> bool:
        """Whether the server takes what is there; what it does not foresee is a fault."""
        with unforeseen() as tracebacks:
            try:
                self._reload()
            except ReelwiseError:
                taken = False
            else:
                taken = True
        assert not tracebacks, tracebacks[0]
        return taken

    def _spoil(self, choose: Choose, name: str) -> None:
        path = self._folder / name
        _remove(path)  # a file that is mapped keeps its content once it has no name; one that is written to does not
        if choose.random() < 0.1:
            choose.choice(OTHER_THAN_FILES)(path)
        elif choose.random() < 0.05:
            path.write_bytes(choose.choice(list(self._good.values())))
        elif name.endswith(".npy"):
            path.write_bytes(spoil_array(choose, self._good[name]))
        elif name.endswith(".json"):
            path.write_bytes(spoil_json(choose, json.loads(self._good[name])))
        else:
            path.write_bytes(spoil_bytes(choose, self._good[name]))

    def _sign(self) -> None:
        """Give the folder the checksums of what is in it, as whoever made it would."""
        path = self._folder / "config.json"
        if not path.is_file() or path.stat().st_size > 1 << 24:
            return
        try:
            config = json.loads((self._folder / "config.json").read_bytes())
            config["sha256"] = {
                path.name: sha256(path.read_bytes()).hexdigest()
                for path in self._folder.iterdir()
                if path.name.endswith(CHECKED) and path.is_file() and path.stat().st_size < 1 << 24
            }
            _remove(self._folder / "config.json")
            (self._folder / "config.json").write_text(json.dumps(config))
        except (OSError, ValueError, TypeError, RecursionError):
            pass  # it is no config any more

    def _ask(self, choose: Choose) -> None:
        """Ask whatever serves now for this and that; a model that turns out to be broken may say so with 503."""

        async def ask() -> None:
            for sent in questions(choose, self._models.current.get().model):
                answered = await answer(self._app, sent)
                assert answered.status < 500 or (answered.status == 503 and answered.is_problem), (sent, answered.body)

        with unforeseen() as tracebacks:
            asyncio.run(ask())
        assert not tracebacks, tracebacks[0]


def questions(choose: Choose, model: Model) -> Iterator[Sent]:
    """What to ask of a model: every path, for users and films that it has."""
    yield from (Sent("GET", path) for path in PLAIN)
    for _ in range(3):
        user, movie = (rows[choose.randrange(len(rows))] for rows in (model.users, model.movies))
        yield from (Sent("GET", path.format(user=user, movie=movie)) for path in KNOWN if "/" not in f"{user}{movie}")
        title = model.catalogue.titles[choose.randrange(len(model.movies))]
        for body in (
            {"movie_ids": [movie]},
            {"stars": {str(movie): model.scale.high}, "diversity": 0.5, "novelty": 0.5, "rank_by": "stars"},
            {"movie_ids": [movie], "strategy": "profile"},
            {"disliked_ids": [movie], "year_min": 1900},
        ):
            yield Sent("POST", "/api/v1/recommendations", body=json.dumps(body).encode())
        picked = json.dumps({"movie_ids": [movie]}).encode()
        yield from (Sent("POST", path, body=picked) for path in ("/find_matching_user", "/api/v1/match"))
        yield Sent("POST", "/recommendations_from_selection", "strategy=blend", body=picked)
        asked = {"user_id": user, "movies": [movie]}
        yield Sent("POST", "/api/v1/predictions", body=json.dumps(asked).encode())
        yield Sent("POST", "/api/v1/movies/resolve", body=json.dumps({"films": [{"title": title[:100]}]}).encode())
        words = "".join(letter if letter.isascii() and letter.isalnum() else "+" for letter in title[:100])
        yield from (Sent("GET", "/api/v1/movies", f"q={query}") for query in (words, words[:3], words[::-1]))


class unforeseen(logging.Handler):  # noqa: N801 - used as a context manager, like a function
    """The tracebacks that servers log while a block runs."""

    def __init__(self) -> None:
        super().__init__()
        self._found: list[str] = []
        self._logger = logging.getLogger("uvicorn.error")

    def emit(self, record: logging.LogRecord) -> None:
        """Note a traceback."""
        if record.exc_info:
            self._found.append(logging.Formatter().formatException(record.exc_info))

    def __enter__(self) -> list[str]:
        self._logger.addHandler(self)
        return self._found

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _hole(path: Path) -> None:
    """A file as long as a disk that takes no room on it, with the header of an array so large."""
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (68719476704, 4), }".ljust(117) + "\n"
    with path.open("wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
        file.truncate(file.tell() + 68719476704 * 16)


OTHER_THAN_FILES: tuple[Callable[[Path], object], ...] = (
    getattr(os, "mkfifo", Path.touch),
    lambda path: path.symlink_to("/dev/zero"),
    lambda path: path.symlink_to("nowhere"),
    lambda path: path.symlink_to(path.name),
    lambda path: path.symlink_to("/etc"),
    Path.mkdir,
    Path.touch,
    lambda path: None,
    _hole,
)
