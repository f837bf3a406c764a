"""What the Hub and its client answer when something is wrong, told so that one knows what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reelwise.errors import DownloadError
from reelwise.remote.addresses import shown_address

if TYPE_CHECKING:
    from httpx2 import Response

PATIENT = (408, 429, 500, 502, 503, 504)
"""Answers that may be another one a little later."""


@contextmanager
def translate_errors(what: str) -> Iterator[None]:
    """Turn every error of the Hub's client within the block into a DownloadError about `what`."""
    import httpx2
    from huggingface_hub import constants, errors

    hub = shown_address(constants.ENDPOINT)

    try:
        yield
    except errors.OfflineModeIsEnabled:
        raise DownloadError(f"{what}: HF_HUB_OFFLINE is set, and it is not in the cache; unset it once") from None
    except errors.GatedRepoError:
        raise DownloadError(f"{what}: ask for access on its page, then set HF_TOKEN to your token") from None
    except errors.RepositoryNotFoundError as error:
        raise DownloadError(_not_found(what, error.response.status_code, hub)) from None
    except errors.RevisionNotFoundError:
        raise DownloadError(f"{what}: it has no such revision; name a branch, a tag or a commit of it") from None
    except errors.HfHubHTTPError as error:
        raise _refused(f"{what}: {hub}", error.response, _line(error)) from error
    except httpx2.LocalProtocolError:  # its text shows the token
        raise DownloadError(f"{what}: HF_TOKEN holds characters that no token has; set it anew") from None
    except (httpx2.TransportError, httpx2.InvalidURL) as error:
        raise DownloadError(
            f"{what}: {hub} cannot be reached ({_line(error)}); check the network and HF_ENDPOINT"
        ) from error
    except errors.HFValidationError as error:
        raise DownloadError(f"{what}: {_line(error)}") from None
    except (errors.FileMetadataError, errors.LocalEntryNotFoundError, ValueError, KeyError) as error:
        raise DownloadError(
            f"{what}: {hub} does not answer as the Hub does ({_line(error)}); "
            "check HF_ENDPOINT, and that no log-in page is in between"
        ) from error
    except OSError as error:
        raise DownloadError(f"{what}: {_line(error)}; try again, and check that the disk is not full") from error


def _not_found(what: str, status: int, endpoint: str) -> str:
    if status == 401:
        return f"{what}: {endpoint} shows it to nobody, or not to your token; check the name, and set HF_TOKEN"
    return f"{what}: there is no such repository at {endpoint}; check the name, and HF_TOKEN if it is private"


def _refused(what: str, response: "Response", said: str) -> DownloadError:
    answer = f"{what} answered {response.status_code} {response.reason_phrase}"
    if response.status_code in PATIENT:
        asked = response.headers.get("Retry-After", "")
        return DownloadError(f"{answer}; try again later", float(asked) if asked.isdecimal() else None)
    if response.status_code in (401, 403):
        return DownloadError(f"{answer}; check that HF_TOKEN is valid and may do this")
    return DownloadError(f"{answer} ({said})")


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
