"""Errors of the Hub, other stores and their clients, in one line that says what to do."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reelwise._network import is_transient, parse_retry_after
from reelwise.errors import DownloadError, describe_error
from reelwise.remote.addresses import redact_address

if TYPE_CHECKING:
    from httpx2 import Response


HTTP = ("http://", "https://")


class Stopped(Exception):
    """Carries what `on_progress` raised: fsspec's thread would lose a KeyboardInterrupt, an OSError be misread."""

    def __init__(self, reason: BaseException) -> None:
        self.reason = reason


class NothingThere(DownloadError):
    """There is nothing of this name in the store."""


class Refused(DownloadError):
    """The store refuses access; some do so for files that do not exist."""


class Unreachable(DownloadError):
    """The store does not answer, or its answer breaks off."""


@contextmanager
def translate_hub_errors(what: str) -> Iterator[None]:
    """Turn every error of the Hub's client within the block into a DownloadError about `what`."""
    import httpx2
    from huggingface_hub import constants, errors

    hub = redact_address(constants.ENDPOINT)

    try:
        yield
    except errors.OfflineModeIsEnabled:
        raise DownloadError(f"{what}: HF_HUB_OFFLINE is set, so the Hub is not asked; unset it and try again") from None
    except errors.GatedRepoError:
        raise DownloadError(f"{what}: ask for access on its page, then set HF_TOKEN to your token") from None
    except errors.RepositoryNotFoundError as error:
        raise DownloadError(f"{what}: {_not_found(error.response.status_code, hub)}") from None
    except errors.RevisionNotFoundError:
        raise DownloadError(f"{what}: it has no such revision; name a branch, a tag or a commit of it") from None
    except errors.HfHubHTTPError as error:
        raise _refused(f"{what}: {hub}", error.response, describe_error(error)) from error
    except (httpx2.LocalProtocolError, UnicodeEncodeError):  # their text shows the token
        raise DownloadError(f"{what}: HF_TOKEN holds characters that no token has; set it anew") from None
    except (httpx2.TransportError, httpx2.InvalidURL) as error:
        reason = describe_error(error)
        raise DownloadError(f"{what}: {hub} cannot be reached ({reason}); check the network and HF_ENDPOINT") from error
    except errors.HFValidationError as error:
        raise DownloadError(f"{what}: {describe_error(error)}") from None
    except (errors.FileMetadataError, errors.LocalEntryNotFoundError, ValueError, KeyError) as error:
        raise DownloadError(
            f"{what}: {hub} does not answer as the Hub does ({describe_error(error)}); "
            "check HF_ENDPOINT, and that no log-in page is in between"
        ) from error
    except OSError as error:
        is_closed = error.errno in (errno.EACCES, errno.EROFS)
        remedy = "set HF_HOME to a folder of yours" if is_closed else "try again, and check that the disk is not full"
        raise DownloadError(f"{what}: {describe_error(error)}; {remedy}") from error
    except RuntimeError as error:  # in which the client wraps what ended an upload
        if error.__cause__ is None:
            raise
        with translate_hub_errors(what):
            raise error.__cause__ from None


def _not_found(status: int, hub: str) -> str:
    if status == 401:
        return f"{hub} does not show it to you; check the name, and set HF_TOKEN"
    return f"there is no such repository at {hub}; check the name, and HF_TOKEN if it is private"


def _refused(what: str, response: "Response", reason: str) -> DownloadError:
    answer = f"{what} answered {response.status_code} {response.reason_phrase}"
    if is_transient(response.status_code):
        return DownloadError(f"{answer}; try again later", parse_retry_after(response.headers.get("Retry-After", "")))
    if response.status_code in (401, 403):
        return DownloadError(f"{answer}; check that HF_TOKEN is valid and may do this")
    if response.status_code == 412:
        return DownloadError(f"{answer}: somebody else committed meanwhile; look at their commit, then push again")
    return DownloadError(f"{answer} ({reason})")


@contextmanager
def translate_store_errors(address: str) -> Iterator[None]:
    """Turn what fsspec and the packages behind it raise into a DownloadError; theirs may show the address's secrets.

    A full disk stays an OSError.
    """
    what = redact_address(address)
    try:
        yield
    except (DownloadError, Stopped):
        raise
    except ImportError as error:
        remedy = 'python3 -m pip install "reelwise[stores]" has those for s3, gs and https'
        raise DownloadError(f"{what}: this store needs another package ({describe_error(error)}); {remedy}") from None
    except Exception as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        # fsspec makes a FileNotFoundError of whatever a web server answers
        is_wrapped = address.startswith(HTTP) and isinstance(error, FileNotFoundError)
        raise _store_error(what, error.__cause__ or error if is_wrapped else error) from None


def _store_error(what: str, error: BaseException) -> DownloadError:
    codes = (getattr(error, name, None) for name in ("status", "code"))
    status = next((code for code in codes if isinstance(code, int)), 0)
    kind = type(error).__name__
    reason = f"it answers {status}" if status else describe_error(getattr(error, "strerror", None) or kind)
    if isinstance(error, FileNotFoundError) or status in (404, 410):
        return NothingThere(f"{what}: the store has nothing there; check the address")
    forbidden = isinstance(error, PermissionError) or "Credential" in kind or str(error).startswith("Forbidden")
    if forbidden or (400 <= status < 500 and not is_transient(status)):
        return Refused(f"{what}: the store refuses access ({reason}); check the credentials and the address")
    if isinstance(error, ValueError) and not isinstance(error, OSError):  # certificate errors are both
        remedy = "name a folder or a .zip at s3://…, gs://…, https://…"
        return DownloadError(f"{what}: not an address to fetch from; {remedy}")
    remedy = "check the network and the address, and try again"
    return Unreachable(f"{what}: the store cannot be read ({reason}); {remedy}")
