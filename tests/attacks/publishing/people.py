"""What people do to a pull request, as GitHub stores it. Threads are meant by number, counted round and round."""

from typing import Literal

from review.render import markers
from tests.attacks.publishing.stage import Stage
from tests.github_server.state import BOT, Comment

Who = Literal["ana", "eve"]
"""Who may write to the repository, and who may not."""


def ours(stage: Stage) -> list[Comment]:
    """The comments that opened threads of ours, whatever became of their texts."""
    return [comment for comment in stage.inline if comment.login == BOT and "in_reply_to_id" not in comment.place]


def subject(comment: Comment) -> str | None:
    """The fingerprint in a comment of ours, also where another one took its place: people are heard there, too."""
    return markers.read_finding(comment.body) or markers.read_retired(comment.body)


def _of(stage: Stage, number: int) -> Comment | None:
    found = ours(stage)
    return found[number % len(found)] if found else None


def resolve(stage: Stage, number: int, who: Who) -> None:
    """Resolve a thread of ours."""
    if comment := _of(stage, number):
        stage.repository.resolved.setdefault(comment.id, who)


def reopen(stage: Stage, number: int) -> None:
    """Take a resolution back, or show again what was folded away."""
    if comment := _of(stage, number):
        stage.repository.resolved.pop(comment.id, None)
        stage.repository.minimized.discard(comment.id)


def reply(stage: Stage, number: int, who: Who, body: str) -> None:
    """Write in a thread of ours."""
    if comment := _of(stage, number):
        stage.repository.add_reply(stage.pull.number, comment.id, who, body)


def say(stage: Stage, who: Who, body: str) -> None:
    """Write in the conversation."""
    stage.repository.add_summary(stage.pull.number, who, body)


def edit(stage: Stage, number: int, *, keeps_marker: bool) -> None:
    """Edit our comment, as whoever may write to the repository can."""
    if comment := _of(stage, number):
        comment.body = f"Edited.\n\n{comment.body}" if keeps_marker else "Edited."


def delete(stage: Stage, number: int) -> None:
    """Delete our comment. Replies to it stay."""
    if comment := _of(stage, number):
        stage.inline.remove(comment)


def delete_summary(stage: Stage) -> None:
    """Delete our summary."""
    stage.conversation[:] = [comment for comment in stage.conversation if comment.login != BOT]


def spoil_summary(stage: Stage, state: str) -> None:
    """Put something else where the state is in our summary."""
    for comment in stage.conversation:
        if comment.login == BOT:
            kept = [line for line in comment.body.split("\n") if not line.startswith("<!-- data-review:state")]
            comment.body = "\r\n".join([*kept, state])


def forge(stage: Stage, number: int, who: Who) -> None:
    """Post our markers under another name: the finding's on a file, the summary's in the conversation."""
    comment = _of(stage, number)
    if comment is None:
        return
    place = {**comment.place, "subject_type": "file"}
    stage.inline.append(Comment(stage.repository.next_id(), who, comment.body, place, comment.merge_base))
    say(stage, who, f"{markers.SUMMARY}\n<!-- data-review:state {{}} -->")
    fingerprint = subject(comment) or "0" * 16
    reply(stage, number, who, f"Fixed.\n\n{markers.closed_marker(fingerprint)}")
