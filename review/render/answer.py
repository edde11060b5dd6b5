"""What we answer to a command, and the hidden line by which a re-run knows that it was answered."""

from review.domain.linter_names import RUFF_RULES, ruff_page
from review.render.escape import code, prose

_ANSWER = "<!-- data-review:answer {} -->"
COMMANDS = """\
- `/data-review` reviews this pull request now.
- `/data-review explain CODE` shows the page of a rule, such as `SQL001`, or of a linter's, such as `AM04`.
- `/data-review ignore CODE reason` leaves a rule's findings out of this pull request's verdict; a finding's fingerprint
  does as well as a code, and as a reply to one of our comments `/data-review ignore reason` is enough."""
_LINTER_PAGE = "https://docs.sqlfluff.com/en/stable/perma/rule/{}.html"
"""sqlfluff's permanent address of a rule (sqlfluff 4.5, `docs/source/conf.py`)."""


def answer(text: str, comment_id: int) -> str:
    """A comment that says this, marked as the answer to that comment."""
    return f"{text}\n\n{_ANSWER.format(comment_id)}"


def is_answer(body: str, comment_id: int) -> bool:
    """Whether a comment's text carries the mark of an answer to that comment; its author is yet to be looked at."""
    return _ANSWER.format(comment_id) in (line.strip() for line in body.splitlines())


def rule_page(page: str, address: str) -> str:
    """A rule's page, as `review.rules.docs.section` gives it, with where it stands; the address may be empty."""
    return f"{page}\n\n[All rules of this family]({address})" if address else page


def linter_address(rule: str) -> str:
    """Where the linter's own rule of that code is explained."""
    return ruff_page(rule) if rule in RUFF_RULES else _LINTER_PAGE.format(rule)


def linter_name(rule: str) -> str:
    """Whose rule it is."""
    return "ruff" if rule in RUFF_RULES else "sqlfluff"


def linter_page(rule: str) -> str:
    """The same for a comment."""
    return f"{code(rule)} is a rule of {linter_name(rule)}'s: [its page]({linter_address(rule)})."


def no_such_rule(rule: str) -> str:
    """There is nothing to explain under that code."""
    return f"There is no rule {code(rule)}. The code of a finding stands in its comment, such as `SQL001` or `AM04`."


def not_reviewed(reason: str) -> str:
    """There was nothing to review, in the words of the run's log."""
    return prose(reason)


def failed(reason: str) -> str:
    """The review could not be done, in the words of the run's log."""
    return f"The review could not be done. {prose(reason)}"


def no_such_command() -> str:
    """The words after `/data-review` are none that we know."""
    return f"There is no such command. These exist:\n\n{COMMANDS}"


def nothing_to_ignore() -> str:
    """An `ignore` that does not say what, or does not say why."""
    return f"Nothing was ignored: say which findings, and why.\n\n{COMMANDS}"
