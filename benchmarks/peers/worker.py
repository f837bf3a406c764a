"""The process in which one library is fitted: `python -m peers.worker SPLIT.npz JOB.json RESULT.json`."""

import json
import sys
import time
from pathlib import Path

import numpy as np

from peers.fits import LIBRARIES, Array, Task, version


def main() -> None:
    """Fit as the job says, and write down for each fit its seconds, RMSE and visited ratings."""
    split, job, result = map(Path, sys.argv[1:])
    asked = json.loads(job.read_text())
    with np.load(split) as data:
        arrays = {name: data[name] for name in data.files}
    scale = tuple(arrays["scale"].tolist())
    task = Task(
        arrays["users"], arrays["movies"], arrays["stars"],
        tuple(arrays["shape"].tolist()), scale, int(arrays["seed"]), asked["threads"],
    )  # fmt: skip
    fit = LIBRARIES[asked["library"]][1](task, **asked["settings"])
    fit(1)  # whatever a library does once only, it does now
    fits = []
    for _ in range(asked["runs"]):
        for epochs in asked["epochs"]:
            started = time.perf_counter()
            fitted = fit(epochs)
            seconds = time.perf_counter() - started
            predicted = fitted.predict(arrays["test_users"], arrays["test_movies"])
            error = rmse(np.clip(predicted, *scale), arrays["test_stars"])
            fits.append({"epochs": epochs, "seconds": seconds, "rmse": error, "visited": fitted.visited})
    result.write_text(json.dumps({"version": version(asked["library"]), "fits": fits}))


def rmse(predicted: Array, stars: Array) -> float:
    """The root of the mean squared error."""
    return float(np.sqrt(np.mean(np.square(predicted - stars, dtype=np.float64))))


if __name__ == "__main__":
    main()
