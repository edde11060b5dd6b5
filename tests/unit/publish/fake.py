"""A pull request to be written to, behind the interface that publishers know; tests/github_server is the strict one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from review.domain.conversation import Remark, Thread
from review.errors import GitHubError, NotFound, Unprocessable
from review.github.base import InlineComment, PendingReview, PostedComment
from tests.unit.publish.conversations import US


def posted(body: str, author: str = US, number: int = 1) -> PostedComment:
    return PostedComment(id=number, author=author, body=body, url=f"https://github.com/c/{number}")


@dataclass
class FakeGitHub:
    """Keeps what is written; `fails` are raised by the next writes, after or before they take effect."""

    comments: list[PostedComment] = field(default_factory=list)
    standing: list[Thread] = field(default_factory=list)
    fails: list[GitHubError] = field(default_factory=list)
    arrives: int = 0
    """How many comments of a failing request are posted all the same."""
    refuses: Callable[[str], bool] = lambda body: False
    """Whether no line takes that text."""
    refuses_files: bool = False
    keeps_some: bool = False
    """Whether a refused review leaves the comments that were in order behind: reports differ."""
    can_resolve: bool = True
    writes: list[str] = field(default_factory=list)
    reads: int = 0
    count: int = 1000

    def login(self) -> str:
        return US

    def summaries(self) -> Sequence[PostedComment]:
        return list(self.comments)

    def inline_comments(self) -> Sequence[PostedComment]:
        return [posted(each.body, each.author, each.id) for thread in self.standing for each in thread.remarks]

    def threads(self) -> Sequence[Thread]:
        self.reads += 1
        return list(self.standing)

    def create_summary(self, body: str) -> PostedComment:
        self._begin("create", lambda: self.comments.append(posted(body, number=self._number())))
        return self.comments[-1]

    def edit_summary(self, comment: PostedComment, body: str) -> PostedComment:
        made = replace(comment, body=body)
        self._begin("edit", lambda: self.comments.__setitem__(self.comments.index(comment), made))
        return made

    def delete_summary(self, comment: PostedComment) -> None:
        self._begin("delete", lambda: self.comments.remove(comment))

    def create_review(self, head_sha: str, comments: Sequence[InlineComment]) -> None:
        refused = [each for each in comments if self.refuses(each.body)]
        if refused:
            self.writes.append(f"review {len(comments)}")
            if self.keeps_some:
                self.standing += [self._thread(each) for each in comments if each not in refused]
            raise Unprocessable("a line is outside the diff")
        kept = comments[: self.arrives] if self.fails else comments
        self._begin(f"review {len(comments)}", lambda: self.standing.extend(self._thread(each) for each in kept))

    def create_file_comment(self, head_sha: str, path: str, body: str) -> None:
        if self.refuses_files:
            self.writes.append("file")
            raise Unprocessable("the file is not in the diff")
        made = Thread(path, (self._remark(body),), is_on_file=True, node=f"T{self.count}", can_resolve=self.can_resolve)
        self._begin("file", lambda: self.standing.append(made))

    def reply(self, comment_id: int, body: str) -> PostedComment:
        thread = self._opened_by(comment_id)
        made = self._remark(body)
        self._begin("reply", lambda: self._put(thread, replace(thread, remarks=(*thread.remarks, made))))
        return posted(body, number=made.id)

    def react(self, comment_id: int, content: str, *, on_diff: bool) -> None:
        raise AssertionError(comment_id)

    def edit_inline(self, comment_id: int, body: str) -> None:
        thread = self._opened_by(comment_id)
        first = replace(thread.first, body=body)
        self._begin("edit inline", lambda: self._put(thread, replace(thread, remarks=(first, *thread.replies))))

    def delete_inline(self, comment_id: int) -> None:
        thread = self._opened_by(comment_id)
        self._begin("delete inline", lambda: self.standing.remove(thread))

    def resolve(self, thread: Thread) -> None:
        now = self._opened_by(thread.first.id)
        self._begin("resolve", lambda: self._put(now, replace(now, is_resolved=True, resolved_by="github-actions")))

    def minimize(self, remark: Remark) -> None:
        now = self._opened_by(remark.id)
        first = replace(now.first, is_minimized=True)
        self._begin("minimize", lambda: self._put(now, replace(now, remarks=(first, *now.replies))))

    def pending_reviews(self) -> Sequence[PendingReview]:
        return ()

    def delete_pending_review(self, review_id: int) -> None:
        raise AssertionError(review_id)

    def _begin(self, name: str, effect: Callable[[], object]) -> None:
        self.writes.append(name)
        error = self.fails.pop(0) if self.fails else None
        if error is None or self.arrives:
            effect()
        if error is not None:
            raise error

    def _number(self) -> int:
        self.count += 1
        return self.count

    def _remark(self, body: str) -> Remark:
        number = self._number()
        return Remark(number, US, body, f"C{number}", can_minimize=True)

    def _thread(self, comment: InlineComment) -> Thread:
        where = comment.location
        first = self._remark(comment.body)
        return Thread(
            where.path,
            (first,),
            where.end_line,
            where.line,
            where.side,
            node=f"T{first.id}",
            can_resolve=self.can_resolve,
        )

    def _opened_by(self, number: int) -> Thread:
        found = next((each for each in self.standing if each.first.id == number), None)
        if found is None:
            raise NotFound("it is gone")
        return found

    def _put(self, old: Thread, new: Thread) -> None:
        self.standing[self.standing.index(old)] = new
