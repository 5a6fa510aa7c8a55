"""Talk to an OpenML server through the `openml` package, and say what went wrong in one of two ways.

Trouble that may pass is a `TransientError`, what lasts a `DataError`. The package keeps what it downloads for ever,
whole or not, waits without end for a server that says nothing, and passes over how long a server asks to wait. So
each request works in a folder of its own that is gone afterwards, and for as long as it runs the package's HTTP
sessions are ones that give up in time and look at the answer first.
"""

from __future__ import annotations

import logging
import os
import threading
import traceback
import warnings
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from tabbench.data.cache.folder import staging
from tabbench.data.openml_answers import check_answer, error_types, meaning_of
from tabbench.errors import DataError, MissingLibraryError, TabbenchError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SERVER = "TABBENCH_OPENML_SERVER"
"""Environment variable: the server's address instead of the one in the configuration of the openml package."""
TIMEOUT_SECONDS = 60.0
"""A server that says nothing for so long has failed."""
N_TRIES = 2
"""What the package itself tries again: a broken connection and a wrong checksum, after a second."""

_ONE_AT_A_TIME = threading.RLock()  # the package's configuration is global


@contextmanager
def openml_package(what: str) -> Iterator[Any]:
    """The `openml` package, set up for one request; the user's own configuration is back afterwards.

    Server and API key are those of the package's configuration, unless `TABBENCH_OPENML_SERVER` names a server.

    Args:
        what: What is asked for, as messages call it: `openml/31`.

    Raises:
        MissingLibraryError: If the package is not installed.
        TransientError: If server or network fail in a way that may pass.
        DataError: If the request fails in a way that lasts.
    """
    try:
        import openml
    except ImportError as error:
        raise MissingLibraryError(error.name or "openml", "", what) from error
    except OSError as error:  # it makes its folders on import
        raise DataError(f"{what}: the openml package cannot make its folders in your home ({error}).") from error
    with _ONE_AT_A_TIME, staging() as work, _configured(openml.config, work), _watched_sessions(what), _quiet():
        try:
            yield openml
        except TabbenchError:
            raise
        except error_types() as error:
            traceback.clear_frames(error.__traceback__)  # closes the files that the package has left open
            raise meaning_of(error, what, openml.config.server, openml.config.apikey) from error


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Some environment variables, for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _swapped(owner: Any, values: Mapping[str, Any]) -> Iterator[None]:
    """Some attributes of a module, for a while."""
    before = {name: getattr(owner, name) for name in values}
    try:
        for name, value in values.items():
            setattr(owner, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(owner, name, value)


@contextmanager
def _configured(config: Any, work: Path) -> Iterator[None]:
    settings = {"server": os.environ.get(SERVER) or config.server, "show_progress": False}
    before = config.get_config_as_dict()
    with _swapped(config, settings):
        config.set_root_cache_directory(work)
        config.set_retry_policy("human", N_TRIES)
        try:
            yield
        finally:
            config.set_root_cache_directory(before["cachedir"])
            config.set_retry_policy(before["retry_policy"], before["connection_n_retries"])


@contextmanager
def _watched_sessions(what: str) -> Iterator[None]:
    """Sessions that give up in time; the package makes its own and takes no setting for that."""
    import minio
    import requests
    import urllib3

    class Session(requests.Session):
        def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
            response = super().request(method, url, *args, **{"timeout": TIMEOUT_SECONDS, **kwargs})
            check_answer(response, what)
            if "charset" not in response.headers.get("Content-Type", ""):
                response.encoding = "utf-8"  # requests would take text for Latin-1, and the checksum would be wrong
            return response

    class Store(minio.Minio):  # Parquet is kept in one
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            client = kwargs.get("http_client") or urllib3.PoolManager()
            retries = urllib3.Retry(N_TRIES - 1, status_forcelist=[500, 502, 503, 504])
            client.connection_pool_kw.update(timeout=urllib3.Timeout(TIMEOUT_SECONDS), retries=retries)
            super().__init__(*args, **{**kwargs, "http_client": client})

    with _swapped(requests, {"Session": Session}), _swapped(minio, {"Minio": Store}):
        yield


@contextmanager
def _quiet() -> Iterator[None]:
    """No warnings of the package about uncompressed answers and files that it leaves open."""
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore", ResourceWarning)
        if not logging.root.handlers:  # else the package's first warning would give the root logger one for good
            handler = logging.NullHandler()
            logging.root.addHandler(handler)
            stack.callback(logging.root.removeHandler, handler)
        yield
