"""One pull request, the pushes to it, the people at it and the runs for it, each by a name and two numbers."""

from collections.abc import Callable
from dataclasses import dataclass, field

from review.commands.ignoring import standing_ignores
from review.domain.conversation import Ignores
from review.github.pull_request import PullRequestClient
from review.github.reader import Reader
from review.intake.commands import Ignore, parse_command
from tests.attacks.publishing import people, promises
from tests.attacks.publishing.change import NAME, NUMBER, SMELL, Branch, Seen, plain, review_of, smell_of
from tests.attacks.publishing.history import History
from tests.attacks.publishing.stage import Stage, failures
from tests.attacks.publishing.wire import Killed, interrupted_at, killed_after, tapped
from tests.github_server.server import RESOLVES, GitHubServer

BASE = {"a.sql": plain("a"), "m/b.sql": plain("b"), "c.sql": plain("c", 6)}
SMELLS = tuple(f"s{number}" for number in range(6))
STATES = (
    "",
    "<!-- data-review:state {} -->",
    '<!-- data-review:state {"v":99} -->',
    f"<!-- data-review:state {'9' * 60_000} -->",
    '<!-- data-review:state {"v":2,"head":"' + "0" * 40 + '","fingerprints":[],"complete":true,"posted":{"x":-1}} -->',
)
Step = tuple[str, int, int]
"""What happens, and two numbers that say where."""


@dataclass
class World:
    """One pull request, and the one who does what a sequence says."""

    server: GitHubServer
    history: History
    may_resolve: bool
    branch: Branch = field(init=False)
    stage: Stage = field(init=False)
    count: int = 0

    def __post_init__(self) -> None:
        self.branch = Branch(self.history, BASE, {**BASE, "a.sql": (f"{SMELL}s0", *BASE["a.sql"])})
        self.stage = Stage(self.server, self.branch, self.may_resolve)

    def take(self, step: Step) -> None:
        name, one, two = step
        if change := PUSHES.get(name):
            change(self, one, two)
            (self.branch.squash if two % 4 == 3 else self.branch.push)()
            self.stage.show()
        elif act := DOINGS.get(name):
            act(self, one, two)
        else:
            RUNS[name](self, one, two)

    # What a push brings.

    def path(self, number: int) -> str:
        paths = sorted(path for path in self.branch.files)
        return paths[number % len(paths)]

    def smelling(self, number: int) -> tuple[str, int] | None:
        places = [
            (path, line)
            for path in sorted(self.branch.files)
            for line, text in enumerate(self.branch.files[path])
            if smell_of(text)
        ]
        return places[number % len(places)] if places else None

    def replace(self, path: str, start: int, stop: int, *lines: str) -> None:
        old = self.branch.files[path]
        self.branch.files[path] = (*old[:start], *lines, *old[stop:])

    def smell(self, one: int, two: int) -> None:
        there = {smell_of(text) for lines in self.branch.files.values() for text in lines}
        free = [name for name in SMELLS if name not in there]
        if free:
            path = self.path(one)
            place = two % (len(self.branch.files[path]) + 1)
            self.replace(path, place, place, f"{SMELL}{free[one % len(free)]}")

    def fix(self, one: int, two: int) -> None:
        if found := self.smelling(one):
            self.replace(found[0], found[1], found[1] + 1)

    def touch(self, one: int, two: int) -> None:
        """The line is another, the defect the same."""
        if found := self.smelling(one):
            path, line = found
            self.count += 1
            self.replace(path, line, line + 1, f"{SMELL}{smell_of(self.branch.files[path][line])} -- {self.count}")

    def shift(self, one: int, two: int) -> None:
        path = self.path(one)
        if two % 2:
            self.replace(path, 0, 0, *(f"-- {self.count} {number}" for number in range(1 + two % 5)))
        elif not smell_of(self.branch.files[path][0]):
            self.replace(path, 0, 1)

    def rename(self, one: int, two: int) -> None:
        path = self.path(one)
        self.branch.files[f"r{two % 3}/{path.rpartition('/')[2]}"] = self.branch.files.pop(path)

    def remove(self, one: int, two: int) -> None:
        if len(self.branch.files) > 1:
            del self.branch.files[self.path(one)]

    def restore(self, one: int, two: int) -> None:
        path = sorted(BASE)[one % len(BASE)]
        self.branch.files[path] = self.branch.base_files[path]

    # What people do.

    def ignore(self, one: int, two: int) -> None:
        who: people.Who = "ana" if two % 2 else "eve"
        people.reply(self.stage, one, who, "/data-review ignore backfilled by hand")

    def ignore_rule(self, one: int, two: int) -> None:
        who: people.Who = "ana" if two % 2 else "eve"
        people.say(self.stage, who, f"/data-review ignore SQL00{1 + one % 3} agreed on")

    # Runs.

    def seen(self, one: int, two: int) -> Seen:
        unseen = frozenset({self.path(two)}) if one % 3 == 1 else frozenset()
        unwanted = frozenset({SMELLS[two % len(SMELLS)]}) if one % 3 == 2 else frozenset()
        return Seen(unseen, unwanted, self.ignores())

    def ignores(self) -> Ignores:
        client = PullRequestClient(self.server.url, RESOLVES, NAME, NUMBER, pause=0.0)
        reader = Reader(self.server.url, RESOLVES)
        return standing_ignores(client, lambda login: reader.role(NAME, login), "write")

    def quiet(self, one: int, two: int) -> None:
        """A run that nothing disturbs."""
        seen = self.seen(one, two)
        assert self.ignored(seen.ignores) == self.should_be_ignored()
        was, review = promises.before(self.stage), review_of(self.branch, seen)
        outcomes = self.stage.run(seen)
        assert not failures(outcomes), outcomes
        promises.check(self.stage, review, was)
        promises.check_closed(self.stage, review, was, seen.unseen)

    def nothing_is_left(self) -> None:
        """A run of the same head has nothing to write."""
        count = len(self.server.writes)
        self.stage.run(self.seen(0, 0))
        assert self.server.writes[count:] == []

    def killed(self, one: int, two: int) -> None:
        with tapped(after=killed_after(1 + one % 8)):
            try:
                self.stage.run(self.seen(two, one))
            except Killed:
                return

    def together(self, one: int, two: int) -> None:
        """Two runs of one head: the second one begins and ends while the first is between two of its requests."""
        seen = self.seen(0, 0)
        with tapped(before=interrupted_at(1 + one % 12, lambda: self.stage.run(seen))):
            self.stage.run(seen)

    def overtaken(self, one: int, two: int) -> None:
        """Somebody pushes while a run is on its way; a run of the new head may come and end meanwhile."""

        def push() -> None:
            self.smell(one, two)
            self.branch.push()
            self.stage.show()
            if two % 2:
                self.stage.run(self.seen(0, 0))

        seen = self.seen(0, 0)
        with tapped(before=interrupted_at(1 + one % 12, push)):
            self.stage.run(seen)

    # What the commands on the pull request should do.

    def ignored(self, ignores: Ignores) -> set[str]:
        return {f.fingerprint for f in review_of(self.branch).findings if ignores.reason(f) is not None}

    def should_be_ignored(self) -> set[str]:
        opened = {comment.id: people.subject(comment) for comment in people.ours(self.stage)}
        named, codes = set(), set()
        for comment in self.stage.inline:
            if comment.login == "ana" and isinstance(parse_command(comment.body), Ignore):
                named.add(opened.get(comment.place.get("in_reply_to_id", 0)))
        for comment in self.stage.conversation:
            command = parse_command(comment.body)
            if comment.login == "ana" and isinstance(command, Ignore):
                codes.add(command.subject)
        return {f.fingerprint for f in review_of(self.branch).findings if f.fingerprint in named or f.code in codes}


Doing = Callable[[World, int, int], None]
PUSHES: dict[str, Doing] = {
    "smell": World.smell,
    "fix": World.fix,
    "touch": World.touch,
    "shift": World.shift,
    "rename": World.rename,
    "remove": World.remove,
    "restore": World.restore,
}


def _rebase(world: World, one: int, two: int) -> None:
    world.branch.rebase()
    world.stage.show()


def _move_base(world: World, one: int, two: int) -> None:
    world.branch.move_base(sorted(BASE)[one % len(BASE)])
    world.stage.show()


DOINGS: dict[str, Doing] = {
    "rebase": _rebase,
    "move base": _move_base,
    "ignore": World.ignore,
    "ignore rule": World.ignore_rule,
    "resolve": lambda world, one, two: people.resolve(world.stage, one, "ana" if two % 2 else "eve"),
    "reopen": lambda world, one, two: people.reopen(world.stage, one),
    "reply": lambda world, one, two: people.reply(world.stage, one, "eve", "Why?"),
    "edit": lambda world, one, two: people.edit(world.stage, one, keeps_marker=bool(two % 2)),
    "delete": lambda world, one, two: people.delete(world.stage, one),
    "delete summary": lambda world, one, two: people.delete_summary(world.stage),
    "spoil summary": lambda world, one, two: people.spoil_summary(world.stage, STATES[one % len(STATES)]),
    "forge": lambda world, one, two: people.forge(world.stage, one, "ana" if two % 2 else "eve"),
}
RUNS: dict[str, Doing] = {
    "quiet": World.quiet,
    "killed": World.killed,
    "together": World.together,
    "overtaken": World.overtaken,
}
