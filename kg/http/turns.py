"""Jobs that wait for a worker: clients take turns, and who fills the room is the one that is turned away."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping

from kg.http.refusals import Refused
from kg.http.running import Running

__all__ = ["Turns"]


class Turns:
    """The jobs that wait, by the client that handed them in.

    Who has the fewest jobs under way is next, and among those who has waited longest. So whoever asks one thing does
    not wait for the hundred of somebody else.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Running]] = {}
        self._size = 0

    def __len__(self) -> int:
        """How many wait."""
        return self._size

    def __iter__(self) -> Iterator[Running]:
        """Those that wait, the clients one after another."""
        for jobs in self._waiting.values():
            yield from jobs

    @property
    def untried(self) -> int:
        """How many of them may turn out to be quick."""
        return sum(not job.tried for job in self)

    def add(self, job: Running) -> None:
        """Have a job wait behind those of the same client."""
        self._waiting.setdefault(job.client, deque()).append(job)
        self._size += 1

    def put_back(self, jobs: Iterable[Running]) -> None:
        """Have jobs wait before those of their clients, in the order given."""
        for job in reversed(list(jobs)):
            self._waiting.setdefault(job.client, deque()).appendleft(job)
            self._size += 1

    def remove(self, job: Running) -> None:
        """Have a job wait no longer, if it does."""
        jobs = self._waiting.get(job.client)
        if jobs is not None and job in jobs:
            jobs.remove(job)
            self._size -= 1
            if not jobs:
                del self._waiting[job.client]

    def next(self, under_way: Callable[[], Mapping[str, int]], *, untried: bool = False) -> Running | None:
        """Take out the job whose turn it is.

        Args:
            under_way: says how many jobs of each client workers have.
            untried: whether it has to be one that may turn out to be quick.
        """
        firsts = [next((job for job in jobs if not (untried and job.tried)), None) for jobs in self._waiting.values()]
        eligible = [job for job in firsts if job is not None]
        if len(eligible) > 1:
            counts = under_way()
            eligible.sort(key=lambda job: (counts.get(job.client, 0), job.since))
        if not eligible:
            return None
        self.remove(eligible[0])
        return eligible[0]

    def older(self, before: float) -> int:
        """How many jobs were handed in before a point in time."""
        return sum(job.since < before for job in self)

    def expired(self, before: float) -> list[Running]:
        """Take out the jobs that were handed in before a point in time."""
        late = [job for job in self if job.since < before]
        for job in late:
            self.remove(job)
        return late

    def make_room(self, client: str, behind: Iterable[str] = ()) -> None:
        """Make room for one job more of a client where no more may wait: out of what another has too many of.

        Args:
            client: the client.
            behind: whose the jobs are that wait already where a worker has them at hand, once for each.

        Raises:
            Refused: nobody has more than this client: it has too many itself (429), or all have one (503).
        """
        counts = Counter(behind)
        for name, jobs in self._waiting.items():
            counts[name] += len(jobs)
        most = max(self._waiting, key=lambda name: counts[name], default=client)
        number, own = counts[most], counts[client]
        if number > own + 1:
            last = self._waiting[most][-1]
            self.remove(last)
            last.refuse(_too_many(number))
        elif own > 1:
            raise _too_many(own)
        else:
            raise Refused(503, "too many requests at once; try again")


def _too_many(number: int) -> Refused:
    return Refused(429, f"{number} requests of yours wait already, and there is no room for more; try again")
