"""New comments on the diff, each once and only once.

GitHub takes a review whole or not at all and does not say which comment it refused, so a refused batch is halved until
the comment is alone; that one goes to the file, and where it is refused there too, the finding stays in the summary.
Nothing is sent twice on a guess: after a failure that does not say whether the comments arrived, the pull request is
read, and only what is missing is sent.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from review.domain.finding import Finding
from review.errors import Forbidden, GitHubError, NotFound, RateLimited, Unprocessable
from review.github.base import GitHub, InlineComment
from review.publish.patience import TRIES, Patience
from review.publish.reconcile import State, our_threads
from review.render.markers import read_finding

BATCH = 25
"""Comments in one review: some 70 in one request have ended in a server error after a part of them was posted."""


@dataclass(frozen=True)
class Draft:
    """A finding and the text of its comment."""

    finding: Finding
    body: str
    file_body: str
    """The text of a comment on the whole file, for where the lines are not taken."""


@dataclass
class Poster:
    """Posts the drafts of one run. `before` are the numbers of the threads that stood there when it was planned."""

    github: GitHub
    head_sha: str
    before: frozenset[int]
    patience: Patience
    left_out: list[str] = field(default_factory=list)
    """Fingerprints of the findings that GitHub takes nowhere on the diff, or that were not sent any more."""
    _leaves_nothing: bool = False
    """Whether a refused review was seen to leave no comment behind; reports differ."""

    def post(self, drafts: Sequence[Draft]) -> None:
        """Post them all, batch by batch. Raises GitHubError where nothing more can be posted."""
        for start in range(0, len(drafts), BATCH):
            self._post_batch(list(drafts[start : start + BATCH]))

    def _post_batch(self, drafts: list[Draft]) -> None:
        try:
            self._until_there(drafts, self._as_review)
            return
        except Unprocessable:
            was_in_the_way = not self._leaves_nothing and _clear_the_way(self.github)
            left = self._missing(drafts) if was_in_the_way else self._left_by_a_refusal(drafts)
        if left and was_in_the_way:
            self._post_batch(left)
        elif len(left) > 1:
            self._post_batch(left[: len(left) // 2])
            self._post_batch(left[len(left) // 2 :])
        elif left:
            self._post_on_file(left[0])

    def _post_on_file(self, draft: Draft) -> None:
        try:
            self._until_there([draft], self._as_file_comment)
        except Unprocessable:
            self.left_out.append(draft.finding.fingerprint)

    def _until_there(self, drafts: list[Draft], send: Callable[[list[Draft]], None]) -> None:
        """Send; after a failure that leaves it open, look for them and send what is missing, a few times."""
        for attempt in range(TRIES):
            if not self.patience.may_write():
                self.left_out.extend(draft.finding.fingerprint for draft in drafts)
                return
            try:
                send(drafts)
                return
            except (Forbidden, NotFound, RateLimited, Unprocessable):
                raise
            except GitHubError:
                self.patience.wait(attempt)
                drafts = self._missing(drafts)
                if not drafts:
                    return
                if attempt == TRIES - 1:
                    raise

    def _as_review(self, drafts: list[Draft]) -> None:
        self.github.create_review(
            self.head_sha, [InlineComment(draft.finding.location, draft.body) for draft in drafts]
        )

    def _as_file_comment(self, drafts: list[Draft]) -> None:
        (draft,) = drafts
        self.github.create_file_comment(self.head_sha, draft.finding.location.path, draft.file_body)

    def _left_by_a_refusal(self, drafts: list[Draft]) -> list[Draft]:
        """What is still to be posted after a refused review."""
        if self._leaves_nothing:
            return drafts
        left = self._missing(drafts)
        self._leaves_nothing = len(left) == len(drafts)
        return left

    def _missing(self, drafts: list[Draft]) -> list[Draft]:
        """The drafts that have no thread of ours which was not there before."""
        login = self.github.login()
        arrived = {
            ours.subject.fingerprint
            for ours in our_threads(self.github.threads(), login)
            if ours.id not in self.before and ours.state in (State.OPEN, State.DISMISSED)
        }
        return [draft for draft in drafts if draft.finding.fingerprint not in arrived]


def _clear_the_way(github: GitHub) -> bool:
    """Delete a draft review of ours that a run left behind: while one stands, GitHub refuses every other comment.

    Gives whether there was one, which then is why the last one was refused.
    Raises Unprocessable where the draft is a person's, whose account the token is: it is not ours to delete.
    """
    drafts = github.pending_reviews()
    for draft in drafts:
        if not draft.bodies or not all(map(read_finding, draft.bodies)):
            raise Unprocessable(
                f"A draft review of {github.login()} stands on the pull request, and GitHub takes no other comment of"
                " that account until it is submitted or deleted."
            )
        github.delete_pending_review(draft.id)
    return bool(drafts)
