"""Comments on the diff as they live on: each test is a story on the strict fake of GitHub, told in this process."""

from pathlib import Path
from typing import Any

import pytest

from review.domain.conversation import Thread
from review.domain.verdict import Suppressed
from review.publish.base import NotPublished, Published
from review.render.markers import finding_marker, read_retired, read_state
from tests.github_server import graphql
from tests.github_server.faults import Fault
from tests.github_server.server import READS, RESOLVES, WRITES, GitHubServer
from tests.github_server.state import BOT
from tests.unit.publish.scene import NUMBER, PATH, Scene, text

OTHER = "models/other.sql"


@pytest.fixture
def scene(tmp_path: Path, github: GitHubServer) -> Scene:
    """Two findings, published."""
    made = Scene(tmp_path, github)
    made.push({PATH: text("a", "b")})
    assert all(isinstance(each, Published) for each in made.publish())
    github.requests.clear()
    return made


def thread(scene: Scene, name: str) -> Thread:
    first = scene.comment_of(name)
    return next(each for each in scene.threads if each.first.id == first.id)


def test_a_thread_as_it_is_read(scene: Scene) -> None:
    scene.say(scene.comment_of("a"), "Why?")
    scene.repository.resolved[scene.comment_of("a").id] = "ana"
    found = thread(scene, "a")
    assert (found.path, found.line, found.start_line, found.is_on_file) == (PATH, 7, None, False)
    assert [each.author for each in found.remarks] == [BOT, "ana"]
    assert (found.is_resolved, found.resolved_by, found.can_resolve, found.is_whole) == (True, "ana", False, True)
    assert found.first.can_minimize


def test_the_same_head_again_writes_nothing(scene: Scene) -> None:
    scene.publish()
    assert [each for each in scene.writes if each != "POST graphql"] == []
    assert len(scene.server.requests) == 4, "summaries twice, who we are, threads"


def test_lines_that_move_take_their_thread_along(scene: Scene) -> None:
    scene.push({PATH: "select 'first'\n" + text("a", "b")})
    scene.publish()
    assert scene.shown == ["a", "b"]
    assert len(scene.repository.inline[NUMBER]) == 2
    assert thread(scene, "a").line == 8


def test_a_finding_whose_line_was_touched_is_followed(scene: Scene) -> None:
    old = scene.comment_of("a")
    scene.push({PATH: text("a", "b").replace("select x -- BAD a", "select y -- BAD a")})
    scene.publish()
    assert scene.shown == ["a", "b"]
    assert read_retired(old.body)
    assert old.id in scene.repository.minimized
    assert scene.comment_of("a").id != old.id


def test_it_is_not_followed_away_from_what_people_said(scene: Scene) -> None:
    scene.say(scene.comment_of("a"), "We know.")
    scene.push({PATH: text("a", "b").replace("select x -- BAD a", "select y -- BAD a")})
    scene.publish()
    assert scene.shown == ["b"]
    assert len(scene.repository.inline[NUMBER]) == 3


@pytest.mark.parametrize("may_resolve", [False, True])
def test_what_is_fixed_is_closed_once(scene: Scene, may_resolve: bool) -> None:
    fixed = scene.comment_of("a")
    scene.push({PATH: text("b")})
    token = RESOLVES if may_resolve else None
    for _ in range(2):
        scene.publish(*([token] if token else []))
    replies = [each for each in scene.repository.inline[NUMBER] if each.place.get("in_reply_to_id") == fixed.id]
    assert [scene.pull.head_sha[:7] in each.body for each in replies] == [True]
    assert (fixed.id in scene.repository.resolved) == may_resolve
    assert (fixed.id in scene.repository.minimized) != may_resolve
    assert scene.shown == ["b"]
    assert "1 not found any more" in scene.summary


@pytest.mark.parametrize("may_resolve", [False, True])
def test_a_closed_thread_that_a_person_opens_again_stays_open(scene: Scene, may_resolve: bool) -> None:
    token = RESOLVES if may_resolve else WRITES
    fixed = scene.comment_of("a").id
    scene.push({PATH: text("b")})
    scene.publish(token)
    scene.repository.resolved.pop(fixed, None)
    scene.repository.minimized.discard(fixed)
    for more in ("c", "d"):
        scene.publish(token)
        assert fixed not in {*scene.repository.resolved, *scene.repository.minimized}
        scene.push({PATH: text("b", more)})
    scene.publish(token, inline=False)
    scene.publish(token)
    assert fixed not in {*scene.repository.resolved, *scene.repository.minimized}


def test_a_fix_that_is_reverted_is_a_new_thread(scene: Scene) -> None:
    scene.push({PATH: text("b")})
    scene.publish(RESOLVES)
    scene.push({PATH: text("a", "b")})
    scene.publish(RESOLVES)
    scene.publish(RESOLVES)
    assert scene.shown == ["a", "b"]
    assert len([each for each in scene.threads if "BAD a" in each.first.body]) == 2
    assert "not found any more" not in scene.summary


def test_what_a_person_resolved_stays_resolved_whatever_is_pushed(scene: Scene) -> None:
    scene.repository.resolved[scene.comment_of("a").id] = "ana"
    for files in (
        {PATH: "select 'first'\n" + text("a", "b")},
        {PATH: text("a", "b").replace("select x -- BAD a", "select y -- BAD a")},
        {PATH: text("b")},
        {PATH: text("a", "b")},
    ):
        scene.push(files)
        scene.publish()
    assert scene.shown == ["b"]
    assert [each.login for each in scene.repository.inline[NUMBER]] == [BOT, BOT]
    assert "1 resolved by a person" in scene.summary


def test_what_a_person_deleted_is_not_posted_again(scene: Scene) -> None:
    scene.repository.delete(scene.repository.inline, scene.comment_of("a").id)
    for files in ({PATH: text("a", "b", "c")}, {PATH: text("b")}, {PATH: text("a", "b")}):
        scene.push(files)
        scene.publish()
    assert scene.shown == ["b"]


def test_a_comment_whose_marker_a_person_took_is_not_posted_again(scene: Scene) -> None:
    scene.comment_of("a").body = "nothing to see, BAD a"
    scene.publish()
    assert scene.shown == ["b"]
    assert "1 removed by a person" in scene.summary


def test_a_rebase_with_a_forced_push_changes_nothing(scene: Scene) -> None:
    base = scene.pull.base_sha
    scene.push({PATH: text("a", "b"), "README.md": "x\n"}, onto=base)
    scene.publish()
    assert scene.shown == ["a", "b"]
    assert len(scene.repository.inline[NUMBER]) == 2


def test_a_renamed_file_keeps_its_findings(scene: Scene) -> None:
    scene.push({OTHER: text("a", "b")}, delete=[PATH])
    scene.publish()
    assert scene.shown == ["a", "b"]
    assert len(scene.repository.inline[NUMBER]) == 4
    assert {each.path for each in scene.threads if not each.is_outdated} == {OTHER}


def test_a_file_that_leaves_the_pull_request(scene: Scene) -> None:
    scene.push({PATH: text(), OTHER: text("c")})
    scene.publish()
    assert scene.shown == ["c"]
    said = [each.body for each in scene.repository.inline[NUMBER] if "in_reply_to_id" in each.place]
    assert ["does not change the file any more" in each for each in said] == [True, True]


def test_what_is_ignored_is_told_in_its_thread(scene: Scene) -> None:
    made = scene.review()
    first, second = made.findings
    left = scene.review(suppressed=[Suppressed(first, "ignored on this pull request by ana: small")])
    scene.publish(made=type(left)(**{**vars(left), "findings": (second,)}))
    assert scene.shown == ["b"]
    assert any("ignored on this pull request by ana" in each.body for each in scene.repository.inline[NUMBER])


def test_two_runs_at_once_leave_one_of_each(scene: Scene, tmp_path: Path) -> None:
    """The other run posts after we have read and before we post."""
    scene.push({PATH: text("a", "b", "c")})
    made, other = scene.review(), scene.client()

    class Slow(type(other)):  # type: ignore[misc]
        def create_review(self, head_sha, comments):  # type: ignore[no-untyped-def]
            scene.publish(made=made)
            super().create_review(head_sha, comments)

        def create_summary(self, body: str):  # type: ignore[no-untyped-def]
            raise AssertionError("one stands there")

    from review.publish.pull_request import Wish, publish_review

    slow = Slow(scene.server.api_url, "ghs_mayWriteComments0000000000000000000", "shop/data-platform", NUMBER, pause=0)
    publish_review(slow, made, Wish())
    assert scene.shown == ["a", "b", "c"]
    assert len(scene.repository.inline[NUMBER]) == 3
    scene.publish()
    assert len(scene.repository.inline[NUMBER]) == 3


def test_who_edited_a_comment(scene: Scene) -> None:
    first = scene.comment_of("a")
    scene.say(first, "Why?")
    reply = scene.repository.inline[NUMBER][-1]
    for by_first, by_reply, expected in (
        ("", "", (False, False)),
        (BOT, "ana", (False, False)),
        ("mia", "ana", (True, False)),
        (BOT, "mia", (False, True)),
    ):
        for comment, login in ((first, by_first), (reply, by_reply)):
            if login:
                comment.edit(login, comment.body)
        assert tuple(each.is_edited for each in thread(scene, "a").remarks) == expected
    reply.edit("", reply.body)
    assert thread(scene, "a").remarks[1].is_edited, "by an account that is deleted"
    (summary,) = scene.client().summaries()
    assert not summary.is_edited
    assert scene.client().edit_summary(summary, "x").is_edited
    scene.server.faults.append(Fault("POST", "/graphql", 404, times=99))
    assert [each.is_edited for each in thread(scene, "a").remarks] == [True, True]


def test_what_stands_in_a_draft_review_of_ours_is_not_there_yet(scene: Scene) -> None:
    """GitHub shows a draft's threads to its author, and to nobody else."""
    scene.push({PATH: text("a", "b", "c")})
    (added,) = [each for each in scene.review().findings if each.evidence == "c"]
    scene.repository.pending[BOT] = (9, (f"**High**\n\n{finding_marker(added)}",))
    scene.publish()
    assert scene.repository.pending == {}
    assert [(each.first.author, each.is_on_file) for each in scene.threads] == [(BOT, False)] * 3
    assert scene.shown == ["a", "b", "c"]


def test_a_persons_unsent_reply_is_none(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a person's token, a reply in a draft of theirs is shown to us as well."""
    scene.say(scene.comment_of("a"), "Why?")
    real = graphql.answer

    def answer(*given: Any) -> Any:
        made = real(*given)
        if "repository" in made["data"]:
            nodes = made["data"]["repository"]["pullRequest"]["reviewThreads"]["nodes"]
            nodes[0]["comments"]["nodes"][-1]["state"] = "PENDING"
        return made

    monkeypatch.setattr(graphql, "answer", answer)
    found = thread(scene, "a")
    assert (len(found.remarks), found.is_whole) == (1, True)


def test_threads_come_in_pages(scene: Scene) -> None:
    names = [f"n{number:03}" for number in range(130)]
    scene.push({PATH: text(*names)})
    scene.publish(most_inline=100)
    assert len(scene.threads) == 102
    posted = len(scene.writes)
    scene.publish(most_inline=100)
    assert [each for each in scene.writes[posted:] if each != "POST graphql"] == []
    assert scene.writes.count("POST pulls/7/reviews") == 4


def test_where_there_is_no_graphql_nothing_is_posted_twice_or_closed(scene: Scene) -> None:
    scene.server.faults.append(Fault("POST", "/graphql", 404, times=99))
    scene.push({PATH: text("b", "c")})
    scene.publish()
    assert len(scene.repository.inline[NUMBER]) == 3
    scene.publish()
    assert len(scene.repository.inline[NUMBER]) == 3
    assert [(each.node, each.line) for each in scene.client().threads()] == [("", None), ("", 7), ("", 8)]


def test_a_locked_conversation_is_said_in_one_sentence(scene: Scene) -> None:
    scene.pull.locked = True
    scene.push({PATH: text("a", "b", "c")})
    inline, _ = scene.publish()
    assert isinstance(inline, NotPublished)
    assert "the conversation is locked (403); unlock it" in inline.reason


def test_a_token_that_may_only_read_changes_nothing(scene: Scene) -> None:
    scene.push({PATH: text("b", "c")})
    outcomes = scene.publish(READS)
    assert all(isinstance(each, NotPublished) for each in outcomes)
    assert len(scene.repository.inline[NUMBER]) == 2


def test_a_persons_token_keeps_its_own_words_apart(tmp_path: Path, github: GitHubServer) -> None:
    github.login = "ana"
    scene = Scene(tmp_path, github)
    scene.push({PATH: text("a")})
    scene.publish(RESOLVES)
    scene.say(scene.comment_of("a"), "I looked at it.", "ana")
    scene.push({PATH: text("a").replace("select x", "select y")})
    scene.publish(RESOLVES)
    assert len(scene.repository.inline[NUMBER]) == 2, "somebody answered, though by our account"
    scene.push({PATH: text("b")})
    scene.publish(RESOLVES)
    assert scene.shown == ["b"]
    assert "1 not found any more" in scene.summary


@pytest.mark.parametrize("damage", ["{}", "[" * 5_000, "x" * 60_000, '{"v":99}'])
def test_a_damaged_state_is_written_anew(scene: Scene, damage: str) -> None:
    (comment,) = scene.repository.conversation[NUMBER]
    comment.body = f"x\n<!-- data-review:summary -->\n<!-- data-review:state {damage} -->"[:65_536]
    scene.publish()
    state = read_state(scene.summary)
    assert state is not None
    assert len(state.posted) == 2
    assert scene.shown == ["a", "b"]
