"""What is done about comments, by a fake of the interface; requests and failures of GitHub's are in tests/e2e."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from review.domain.finding import Location
from review.errors import Forbidden, GitHubError, RateLimited, Unprocessable
from review.github.base import InlineComment, PendingReview, PostedComment
from review.publish.base import NotPublished, Published
from review.publish.comment import ours, publish_summary, same
from review.publish.inline import BATCH, Draft, publish_inline
from review.render.comment import inline_comment
from review.render.markers import SUMMARY, is_summary, read_finding
from tests.unit.render.builders import FCT, finding, review

BODY = f"new\n{SUMMARY}"


def posted(body: str, author: str = "bot", number: int = 1) -> PostedComment:
    return PostedComment(id=number, author=author, body=body, url=f"https://github.com/c/{number}")


@dataclass
class FakeGitHub:
    """Keeps what is posted; `fails` are raised by the next writes, after or before they take effect."""

    comments: list[PostedComment] = field(default_factory=list)
    inline: list[PostedComment] = field(default_factory=list)
    fails: list[GitHubError] = field(default_factory=list)
    arrives: int = 0
    """How many comments of a failing request are posted all the same."""
    refuses: frozenset[str] = frozenset()
    """Bodies that no line takes."""
    refuses_files: bool = False
    writes: list[str] = field(default_factory=list)

    def login(self) -> str:
        return "bot"

    def summaries(self) -> Sequence[PostedComment]:
        return self.comments

    def inline_comments(self) -> Sequence[PostedComment]:
        return self.inline

    def create_summary(self, body: str) -> PostedComment:
        return self._write("create", [body], self.comments)[0]

    def edit_summary(self, comment: PostedComment, body: str) -> PostedComment:
        self.comments.remove(comment)
        return self._write("edit", [body], self.comments)[0]

    def create_review(self, head_sha: str, comments: Sequence[InlineComment]) -> None:
        if any(each.body in self.refuses for each in comments):
            self.writes.append("review")
            raise Unprocessable("a line is outside the diff")
        self._write("review", [each.body for each in comments], self.inline)

    def create_inline_comment(self, head_sha: str, comment: InlineComment) -> None:
        self.writes.append("line")
        if comment.body in self.refuses:
            raise Unprocessable("the line is outside the diff")
        self.inline.append(posted(comment.body))

    def create_file_comment(self, head_sha: str, path: str, body: str) -> None:
        self.writes.append("file")
        if self.refuses_files:
            raise Unprocessable("the file is not in the diff")
        self.inline.append(posted(body))

    def pending_reviews(self) -> Sequence[PendingReview]:
        return ()

    def delete_pending_review(self, review_id: int) -> None:
        raise AssertionError(review_id)

    def _write(self, name: str, bodies: list[str], where: list[PostedComment]) -> list[PostedComment]:
        self.writes.append(name)
        error = self.fails.pop(0) if self.fails else None
        made = [posted(body, number=len(where) + 1 + n) for n, body in enumerate(bodies)]
        where.extend(made[: self.arrives] if error else made)
        if error:
            raise error
        return made


def test_the_first_summary_is_created() -> None:
    github = FakeGitHub([posted("somebody's words", "ana")])
    assert publish_summary(github, BODY, is_summary) == Published("summary comment", "https://github.com/c/2")
    assert github.writes == ["create"]


def test_a_later_one_edits_it_and_the_same_one_does_nothing() -> None:
    github = FakeGitHub([posted(f"old\r\n{SUMMARY}\r\n")])
    assert isinstance(publish_summary(github, BODY, is_summary), Published)
    assert isinstance(publish_summary(github, BODY, is_summary), Published)
    assert github.writes == ["edit"]


def test_marker_and_author_make_it_ours() -> None:
    theirs, old, ours_too = posted(BODY, "eve"), posted("text"), posted(BODY, number=3)
    assert ours([theirs, old, ours_too, posted(BODY, number=4)], "bot", is_summary) is ours_too
    assert ours([theirs, old], "bot", is_summary) is None


def test_same_but_for_what_github_changes() -> None:
    assert same("a\r\nb\r\n", "a\nb")
    assert not same("a\nb", "a\nb c")


@pytest.mark.parametrize(("arrives", "writes"), [(1, ["create"]), (0, ["create", "create"])])
def test_a_summary_that_may_have_arrived_is_looked_for(arrives: int, writes: list[str]) -> None:
    github = FakeGitHub(fails=[GitHubError("502")], arrives=arrives)
    assert isinstance(publish_summary(github, BODY, is_summary), Published)
    assert (len(github.comments), github.writes) == (1, writes)


@pytest.mark.parametrize("error", [Unprocessable("too long"), RateLimited("wait"), Forbidden("read only")])
def test_a_refused_summary_says_why(error: GitHubError) -> None:
    github = FakeGitHub(fails=[error, error])
    assert publish_summary(github, BODY, is_summary) == NotPublished("summary comment", str(error))


def drafts(number: int) -> list[Draft]:
    entries = [finding(location=Location(FCT, line, line), evidence=str(line)) for line in range(1, number + 1)]
    return [
        Draft(entry, inline_comment(entry, review([entry])), inline_comment(entry, review([entry]), on_file=True))
        for entry in entries
    ]


def publish(github: FakeGitHub, several: Sequence[Draft]) -> Published | NotPublished:
    return publish_inline(github, several, "c0ffee", read_finding)


def findings_of(github: FakeGitHub) -> list[str | None]:
    return [read_finding(each.body) for each in github.inline]


def prints(several: Sequence[Draft]) -> list[str]:
    return [draft.finding.fingerprint for draft in several]


def test_nothing_to_say_asks_nothing() -> None:
    github = FakeGitHub()
    assert publish(github, []) == Published("inline comments")
    assert github.writes == []


def test_each_finding_once_and_only_once() -> None:
    github = FakeGitHub()
    for number in (2, 3, 3):
        publish(github, drafts(number))
    assert findings_of(github) == prints(drafts(3))
    assert github.writes == ["review", "review"]


def test_a_marker_of_somebody_else_counts_for_nothing() -> None:
    (draft,) = drafts(1)
    github = FakeGitHub(inline=[posted(draft.body, "eve")])
    publish(github, [draft])
    assert len(github.inline) == 2


def test_many_go_in_batches() -> None:
    github = FakeGitHub()
    publish(github, drafts(2 * BATCH + 1))
    assert github.writes == ["review"] * 3
    assert findings_of(github) == prints(drafts(2 * BATCH + 1))


def test_what_no_line_takes_goes_to_the_file() -> None:
    several = drafts(3)
    github = FakeGitHub(refuses=frozenset({several[1].body}))
    assert publish(github, several) == Published("inline comments")
    assert github.writes == ["review", "line", "line", "file", "line"]
    assert sorted(map(str, findings_of(github))) == sorted(prints(several))


def test_what_nothing_takes_is_named() -> None:
    several = drafts(3)
    github = FakeGitHub(refuses=frozenset({several[1].body}), refuses_files=True)
    outcome = publish(github, several)
    assert outcome == Published("inline comments", left_out=(several[1].finding.fingerprint,))
    assert len(github.inline) == 2


@pytest.mark.parametrize("arrives", [0, 1, 2])
def test_a_lost_answer_repeats_nothing(arrives: int) -> None:
    github = FakeGitHub(fails=[GitHubError("502")], arrives=arrives)
    assert publish(github, drafts(2)) == Published("inline comments")
    assert sorted(map(str, findings_of(github))) == sorted(prints(drafts(2)))


@pytest.mark.parametrize("error", [Forbidden("read only"), RateLimited("wait")])
def test_a_refusal_of_all_says_why(error: GitHubError) -> None:
    github = FakeGitHub(fails=[error])
    assert publish(github, drafts(2)) == NotPublished("inline comments", str(error))
    assert github.writes == ["review"]
