"""What an OpenML server's answer means: all is well, trouble that may pass, or an error that lasts."""

from __future__ import annotations

import configparser
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from xml.parsers.expat import ExpatError

from tabbench.errors import DataError, TransientError

if TYPE_CHECKING:
    import requests

UNKNOWN_CODES = (111, 151, 271, 361, 372, 601)
"""The server's: no such dataset, task or study, or an empty list."""
UNPROCESSED_CODES = (272, 273, 362, 363)
NO_ACCESS_CODES = (112, 102, 103)
NO_DATABASE = 107
HTML = (b"<!doctype html", b"<html")
MOST_TOLD = 300
LATER = "Try again later."
OFFLINE = "On a machine without network, carry the task there: tabbench data pack."
PRIVATE = "Put your API key into the configuration of the openml package."


def check_answer(response: requests.Response, what: str) -> None:
    """Look at an answer before the package does.

    Raises:
        TransientError: If the server is overloaded or broken, or sent a web page in place of data.
        DataError: If it refuses, and not in the words of the protocol.
    """
    status = response.status_code
    where = f"{what}: {_address(response)}"
    if status == 429 or status >= 500 or status == 408:
        wait = retry_after(response.headers.get("Retry-After", ""))
        asked = f"It asks to wait {wait:.0f} s. " if wait is not None else ""
        raise TransientError(f"{where} answered {status} {response.reason}. {asked}{LATER}", wait)
    if response.content[:200].lstrip().lower().startswith(HTML) and status in (200, 202, 203):
        raise TransientError(f"{where} answered with a web page in place of data: it is down, or a portal. {LATER}")
    if status != 200 and b"oml:error" not in response.content[:1000]:
        raise DataError(f"{where} answered {status} {response.reason}. Is the server's address right?")


def retry_after(header: str) -> float | None:
    """Seconds to wait, from a `Retry-After` in seconds or as a date; None if it says nothing.

    >>> retry_after("120"), retry_after(""), retry_after("Thu, 01 Jan 1970 00:00:00 GMT")
    (120.0, None, 0.0)
    """
    if header.strip().isdigit():
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max((until - datetime.now(UTC)).total_seconds(), 0.0)


def error_types() -> tuple[type[Exception], ...]:
    """All that the package and what it stands on are known to raise on a bad answer, network or disk."""
    import arff
    import urllib3
    from minio.error import MinioException
    from openml.exceptions import PyOpenMLError

    parsers = (ExpatError, arff.ArffException, ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
    package = (PyOpenMLError, NotImplementedError, AssertionError, RuntimeError, configparser.Error)
    return (*parsers, *package, OSError, MinioException, urllib3.exceptions.HTTPError)  # requests' are OSErrors


def meaning_of(error: Exception, what: str, server: str, api_key: str) -> DataError:
    """One of the errors of `error_types` as one of ours.

    Args:
        error: As raised.
        what: What was asked for.
        server: Its address.
        api_key: Taken out of the message: addresses in messages of requests hold it.
    """
    import arff

    told = type(error).__name__ if isinstance(error, arff.ArffException) else str(error)  # its text may not be made
    told = told.replace(api_key, "…") if api_key else told
    told = told if len(told) <= MOST_TOLD else told[:MOST_TOLD] + "…"
    known = _network_error(error, told, what, server) or _package_error(error, told, what, server)
    if known:
        return known
    if isinstance(error, OSError):
        return DataError(f"{what}: the download cannot be written ({told}). Free or allow the cache's folder.")
    return DataError(
        f"{what}: the answer of {server} does not follow the protocol ({type(error).__name__}: {told}). It is cut "
        "short or damaged there; tell OpenML, or take the table from elsewhere as a file."
    )


def _network_error(error: Exception, told: str, what: str, server: str) -> DataError | None:
    import requests
    from minio.error import InvalidResponseError, ServerError
    from urllib3 import exceptions

    if isinstance(error, requests.Timeout | exceptions.TimeoutError | TimeoutError):
        return TransientError(f"{what}: {server} did not answer in time. {LATER} {OFFLINE}")
    broken = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError, exceptions.HTTPError, ConnectionError)
    if isinstance(error, (*broken, requests.exceptions.ContentDecodingError)):
        return TransientError(f"{what}: the connection to {server} failed or broke off ({told}). {LATER} {OFFLINE}")
    if isinstance(error, ExpatError | ServerError | InvalidResponseError):
        return TransientError(f"{what}: {server} answered with something that is no XML ({told}). {LATER}")
    if isinstance(error, requests.RequestException):
        return DataError(f"{what}: {server} cannot be asked ({told}). Is the server's address right?")
    return None


def _package_error(error: Exception, told: str, what: str, server: str) -> DataError | None:
    from openml import exceptions

    if isinstance(error, exceptions.OpenMLHashException):
        return DataError(
            f"{what}: the file that {server} sends has not the checksum that its description says, twice over. It was "
            f"changed or damaged there; tell OpenML, or take the table from elsewhere as a file. ({told})"
        )
    if isinstance(error, exceptions.OpenMLPrivateDatasetError | exceptions.OpenMLNotAuthorizedError):
        return DataError(f"{what} is private on {server}. {PRIVATE}")
    if isinstance(error, exceptions.OpenMLServerException):
        return _server_error(error, what, server)
    if isinstance(error, exceptions.OpenMLServerError):
        return TransientError(f"{what}: {server} answered with something that is no XML ({told}). {LATER}")
    if isinstance(error, exceptions.OpenMLCacheException):
        return DataError(f"{what}: the download cannot be written ({told}). Free or allow the cache's folder.")
    if isinstance(error, NotImplementedError):
        return DataError(f"{what} cannot be run: {told} Only supervised classification and regression are.")
    return None


def _server_error(error: Exception, what: str, server: str) -> DataError:
    code, told = getattr(error, "code", None), getattr(error, "message", "")
    if code == NO_DATABASE:
        return TransientError(f"{what}: {server} has lost its database ({told}). {LATER}")
    if code in UNKNOWN_CODES:
        return DataError(f"{what} does not exist on {server} ({told}, code {code}). Look it up there, and correct it.")
    if code in UNPROCESSED_CODES:
        return DataError(f"{what} is still in processing on {server} ({told}, code {code}). Ask for it when it's done.")
    if code in NO_ACCESS_CODES:
        return DataError(f"{what} is private on {server} ({told}). {PRIVATE}")
    return DataError(f"{what}: {server} refused, code {code}: {told}.")


def _address(response: requests.Response) -> str:
    """The address asked, without what follows `?`: the API key."""
    return str(response.url).partition("?")[0]
