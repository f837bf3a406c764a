"""Finds faults of the installation, the settings, the model, the live store, the way to the Hub and the port.

`diagnose` runs the checks one after the other. Each is a generator of findings, and what it raises is one more finding.
Imports are local, so that a missing package is a finding and not a crash.
"""

import importlib
import platform
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from reelwise._version import __version__
from reelwise.errors import DownloadError, ReelwiseError, UsageError, describe_error
from reelwise.remote.addresses import OnBytes, is_folder, obtain_folder, redact_address
from reelwise.settings import Settings, unknown_variables

if TYPE_CHECKING:
    from packaging.requirements import Requirement

    from reelwise.artifacts.model import Model


State = Literal["good", "warning", "bad"]

_REINSTALL = "install Reelwise again, into a new virtual environment"
_ANOTHER_MODEL = (
    "make a model with `reelwise quickstart` or `reelwise train --data DIR`, fetch one with `reelwise pull owner/repo`,"
    " or name another with --model"
)
_RENEW = "make a new token on the Hub's page settings/tokens, and set HF_TOKEN to it or run `hf auth login`"

_FOR_DEVELOPERS = ("peers", "test")  # extras that users do not need
_FOR_TRAINING = ("numba", "polars")  # without these, as in the image for serving, models are served all the same
_PATIENCE = 5.0  # seconds that the Hub may take to answer
_LITTLE_SPACE = 1e9  # bytes; models of the largest MovieLens data sets take about as much


@dataclass(frozen=True)
class Finding:
    """The outcome of one check.

    Attributes:
        area: what was looked at: installation, settings, model, live store, Hub or port.
        state: good, a warning, or bad: it must be fixed.
        what: the finding itself.
        fix: what to do about it; empty if it is good.
    """

    area: str
    state: State
    what: str
    fix: str = ""


def diagnose(read_settings: Callable[[], Settings], on_progress: OnBytes) -> Iterator[Finding]:
    """Check everything; a model that is elsewhere is fetched. Never raises.

    Args:
        read_settings: gives the settings, or raises UsageError if one of them is invalid.
        on_progress: called as the download of a model goes on.
    """
    for check in (_packages, _compiler, _search):
        yield from _outcome("installation", check(), _REINSTALL)
    try:
        settings = read_settings()
    except (UsageError, ImportError, OSError) as error:  # such as a .env that this user may not read
        yield Finding("settings", "bad", _message_of(error), "fix the option, the variable, or its line in .env")
    else:
        given = ", ".join(sorted(settings.model_fields_set)) or "none of them"
        yield Finding("settings", "good", f"they can be read; set from outside: {given}")
        for unknown in unknown_variables():
            yield Finding("settings", "warning", unknown, "correct its name, or remove it")
        yield from _outcome("model", _model(settings, on_progress), _ANOTHER_MODEL)
        yield from _outcome("live store", _store(settings), "fix that, or name another with REELWISE_STORE")
        yield from _outcome("port", _port(settings), "choose another with --host or --port")
    yield from _outcome("Hub", _hub(), _RENEW)
    yield from _outcome("Hub", _cache(), "set HF_HOME to a folder of yours")


def _outcome(area: str, check: Iterator[Finding], fix: str) -> Iterator[Finding]:
    """The findings of `check`; an error without advice of its own gets `fix`."""
    try:
        yield from check
    except ReelwiseError as error:
        yield _to_finding(area, "bad", error, fix)
    except ImportError as error:
        yield Finding(area, "bad", _message_of(error), _REINSTALL)
    except Exception as error:  # noqa: BLE001 - whatever is broken, the other checks go on
        yield Finding(area, "bad", f"{type(error).__name__}: {_message_of(error)}", fix)


def _to_finding(area: str, state: State, error: ReelwiseError, fix: str) -> Finding:
    """An error as a finding; most of our messages end with what to do, behind a semicolon."""
    what, _, to_do = _message_of(error).rpartition("; ")
    return Finding(area, state, what, to_do) if what else Finding(area, state, to_do, fix)


def _message_of(error: BaseException) -> str:
    """The message of an error, in one line and without secrets."""
    return _without_secrets(describe_error(error, limit=1000))


def _without_secrets(text: str) -> str:
    """`text` without names and passwords before the host of a URL, and without the token that a header holds."""
    return re.sub(r"(?<=://)[^/\s]*@|(?<=Bearer )[^')]*", "", text)


def _packages() -> Iterator[Finding]:
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

    about, python = metadata.metadata("reelwise"), platform.python_version()
    versions = f"Reelwise {__version__}, Python {python}"
    if SpecifierSet(about["Requires-Python"]).contains(python, prereleases=True):
        yield Finding("installation", "good", versions)
    else:
        yield Finding("installation", "bad", versions, f"take a Python {about['Requires-Python']}")
    requirements = [Requirement(line) for line in metadata.requires("reelwise") or []]
    sound = []
    for requirement in filter(_is_needed, requirements):
        version = _version(requirement)
        fix = f'python3 -m pip install "{str(requirement).partition(";")[0]}"'
        if version is None and requirement.name in _FOR_TRAINING:
            yield Finding("installation", "warning", f"{requirement.name} is missing; serving does without", fix)
        elif fault := _fault(requirement, version):
            yield Finding("installation", "bad", fault, fix)
        else:
            sound.append(f"{requirement.name} {version}")
    yield Finding("installation", "good", f"it has {', '.join(sound)}")
    for extra in (one for one in about.get_all("Provides-Extra") or [] if one not in _FOR_DEVELOPERS):
        missing = [one.name for one in _needed_by(requirements, extra) if _fault(one, _version(one))]
        state = f"not there, without {', '.join(missing)}" if missing else "there"
        yield Finding("installation", "good", f"the optional extra {extra!r} is {state}")


def _is_needed(requirement: "Requirement", extra: str = "") -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _needed_by(requirements: Iterable["Requirement"], extra: str) -> Iterator["Requirement"]:
    """What an extra requires, those included that the extras of these require, as in `fastapi[opentelemetry]`."""
    from packaging.requirements import Requirement

    for one in requirements:
        if not _is_needed(one) and _is_needed(one, extra):
            yield one
            if one.extras and _version(one):
                below = [Requirement(line) for line in metadata.requires(one.name) or []]
                for name in one.extras:
                    yield from _needed_by(below, name)


def _version(requirement: "Requirement") -> str | None:
    """Of the package that is required; None if it is missing."""
    try:
        return metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return None


def _fault(requirement: "Requirement", version: str | None) -> str | None:
    """The fault of this version of a required package; None if it is fine."""
    if version is None:
        return f"{requirement.name} is missing"
    if requirement.specifier.contains(version, prereleases=True):
        return None
    return f"{requirement.name} {version} is there, but {requirement.specifier} is needed"


def _compiler() -> Iterator[Finding]:
    with suppress(metadata.PackageNotFoundError):  # of which `_packages` tells
        metadata.version("numba")
        importlib.import_module("numba")
        yield Finding("installation", "good", "numba, which training needs, can be imported")


def _search() -> Iterator[Finding]:
    from reelwise.artifacts.title_index import check_full_text_search

    check_full_text_search()
    yield Finding("installation", "good", f"SQLite {sqlite3.sqlite_version} has FTS5, which search needs")


def _model(settings: Settings, on_progress: OnBytes) -> Iterator[Finding]:
    from reelwise.artifacts.integrity import check_integrity
    from reelwise.artifacts.model import Model

    address = settings.model
    warnings: list[str] = []
    folder = obtain_folder(address, on_progress, warnings.append)
    for warning in warnings:
        yield Finding("model", "warning", _without_secrets(warning), "fix the way to the Hub to get the newest model")
    if not is_folder(address):
        address = redact_address(address)
        yield Finding("model", "good", f"{address} is in the cache now, as {folder}")
    model = Model.load(folder)
    description = model.description
    counts = f"{description.users:,} users, {description.movies:,} movies, {description.ratings:,} ratings"
    yield Finding("model", "good", f"{address}: {description.dataset}, {counts}, trained at {description.trained_at}")
    yield from _parts(model, settings)
    if model.config.sha256:
        check_integrity(folder, model.config.sha256)
        yield Finding("model", "good", "its files are those that were written (sha256)")
    else:
        what = "an older Reelwise wrote it, without the sha256 of its files, so changes go unnoticed"
        yield Finding("model", "warning", what, "train or write the model again")


def _parts(model: "Model", settings: Settings) -> Iterator[Finding]:
    """Parts of the model that are simulated or left out."""
    if model.config.dataset.simulated:
        what = "its viewers are simulated, so it holds no one's real taste"
        yield Finding("model", "warning", what, "train with real ratings; `reelwise data list` has some")
    if model.ranking is None:
        what = "it has no ranking model, so films are ordered by predicted stars, without reasons"
        yield Finding("model", "warning", what, "train the model again")
    if model.histories is None:
        what = "it has no histories, so no user matches a selection, and only strategy=blend answers"
        if settings.selection_strategy == "blend":
            yield Finding("model", "good", what)
        else:
            fix = "set REELWISE_SELECTION_STRATEGY=blend, or train a model of your own"
            yield Finding("model", "warning", what, fix)
    if model.metrics:
        yield Finding("model", "good", "it was measured; `reelwise evaluate` shows how good it is")
    else:
        fix = "train the model without --no-evaluate, or measure it with `reelwise evaluate --data DIR`"
        yield Finding("model", "warning", "it was not measured, so it is unknown how good it is", fix)


def _store(settings: Settings) -> Iterator[Finding]:
    address = settings.store.get_secret_value()
    if not address:
        return
    from reelwise.live.store import Store

    with closing(Store(address)) as store:
        store.open()
        fault = store.check()
    if fault is None:
        yield Finding("live store", "good", f"{store.name} can be read and written, and its tables are up to date")
    else:
        yield Finding("live store", "bad", fault, "fix that, or name another with REELWISE_STORE")


def _port(settings: Settings) -> Iterator[Finding]:
    from reelwise.serving.run.server import check_port

    check_port(settings)
    yield Finding("port", "good", f"{settings.host} port {settings.port} is free")


def _hub() -> Iterator[Finding]:
    from huggingface_hub import constants, get_session, get_token, hf_raise_for_status

    from reelwise.remote.translate_errors import translate_hub_errors

    token = get_token()
    if token and not re.fullmatch("[!-~]+", token):  # the client's own error would show it
        yield Finding("Hub", "bad", "the token contains characters that tokens never have", _RENEW)
        return
    if constants.is_offline_mode():
        what, fix = "HF_HUB_OFFLINE is set, so the Hub is not asked", "unset it to fetch or publish models"
        yield Finding("Hub", "warning", what, fix)
        return
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    name = None
    try:
        with translate_hub_errors("the Hub"):
            answer = get_session().get(f"{constants.ENDPOINT}/api/whoami-v2", headers=headers, timeout=_PATIENCE)
            if answer.status_code != 401:
                hf_raise_for_status(answer)
                name = answer.json()["name"]
    except DownloadError as error:
        yield _to_finding("Hub", "warning", error, "try again later")
        return
    answers = f"{_without_secrets(constants.ENDPOINT)} answers"
    if name:
        yield Finding("Hub", "good", f"{answers}; the token is that of {name}")
    elif token:
        yield Finding("Hub", "bad", f"{answers}, but refuses the token", _RENEW)
    else:
        yield Finding("Hub", "good", f"{answers}; there is no token, which only private models and publishing need")


def _cache() -> Iterator[Finding]:
    from huggingface_hub import constants

    folder = Path(constants.HF_HUB_CACHE)
    free = shutil.disk_usage(next(place for place in (folder, *folder.parents) if place.exists())).free
    what = f"models are kept in {folder}, on a disk with {free / 1e9:,.1f} GB free"
    if free < _LITTLE_SPACE:
        yield Finding("Hub", "warning", what, "make room, or set HF_HOME to a folder on another disk")
    else:
        yield Finding("Hub", "good", what)
