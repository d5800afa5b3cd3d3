"""Whole nodes as processes that faults strike: a web server and a worker each, and officers."""

import random
import signal
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import TracebackType

import msgspec

from federation import Node
from tests.federation import mortal
from tests.federation.ledger import Ledger
from tests.federation.mortal import Cut, Doom
from tests.federation.processes import Doing, until
from tests.federation.worlds import World

PATIENCE_S = 60.0
AN_HOUR = timedelta(hours=1)
FEW = 2
KILLED = -signal.SIGKILL


class Running(AbstractContextManager["Running"]):
    """A node's two processes, and officers' commands. `deaths` is how many died by themselves."""

    def __init__(self, node: Node, fate: Path) -> None:
        self._node, self._fate = node, fate
        self._parts: dict[str, Doing] = {}
        self.deaths = 0
        self.start()

    def start(self, behind: timedelta = timedelta()) -> None:
        """Start what does not run, by a clock that is so far behind."""
        folder, port = self._node.folder, int(self._node.member.url.rpartition(":")[2])
        if "web" not in self._parts:
            self._parts["web"] = Doing(mortal.web, folder, self._fate, port, behind)
        if "worker" not in self._parts:
            self._parts["worker"] = Doing(mortal.worker, folder, self._fate, behind)

    def command(self, deed: Callable[..., None], *how: object) -> bool:
        """Run a command; whether it was killed before it ended."""
        with Doing(deed, self._node.folder, self._fate, *how) as command:
            assert command.ended_within(PATIENCE_S)
            assert command.exitcode in (0, KILLED)
            self.deaths += command.exitcode == KILLED
            return command.exitcode == KILLED

    def bury(self) -> None:
        """Leave the processes that have killed themselves. None may have ended in another way."""
        for name, one in list(self._parts.items()):
            if one.exitcode is not None:
                assert one.exitcode == KILLED, f"{name} ended with {one.exitcode}: {self.said()}"
                self._parts.pop(name).__exit__(None, None, None)
                self.deaths += 1

    def said(self) -> str:
        """The end of what the node's processes have written to their log."""
        return (self._fate / f"{self._node.name}.log").read_text()[-10_000:]

    def kill(self) -> None:
        """End both at once, as a power cut would."""
        self.bury()
        for one in self._parts.values():
            one.__exit__(None, None, None)
        self._parts.clear()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()


class Consortium(AbstractContextManager["Consortium"]):
    """The nodes of a world, run; faults that strike them, counted; and the ledger of what they do.

    What strikes whom, and when, is drawn with `dice`.
    """

    def __init__(self, world: World, dice: random.Random) -> None:
        self.world, self._dice = world, dice
        self.ledger = Ledger(world)
        self.faults: Counter[str] = Counter()
        self._fate = world.folder / "fate"
        self._fate.mkdir()
        self._stack = ExitStack()
        self._running: dict[str, Running] = {}

    def __enter__(self) -> "Consortium":
        for name, node in self.world.nodes.items():
            self._running[name] = self._stack.enter_context(Running(node, self._fate))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    # --- What they do -------------------------------------------------------------------------

    def traffic(self, most: int = 6) -> None:
        """Everybody hands in a few homes, and writes to everybody else."""
        for name in self.world.nodes:
            self.ledger.hand_in(name, self._dice.randint(1, most))
            for other in self._others(name):
                self.ledger.send(name, other)

    def erase(self, names: Iterable[str]) -> None:
        """Officers of these nodes erase some homes, however often their commands are killed."""
        for name in names:
            urns = self.ledger.published(name)
            gone = self._dice.sample(urns, min(FEW, len(urns)))
            self.ledger.erased |= set(gone)
            while self._running[name].command(mortal.erase, gone):
                pass

    def settle(self) -> None:
        """Wait until everything that was done has come everywhere."""
        until(self.ledger.is_settled, PATIENCE_S, every=0.1)
        nodes = self.world.nodes.values()
        until(lambda: not any(map(self.ledger.left_of_erased, nodes)), PATIENCE_S, every=0.1)

    # --- What strikes them --------------------------------------------------------------------

    def kill_while(self, phase: str) -> None:
        """A process of a node dies within a phase; the other one, by chance, with it."""
        victim = self._draw()
        if self._dice.random() < 0.5:
            doom = Doom(phase, statements=self._dice.randint(0, 8))
        else:
            doom = Doom(phase, milliseconds=self._dice.uniform(0, 20))
        self._lay(victim, "doom", doom)
        running = self._running[victim]
        deaths = running.deaths
        if phase == "handing in":
            self.ledger.hand_in(victim, 4, partial(running.command, mortal.hand_in))
        if phase == "erasing":
            own = self._dice.random() < 0.5
            self.erase([victim] if own else self._others(victim))
        self.traffic()

        def somebody_died() -> bool:
            running.bury()
            return running.deaths > deaths

        until(somebody_died, PATIENCE_S)
        if self._dice.random() < 0.5:
            running.kill()
        running.start()
        self.faults[f"SIGKILL while {phase}"] += 1

    def cut_off(self) -> None:
        """One node and the others do not reach each other for a while. The others go on."""
        alone = self._draw()
        others = self._others(alone)
        self._lay(alone, "cut", Cut([self._url(name) for name in others]))
        for name in others:
            self._lay(name, "cut", Cut([self._url(alone)]))
        self.traffic()
        one, two = others
        ledger = self.ledger
        until(lambda: ledger.is_held(one, two) and ledger.is_held(two, one), PATIENCE_S, 0.1)
        until(lambda: ledger.arrived(one, two) and ledger.arrived(two, one), PATIENCE_S, 0.1)
        for name in others:
            until(lambda name=name: ledger.why_it_waits(alone, name), PATIENCE_S, 0.1)
            until(lambda name=name: ledger.why_it_waits(name, alone), PATIENCE_S, 0.1)
            assert not ledger.is_held(alone, name)
        self._lift("cut")
        self.faults["partition, traffic on both sides"] += 1

    def lose_receipts(self) -> None:
        """A node's messages arrive, and none of the receipts does, for a while."""
        sender = self._draw()
        inboxes = [f"{self._url(name)}/inbox/" for name in self._others(sender)]
        self._lay(sender, "cut", Cut(inboxes, answers=True))
        self.traffic()
        for name in self._others(sender):
            until(lambda name=name: self.ledger.arrived(sender, name), PATIENCE_S, 0.1)
            until(lambda name=name: self.ledger.why_it_waits(sender, name), PATIENCE_S, 0.1)
        self._lift("cut")
        self.faults["receipts lost on the way back"] += 1

    def turn_back_a_clock(self) -> None:
        """A node is started with a clock an hour behind, and put right after a while."""
        victim = self._draw()
        running, ledger = self._running[victim], self.ledger
        running.kill()
        running.start(behind=AN_HOUR)
        self.traffic()
        for name in self._others(victim):
            until(lambda name=name: ledger.arrived(victim, name), PATIENCE_S, 0.1)
            until(lambda name=name: ledger.is_held(name, victim), PATIENCE_S, 0.1)
            until(lambda name=name: ledger.why_it_waits(name, victim), PATIENCE_S, 0.1)
            assert "clock" in str(ledger.why_it_waits(name, victim))
        running.kill()
        running.start()
        self.faults["restart with a clock an hour behind"] += 1

    def _draw(self) -> str:
        return self._dice.choice(list(self.world.nodes))

    def _others(self, name: str) -> list[str]:
        return [other for other in self.world.nodes if other != name]

    def _url(self, name: str) -> str:
        return self.world[name].member.url

    def _lay(self, name: str, what: str, fate: Doom | Cut) -> None:
        """Lay a fate on a node, whole or not at all."""
        drawn = self._fate / f"{name}.drawn"
        drawn.write_bytes(msgspec.json.encode(fate))
        drawn.rename(self._fate / f"{name}.{what}")

    def _lift(self, what: str) -> None:
        for file in self._fate.glob(f"*.{what}"):
            file.unlink()

    # --- What came of it ----------------------------------------------------------------------

    def said(self) -> str:
        """What all processes have written to their logs."""
        return "".join(file.read_text() for file in sorted(self._fate.glob("*.log")))

    def report(self, rounds: int) -> str:
        """How many faults of each kind there were, and what the ledger was found to be true of."""
        ledger, nodes = self.ledger, self.world.nodes
        records = sum(len(ledger.kept(name)) for name in nodes)
        lines = [f"{kind:<40}{count:>5}" for kind, count in sorted(self.faults.items())]
        return "\n".join(
            [
                f"Faults injected per kind, in {rounds} rounds on {self.world.database.kind}:",
                *lines,
                f"Nothing was lost: {records} records and {len(ledger.erased)} erasures on each of "
                f"{len(nodes)} nodes, and {len(ledger.messages)} messages with one receipt each.",
            ]
        )
