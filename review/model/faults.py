"""What went wrong, in our words: whose fault it is, whether asking again can help, and after how long."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import anthropic

from review.config.credentials import Credentials, Provider
from review.errors import AnswerIncomplete, ModelError, ModelRefused, ModelUnavailable
from review.model.clients import NoIdentity
from review.model.plain import plain
from review.model.stream import NoAnswer, NotTheApi

_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
    "validationException": 400,
    "throttlingException": 429,
    "serviceUnavailableException": 503,
}
"""Type of an error amid a stream → the status that it has elsewhere (https://platform.claude.com/docs/en/api/errors;
the last three are Amazon Bedrock's, `InvokeModelWithResponseStream`)."""
_SPEND_LIMITS = ("enforced_spend_limit_reached", "contract_spend_limit_reached")
"""Codes of a 429 that no waiting helps against (SDK, `types/shared`); `ramp_limit_exceeded` passes."""
_NO_CREDIT = "credit balance is too low"
"""How the API says with 400 that there is no money (anthropics/claude-code, issue 88711)."""
_PASSING = (408, 409, 429)


@dataclass(frozen=True)
class Fault:
    """One failed attempt."""

    error: ModelError
    may_pass: bool = False
    """Whether the same request may well succeed later."""
    is_broken: bool = False
    """Whether the answer had begun, so that it may have to be paid."""
    wait: float | None = None
    """Seconds that the server wants us to wait; None where it does not say."""


@dataclass(frozen=True)
class Asked:
    """Who was asked, for what and as whom: what the sentences name."""

    credentials: Credentials
    model: str

    def says(self, error: anthropic.APIStatusError) -> str:
        """The API's own words, in parentheses; Amazon Bedrock has them one level up."""
        body = error.body if isinstance(error.body, dict) else {}
        said = plain(error.api_message or body.get("message") or "", self.credentials.secrets)
        return f" ({said})" if said else ""


def judge(error: Exception, asked: Asked, began: bool) -> Fault:
    """The fault that an exception of the SDK's, or of anything below it, stands for."""
    for cause in _chain(error):
        if isinstance(cause, NoIdentity):
            kind = ModelUnavailable if cause.is_passing else ModelRefused
            return Fault(kind(str(cause)), may_pass=cause.is_passing)
    if isinstance(error, anthropic.WorkloadIdentityError):
        return _no_exchange(error, asked)
    if isinstance(error, anthropic.APIStatusError):
        return _answered(error, asked, began)
    if isinstance(error, anthropic.APIConnectionError):
        return Fault(ModelUnavailable(_unreachable(error, asked)), may_pass=True)
    if isinstance(error, NoAnswer):
        clause = plain(error)
        return Fault(
            ModelUnavailable(clause) if isinstance(error, NotTheApi) else AnswerIncomplete(clause), True, is_broken=True
        )
    said = plain(error, asked.credentials.secrets)
    if began:
        detail = f"{type(error).__name__}: {said}" if said else type(error).__name__
        return Fault(AnswerIncomplete(f"the answer broke off ({detail})"), may_pass=True, is_broken=True)
    return Fault(
        ModelRefused(f"no request could be made with {asked.credentials.source} ({type(error).__name__}: {said})")
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__


def _answered(error: anthropic.APIStatusError, asked: Asked, began: bool) -> Fault:
    status = _STATUS.get(str(error.type), 500) if began else error.status_code
    if refusal := _refusal(status, error, asked):
        return Fault(refusal)
    if status in (400, 422):
        return Fault(AnswerIncomplete(f"the API did not take the request ({status}){asked.says(error)}"))
    if status == 413:
        return Fault(AnswerIncomplete("the request is larger than the API takes (413)"))
    if status in _PASSING or status >= 500:
        headers = error.response.headers
        may_pass = headers.get("x-should-retry") != "false"
        return Fault(ModelUnavailable(_busy(status, asked.says(error))), may_pass, began, _wanted_wait(headers))
    return Fault(
        ModelRefused(
            f"{error.request.url.host} answered with status {status}, as no Messages API does: check the base URL"
        )
    )


def _refusal(status: int, error: anthropic.APIStatusError, asked: Asked) -> ModelRefused | None:
    """Why no request of this run can succeed; None where that is not so."""
    source, says = asked.credentials.source, asked.says(error)
    if status == 401:
        return ModelRefused(f"the API did not accept the credentials (401): check {source}")
    if status == 402 or (status == 400 and _NO_CREDIT in says.lower()):
        return ModelRefused(f"the account has no credit left, or cannot be billed ({status}): see its billing{says}")
    if status == 403:
        return ModelRefused(f"model {asked.model} is not allowed here (403): check what {source} may do{says}")
    if status == 404 and (error.type or asked.credentials.provider is not Provider.ANTHROPIC):
        return ModelRefused(f"there is no model {asked.model} here (404): set input model to one that there is{says}")
    if status == 404:
        return ModelRefused(f"there is no Messages API at {error.request.url.host} (404): check the base URL")
    if error.error_code in _SPEND_LIMITS:
        return ModelRefused(f"the account has reached its limit of spending ({status}): raise it, or wait{says}")
    return None


def _busy(status: int, says: str) -> str:
    if status == 429:
        return f"the API's rate limit is reached (429){says}"
    if status in (503, 529):
        return f"the API is overloaded ({status}){says}"
    return f"the API failed ({status}){says}"


def _unreachable(error: anthropic.APIConnectionError, asked: Asked) -> str:
    host, cause = error.request.url.host, error.__cause__
    if isinstance(error, anthropic.APITimeoutError):
        return f"{host} did not answer in time"
    said = plain(cause or "", asked.credentials.secrets)
    return f"{host} could not be reached ({type(cause).__name__}{': ' if said else ''}{said})"


def _no_exchange(error: anthropic.WorkloadIdentityError, asked: Asked) -> Fault:
    said, status = plain(error, asked.credentials.secrets), error.status_code
    if status is None or status in _PASSING or status >= 500:
        return Fault(ModelUnavailable(f"the API gave no token for the job's identity ({said})"), may_pass=True)
    return Fault(ModelRefused(f"the API did not accept the job's identity: check {asked.credentials.source} ({said})"))


def _wanted_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds, from `retry-after-ms` or from either form of `retry-after` (RFC 9110, 10.2.3)."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) * unit
        except ValueError:
            continue
        if not math.isnan(seconds):
            return max(seconds, 0.0)
    try:
        moment = parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((aware - datetime.now(UTC)).total_seconds(), 0.0)
