"""What is done about comments, by a fake of the interface; requests and failures of GitHub's are in tests/e2e."""

from dataclasses import replace

import pytest

from review.domain.artifact import Kind
from review.domain.conversation import Account, Thread
from review.domain.finding import Location
from review.domain.verdict import Review, Suppressed
from review.errors import Forbidden, GitHubError, RateLimited, Unprocessable
from review.publish.base import NotPublished, Outcome, Published
from review.publish.comment import ours as our_summary
from review.publish.comment import publish_summary, same
from review.publish.inline import Inline, publish_inline
from review.publish.patience import TRIES, Patience
from review.publish.post import BATCH
from review.publish.pull_request import Wish, publish_review
from review.publish.tidy import MOST
from review.render.markers import SUMMARY, is_summary, read_closed, read_finding, read_retired, read_state
from tests.unit.publish.conversations import US, answered, first_body, ours, outdated, theirs
from tests.unit.publish.fake import FakeGitHub, posted
from tests.unit.render.builders import FCT, artifact, changed, finding, review
from tests.unit.render.examples import irrelevant

BODY = f"new\n{SUMMARY}"


def whole(number: int, **changes: object) -> Review:
    """A review with that many findings, each on a line of its own."""
    found = [finding(location=Location(FCT, line, line), evidence=str(line)) for line in range(1, number + 1)]
    return review(found, [artifact(FCT, Kind.DBT_MODEL, file=changed(FCT, lines=500))], **changes)


def publish(github: FakeGitHub, made: Review, writes: int = 200) -> Inline:
    patience = Patience(lambda: 0.0, lambda seconds: None, writes=writes)
    return publish_inline(github, made, list(made.findings), Account(), patience)


def shown(github: FakeGitHub) -> list[str]:
    return sorted(str(read_finding(each.first.body)) for each in github.standing)


def prints(made: Review) -> list[str]:
    return sorted(each.fingerprint for each in made.findings)


def done(result: Inline) -> Outcome:
    return result.outcomes[0]


def test_the_first_summary_is_created() -> None:
    github = FakeGitHub([posted("somebody's words", "ana")])
    assert publish_summary(github, BODY, is_summary) == Published("summary comment", "https://github.com/c/1001")
    assert github.writes == ["create"]


def test_a_later_one_edits_it_and_the_same_one_does_nothing() -> None:
    github = FakeGitHub([posted(f"old\r\n{SUMMARY}\r\n")])
    assert isinstance(publish_summary(github, BODY, is_summary), Published)
    assert isinstance(publish_summary(github, BODY, is_summary), Published)
    assert github.writes == ["edit"]


def test_marker_and_author_make_it_ours() -> None:
    theirs_too, old, ours_too = posted(BODY, "eve"), posted("text"), posted(BODY, number=3)
    assert our_summary([theirs_too, old, ours_too, posted(BODY, number=4)], US, is_summary) is ours_too
    assert our_summary([theirs_too, old], US, is_summary) is None


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
    assert github.writes == ["create"]


def test_of_two_summaries_the_older_stays() -> None:
    github = FakeGitHub([posted(BODY, number=9), posted(f"old\n{SUMMARY}", number=8), posted(BODY, "eve", 7)])
    assert publish_summary(github, BODY, is_summary) == Published("summary comment", "https://github.com/c/8")
    assert [(each.id, each.author) for each in github.comments] == [(8, US), (7, "eve")]


def test_two_runs_that_both_create_one_leave_one() -> None:
    """Each has looked before the other posted."""

    class Twice(FakeGitHub):
        def create_summary(self, body: str) -> posted.__class__:  # type: ignore[valid-type]
            self.comments.append(posted(BODY, number=900))
            return super().create_summary(body)

    github = Twice()
    publish_summary(github, BODY, is_summary)
    assert [each.id for each in github.comments] == [900]


def test_nothing_found_and_nothing_there_writes_nothing() -> None:
    github = FakeGitHub(standing=[theirs()])
    assert publish(github, whole(0)).outcomes == (Published("inline comments"),)
    assert (github.writes, github.reads) == ([], 1)


def test_each_finding_once_and_only_once() -> None:
    github = FakeGitHub()
    for number in (2, 3, 3):
        publish(github, whole(number))
    assert shown(github) == prints(whole(3))
    assert github.writes == ["review 2", "review 1"]


def test_a_marker_of_somebody_else_counts_for_nothing() -> None:
    made = whole(1)
    github = FakeGitHub(standing=[first_body(ours(made.findings[0]), ours(made.findings[0]).first.body, "eve")])
    publish(github, made)
    assert github.writes == ["review 1"]


def test_many_go_in_batches_and_in_few_requests() -> None:
    github = FakeGitHub()
    publish(github, whole(2 * BATCH + 1))
    assert github.writes == ["review 25", "review 25", "review 1"]
    assert shown(github) == prints(whole(2 * BATCH + 1))
    assert github.reads == 2


@pytest.mark.parametrize("keeps_some", [False, True])
def test_what_no_line_takes_is_found_by_halving_and_goes_to_the_file(keeps_some: bool) -> None:
    made = whole(8)
    bad = made.findings[5].fingerprint
    github = FakeGitHub(refuses=lambda body: bad in body, keeps_some=keeps_some)
    assert done(publish(github, made)) == Published("inline comments")
    assert shown(github) == prints(made)
    (on_file,) = (each for each in github.standing if each.is_on_file)
    assert bad in on_file.first.body
    halves = ["review 8", "review 4", "review 4", "review 2", "review 1", "review 1", "review 2", "file"]
    assert sorted(github.writes) == (["file", "review 8"] if keeps_some else sorted(halves))


def test_what_nothing_takes_is_named() -> None:
    made = whole(3)
    bad = made.findings[1].fingerprint
    github = FakeGitHub(refuses=lambda body: bad in body, refuses_files=True)
    result = publish(github, made)
    assert done(result) == Published("inline comments", left_out=(bad,))
    assert bad not in result.account.commented
    assert len(github.standing) == 2


def test_a_diff_that_takes_nothing_costs_a_bounded_number_of_requests() -> None:
    github = FakeGitHub(refuses=lambda body: True, refuses_files=True)
    made = whole(100)
    result = publish(github, made, writes=60)
    assert len(github.writes) <= 60
    assert sorted(result.outcomes[0].left_out) == prints(made)  # type: ignore[union-attr]


@pytest.mark.parametrize("arrives", [0, 1, 2])
def test_a_lost_answer_repeats_nothing(arrives: int) -> None:
    github = FakeGitHub(fails=[GitHubError("502")], arrives=arrives)
    assert done(publish(github, whole(2))) == Published("inline comments")
    assert shown(github) == prints(whole(2))
    assert github.writes == ["review 2", f"review {2 - arrives}"][: 2 if arrives < 2 else 1]


def test_a_server_that_is_down_is_asked_a_few_times() -> None:
    github = FakeGitHub(fails=[GitHubError("502")] * 99)
    assert done(publish(github, whole(2))) == NotPublished("inline comments", "502")
    assert github.writes == ["review 2"] * 3


@pytest.mark.parametrize("error", [Forbidden("read only"), RateLimited("wait")])
def test_a_refusal_of_all_says_why(error: GitHubError) -> None:
    github = FakeGitHub(fails=[error])
    assert done(publish(github, whole(2))) == NotPublished("inline comments", str(error))
    assert github.writes == ["review 2"]


def test_a_finding_follows_its_lines_and_the_old_comment_is_retired() -> None:
    made = whole(1)
    github = FakeGitHub(standing=[outdated(ours(made.findings[0]))])
    publish(github, made)
    assert github.writes == ["review 1", "edit inline", "minimize"]
    old, new = github.standing
    assert read_retired(old.first.body) == read_finding(new.first.body) == made.findings[0].fingerprint
    publish(github, made)
    assert len(github.writes) == 3


@pytest.mark.parametrize(("can_resolve", "second"), [(True, "resolve"), (False, "minimize")])
def test_what_is_fixed_is_said_once_and_resolved_where_we_may(can_resolve: bool, second: str) -> None:
    (entry,) = whole(1).findings
    github = FakeGitHub(standing=[ours(entry, can_resolve=can_resolve)])
    for _ in range(2):
        result = publish(github, whole(0))
        assert result.account.gone == 1
    assert github.writes == ["reply", second]
    (thread,) = github.standing
    assert read_closed(thread.replies[0].body) == entry.fingerprint
    assert "Not found any more at" in thread.replies[0].body


def test_where_neither_is_allowed_our_word_is_all() -> None:
    thread = ours(whole(1).findings[0])
    github = FakeGitHub(standing=[replace(thread, remarks=(replace(thread.first, can_minimize=False),))])
    publish(github, whole(0))
    publish(github, whole(0))
    assert github.writes == ["reply"]


def test_what_is_suppressed_is_told_with_its_reason() -> None:
    (entry,) = whole(1).findings
    github = FakeGitHub(standing=[ours(entry)])
    publish(github, whole(0, suppressed=[Suppressed(entry, "waived by @dba: <b>small</b>")]))
    said = github.standing[0].replies[0].body
    assert said.startswith("➖ Does not count: waived by @\u200bdba: &lt;b&gt;small&lt;/b&gt;.")


@pytest.mark.parametrize(("arrives", "writes"), [(1, ["reply", "minimize"]), (0, ["reply", "reply", "minimize"])])
def test_a_reply_that_may_have_arrived_is_looked_for(arrives: int, writes: list[str]) -> None:
    github = FakeGitHub(standing=[ours(whole(1).findings[0])], fails=[GitHubError("502")], arrives=arrives)
    publish(github, whole(0))
    assert github.writes == writes
    assert len(github.standing[0].replies) == 1


def test_of_two_threads_of_one_finding_the_younger_goes() -> None:
    made = whole(1)
    (entry,) = made.findings
    github = FakeGitHub(standing=[ours(entry, 5), ours(entry, 4), answered(ours(entry, 6), "Why?")])
    publish(github, made)
    assert [each.first.id for each in github.standing] == [4, 6]
    assert read_retired(github.standing[1].first.body) == entry.fingerprint


def test_two_runs_that_both_post_leave_one_thread() -> None:
    class Twice(FakeGitHub):
        def create_review(self, head_sha, comments):  # type: ignore[no-untyped-def]
            super().create_review(head_sha, comments)
            super().create_review(head_sha, comments)

    github = Twice()
    made = whole(2)
    result = publish(github, made)
    assert shown(github) == prints(made)
    assert [each.first.id for each in github.standing] == sorted(result.account.posted.values()) == [1001, 1002]


def test_a_thread_that_is_deleted_while_it_is_closed_stops_nothing() -> None:
    first, second = whole(2).findings

    class Gone(FakeGitHub):
        def reply(self, comment_id: int, body: str):  # type: ignore[no-untyped-def]
            self.standing = [each for each in self.standing if each.first.id != 1]
            return super().reply(comment_id, body)

    github = Gone(standing=[ours(first, 1), ours(second, 2)])
    assert publish(github, whole(0)).outcomes[1] == Published("earlier threads")
    assert github.writes == ["reply", "minimize"]


def test_a_thread_that_github_will_not_change_stops_no_other() -> None:
    """Else the same one would stop all others at every run."""
    first, second, third = whole(3).findings

    class Stubborn(FakeGitHub):
        def reply(self, comment_id: int, body: str):  # type: ignore[no-untyped-def]
            if comment_id == 1:
                raise Unprocessable("not accepted")
            return super().reply(comment_id, body)

    github = Stubborn(standing=[ours(first, 1), ours(second, 2), ours(third, 3)])
    assert publish(github, whole(0)).outcomes[1] == NotPublished("earlier threads", "not accepted")
    assert github.writes == ["reply", "minimize"] * 2


def test_where_every_thread_fails_a_few_are_tried() -> None:
    class Down(FakeGitHub):
        def delete_inline(self, comment_id: int) -> None:
            self.writes.append("delete inline")
            raise GitHubError("it is down")

    (entry,) = whole(1).findings
    github = Down(standing=[ours(entry, number) for number in range(1, 20)])
    assert publish(github, whole(1)).outcomes[1] == NotPublished("earlier threads", "it is down")
    assert github.writes == ["delete inline"] * TRIES


def test_many_threads_are_closed_by_several_runs() -> None:
    github = FakeGitHub(standing=[ours(entry, number) for number, entry in enumerate(whole(MOST + 9).findings, 1)])
    (_, first) = publish(github, whole(0)).outcomes
    assert first == NotPublished("earlier threads", "9 of 59 are left for the next run, which closes them.")
    assert len(github.writes) == 2 * MOST
    (_, second) = publish(github, whole(0)).outcomes
    assert second == Published("earlier threads")
    assert github.writes.count("reply") == MOST + 9


def both(github: FakeGitHub, made: Review, **wish: object) -> list[Outcome]:
    return publish_review(github, made, Wish(**wish), clock=lambda: 0.0)  # type: ignore[arg-type]


def test_the_summary_comes_last_and_remembers_the_comments() -> None:
    github, made = FakeGitHub(), whole(2)
    both(github, made)
    assert github.writes == ["review 2", "create"]
    state = read_state(github.comments[0].body)
    assert state is not None
    assert dict(state.posted) == {str(read_finding(each.first.body)): each.first.id for each in github.standing}
    both(github, made)
    assert len(github.writes) == 2


def test_a_comment_that_somebody_deleted_is_never_posted_again() -> None:
    github, made = FakeGitHub(), whole(2)
    both(github, made)
    del github.standing[0]
    for _ in range(3):
        both(github, made)
    assert github.writes == ["review 2", "create", "edit"]
    assert "1 removed by a person" in github.comments[0].body


def test_a_resolved_thread_is_left_alone_and_told() -> None:
    github, made = FakeGitHub(), whole(2)
    both(github, made)
    github.standing[0] = replace(github.standing[0], is_resolved=True, resolved_by="ana")
    both(github, made)
    both(github, made)
    assert github.writes == ["review 2", "create", "edit"]
    assert "thread resolved by `ana`" in github.comments[0].body


def test_without_inline_comments_the_threads_are_left_and_remembered() -> None:
    github, made = FakeGitHub(), whole(2)
    both(github, made)
    before = read_state(github.comments[0].body)
    both(github, whole(1), inline=False)
    after = read_state(github.comments[0].body)
    assert github.writes == ["review 2", "create", "edit"]
    assert before is not None
    assert after is not None
    assert after.posted == before.posted


def test_where_the_threads_cannot_be_read_the_state_stays() -> None:
    class Blind(FakeGitHub):
        def threads(self):  # type: ignore[no-untyped-def]
            raise GitHubError("down")

    github, made = FakeGitHub(), whole(2)
    both(github, made)
    before = read_state(github.comments[0].body)
    blind = Blind(github.comments, github.standing)
    inline, _ = both(blind, made)
    assert inline == NotPublished("inline comments", "down")
    after = read_state(blind.comments[0].body)
    assert before is not None
    assert after is not None
    assert after.posted == before.posted


@pytest.mark.parametrize(("says", "writes"), [(["moved"], []), (["", "moved"], ["review 2"])])
def test_a_run_that_must_not_write_any_more_says_so(says: list[str], writes: list[str]) -> None:
    github = FakeGitHub()
    outcomes = publish_review(github, whole(2), Wish(), lambda: says.pop(0))
    assert outcomes[-1] == NotPublished("comments", "moved")
    assert github.writes == writes


def test_an_irrelevant_change_gets_no_summary_where_none_stands() -> None:
    github = FakeGitHub()
    both(github, irrelevant())
    assert github.writes == []


def test_stopped_after_any_write_the_next_run_ends_alike() -> None:
    """Old threads to be closed, retired and deleted, new ones to be posted: killed after the n-th write, each time."""
    made = whole(40)
    fixed = finding(evidence="fixed", location=Location(FCT, 90, 90))
    before = [
        outdated(ours(made.findings[0], 1)),
        ours(made.findings[1], 2),
        ours(made.findings[1], 3),
        ours(fixed, 4),
    ]

    def end(stops: list[int]) -> list[object]:
        github = FakeGitHub(standing=list(before))
        for stop in [*stops, 10_000]:
            github.writes.clear()
            killed = Killing(github, stop)
            try:
                publish_review(killed, made, Wish(most_inline=40), clock=lambda: 0.0)  # type: ignore[arg-type]
            except KeyboardInterrupt:
                continue
        return [sorted(state_of(each) for each in github.standing), len(github.comments)]

    whole_run = end([])
    for stop in range(1, 12):
        assert end([stop]) == whole_run, stop
        assert end([stop, 1]) == whole_run, stop


def state_of(thread: Thread) -> tuple[str, int, bool]:
    body = thread.first.body
    return str(read_finding(body) or read_retired(body)), len(thread.remarks), thread.is_resolved


class Killing:
    """Stops the run right after the n-th write took effect."""

    def __init__(self, github: FakeGitHub, stop: int) -> None:
        self._github, self._stop = github, stop

    def __getattr__(self, name: str) -> object:
        found = getattr(self._github, name)
        if not callable(found):
            return found

        def call(*arguments: object, **named: object) -> object:
            given = found(*arguments, **named)
            if len(self._github.writes) >= self._stop:
                raise KeyboardInterrupt
            return given

        return call


def test_between_a_lost_answer_and_a_look_github_is_given_time() -> None:
    waited: list[float] = []
    github = FakeGitHub(fails=[GitHubError("502")] * 2)
    publish_review(github, whole(2), Wish(), clock=lambda: 0.0, sleep=waited.append)
    assert waited == [1.0, 2.0]
    assert shown(github) == prints(whole(2))
