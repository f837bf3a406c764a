"""The way from ratings to served answers as on another system: `python -m support.systems.elsewhere win32 FOLDER`."""

import importlib
import os
import pkgutil
import sys
from pathlib import Path
from typing import Any

from support.systems.other_systems import import_as_on

_NOT_HERE = ("reelwise.mcp", "reelwise.spark", "reelwise.cli.spark", "reelwise.__main__", "reelwise.live.migrations.")


def import_everything() -> None:
    """Every module of ours, but for those of extras, and those that are not imported but run."""
    import reelwise

    for module in pkgutil.walk_packages(reelwise.__path__, "reelwise."):
        if not module.name.startswith(_NOT_HERE):
            importlib.import_module(module.name)


def held_open(folder: Path) -> list[str]:
    """The files below a folder that this process has mapped or open."""
    mapped = [line.split()[-1] for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()]
    opened = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return sorted({name for name in (*mapped, *opened) if name.startswith(f"{folder}/")})


def main(system: str, folder: Path) -> None:
    """Import, train, write, read, recommend, serve, learn, replace the model while it is served."""
    import_as_on(system)
    import_everything()
    from fastapi.testclient import TestClient

    import reelwise as rw
    from reelwise.serving import create_app
    from reelwise.serving.run.server import check_port
    from reelwise.serving.run.sighup import Hangup
    from reelwise.serving.run.workers import _fork_workers
    from reelwise.serving.state import server_state
    from reelwise.settings import Settings
    from support.models.checkerboard import checkerboard_dataset

    small: dict[str, Any] = {
        "rating": rw.MatrixFactorization(factors=4, epochs=5),
        "ranking": rw.WeightedALS(factors=4, iterations=2),
    }
    model = folder / "model"
    rw.train(checkerboard_dataset(), evaluate=False, **small).save(model)
    loaded = rw.Recommender.load(model)
    assert len(loaded.recommend(1, n=3)) == 3
    assert loaded.search("film") is not None
    print("open:", len(held_open(model)))

    store = f"sqlite:///{folder / 'live.db'}"
    settings = Settings(model=str(model), store=store, admin_key="open-sesame-9", port=0, watch=False)
    check_port(settings)
    _fork_workers(folder)
    assert not (system == "win32" and Hangup().lost_terminal())
    app = create_app(settings)
    server_state(app).supervisor = os.getppid() if system == "win32" else None  # nobody whom a signal would reach
    with TestClient(app) as client:
        asked = {"movie_ids": [1, 3], "n": 3}
        before = client.post("/api/v1/recommendations", json=asked)
        told = client.put("/api/v1/users/alice/ratings/1", json={"stars": 5})
        rw.train(checkerboard_dataset(seed=1), evaluate=False, **small).save(model)
        reloaded = client.post("/api/v1/model/reload", headers={"X-API-Key": "open-sesame-9"})
        after = client.post("/api/v1/recommendations", json=asked)
        assert [answer.status_code for answer in (before, told, reloaded, after)] == [200] * 4
        assert reloaded.json()["changed"]
    print("done")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
