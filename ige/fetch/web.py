"""Asking a server for a file: redirects, secrets and what can go wrong, each told in a few words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import NameResolutionError, NewConnectionError

from ige.base.errors import InputError
from ige.fetch.source_list import SourceFile

_MOST_REDIRECTS = 10
_MOST_SIGNS = 400
_LOGIN = re.compile(r"log[-_]?[io]n|sign[-_]?in|oauth|openid|saml|shibboleth|\b(sso|auth|idp|cas)\b", re.I)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a server, in seconds; it decides nothing about the file.

    `attempts`: tries of a mirror that bring nothing new. `backoff_seconds` doubles from try to try up to
    `most_backoff_seconds`; a server may ask for up to `most_retry_after_seconds`. `other_seconds`: how long
    to wait for another process that downloads the same file.
    """

    connect_seconds: float = 20.0
    stall_seconds: float = 60.0
    attempts: int = 6
    backoff_seconds: float = 1.0
    most_backoff_seconds: float = 60.0
    most_retry_after_seconds: float = 300.0
    other_seconds: float = 24 * 3600.0


class Fault(Exception):
    """Why a try brought no file.

    `again`: another one may help. `vain`: what it brought is too little to count. `wait`: seconds that the
    server asks for. `hint`: what the user can do.
    """

    def __init__(
        self, text: str, *, again: bool = False, vain: bool = False, wait: float = 0.0, hint: str = ""
    ) -> None:
        # Words of a server may hold anything; what a terminal would obey is not repeated.
        self.text = "".join(sign if sign.isprintable() else "?" for sign in text)[:_MOST_SIGNS]
        super().__init__(self.text)
        self.again = again
        self.vain = vain
        self.wait = wait
        self.hint = hint


class Secret(AuthBase):
    """A token or cookie for one server; it goes nowhere else and shows itself nowhere."""

    def __init__(self, origin: tuple[str, str, int | None], header: str, value: str) -> None:
        self._origin = origin
        self._header = header
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the secret if the request goes to its server."""
        if _origin(str(request.url)) == self._origin:
            before = request.headers.get("Cookie") if self._header == "Cookie" else None
            request.headers[self._header] = f"{before}; {self._value}" if before else self._value
        return request


class _Nobody(AuthBase):
    """No secret; without it, requests would send what it finds in ~/.netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add nothing."""
        return request


def read_secret(file: SourceFile, environment: Mapping[str, str]) -> AuthBase:
    """Read the secret that a file's row names from the environment.

    Raises:
        InputError: if it is not set or cannot be a header; never with its value.
    """
    if not file.secret:
        return _Nobody()
    kind, _, name = file.secret.partition(":")
    value = environment.get(name, "").strip()
    place = f"{file.source}/{file.file}"
    if not value:
        step = f"Get access at {file.register}, set {name} and run the same command again"
        raise InputError(f"the environment variable {name} is not set", where=place, next_step=step)
    if not (value.isascii() and value.isprintable()):
        raise InputError(f"the environment variable {name} holds signs that no {kind} has", where=place)
    origin = _origin(file.urls[0])
    if kind == "bearer":
        return Secret(origin, "Authorization", f"Bearer {value}")
    return Secret(origin, "Cookie", value)


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's answer that is no redirect; `login`: the login page on the way to it, or empty."""

    response: requests.Response
    login: str


class _Session(requests.Session):
    """A session that leaves redirects to us: requests would read their bodies whole, however long."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return nothing, so that no redirect is followed."""
        return None


class Client:
    """Asks for files with one session and one secret."""

    def __init__(self, secret: AuthBase, patience: Patience) -> None:
        self._session = _Session()
        self._secret = secret
        self._timeout = (patience.connect_seconds, patience.stall_seconds)

    def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """Ask for a url and follow redirects; the body is left to be read.

        Raises:
            Fault: if there is no answer.
        """
        login = ""
        for _ in range(_MOST_REDIRECTS):
            response = self._ask(url, headers)
            target = response.headers.get("Location")
            if not response.is_redirect or target is None:
                return Answer(response, login)
            response.close()
            url = _follow(url, target)
            if _LOGIN.search(shown(url)):
                login = shown(url)
        hint = "The page may want you to log in" if login else ""
        raise Fault(f"redirects without end (more than {_MOST_REDIRECTS})", hint=hint)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _ask(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        try:
            return self._session.get(
                url,
                headers=dict(headers),
                auth=self._secret,
                timeout=self._timeout,
                stream=True,
                allow_redirects=False,
            )
        except (requests.RequestException, ValueError) as error:
            raise _fault_of(error) from None


def _follow(url: str, target: str) -> str:
    try:
        url = urljoin(url, target)
        words = shown(url)
    except ValueError as error:
        raise Fault("a redirect that leads nowhere") from error
    if urlsplit(url).scheme not in ("http", "https"):
        raise Fault(f"a redirect to something else than a web page ({words})")
    return url


def shown(url: str) -> str:
    """Return a url without what may be secret: no user, no query."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme)


_PORTS = {"http": 80, "https": 443}


def _fault_of(error: Exception) -> Fault:
    """Say in our words what requests says in its own: its texts hold addresses with their queries."""
    if isinstance(error, requests.exceptions.ProxyError):
        return Fault("the proxy does not answer", again=True, hint="See HTTP_PROXY, HTTPS_PROXY and NO_PROXY")
    if isinstance(error, requests.exceptions.SSLError):
        hint = "See the date of this machine, and REQUESTS_CA_BUNDLE if a proxy has its own certificate"
        return Fault(f"no safe connection (TLS: {_last_reason(error)})", hint=hint)
    if isinstance(error, requests.exceptions.Timeout):
        return Fault("no answer in time", again=True)
    if isinstance(error, requests.exceptions.ConnectionError):
        reason = getattr(error.args[0], "reason", None) if error.args else None
        if isinstance(reason, NameResolutionError):
            return Fault("no host of this name is found", again=True, hint="Is this machine online?")
        if isinstance(reason, NewConnectionError):
            return Fault(
                f"no connection ({_last_reason(reason)})", again=True, hint="Is this machine online?"
            )
        return Fault("the connection broke", again=True)
    return Fault(f"the request failed ({type(error).__name__})")


def _last_reason(error: BaseException) -> str:
    """Return the words of the operating system or of OpenSSL under the layers above."""
    text = getattr(error, "verify_message", None) or getattr(error, "strerror", None)
    below = error.__cause__ or error.__context__ or getattr(error, "reason", None)
    if below is None and error.args and isinstance(error.args[0], BaseException):
        below = error.args[0]
    if not text and isinstance(below, BaseException):
        return _last_reason(below)
    return str(text or type(error).__name__).lower()
