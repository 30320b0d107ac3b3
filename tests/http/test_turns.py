"""Whoever waits for a worker gets a turn, and who fills the room is turned away."""

from __future__ import annotations

from collections import Counter

import pytest

from kg.http.frames import Job
from kg.http.refusals import Refused
from kg.http.running import Running
from kg.http.turns import Turns


def job(client: str, since: float = 0.0, *, tried: bool = False) -> Running:
    running = Running(Job("sparql"), 9.0, lambda: None, lambda job: None, client)
    running.since, running.tried = since, tried
    return running


def turns(*jobs: Running) -> Turns:
    made = Turns()
    for each in jobs:
        made.add(each)
    return made


def in_turn(waiting: Turns, under_way: dict[str, int], *, untried: bool = False) -> list[str]:
    """The clients as they get their turns, each job staying under way."""
    counts, clients = Counter(under_way), []
    while (running := waiting.next(lambda: counts, untried=untried)) is not None:
        clients.append(running.client)
        counts[running.client] += 1
    return clients


def test_clients_take_turns() -> None:
    many = [job("a", since) for since in range(4)]
    assert in_turn(turns(*many, job("b", 9), job("c", 8)), {}) == ["a", "c", "b", "a", "a", "a"]


def test_whoever_has_less_under_way_is_next() -> None:
    assert in_turn(turns(job("a", 1), job("a", 2), job("b", 9)), {"a": 2, "b": 1}) == ["b", "a", "a"]


def test_jobs_of_one_client_keep_their_order() -> None:
    first, second, third = job("a", 1), job("a", 2), job("a", 3)
    waiting = turns(third)
    waiting.put_back([first, second])
    assert [waiting.next(Counter) for _ in range(4)] == [first, second, third, None]
    assert len(waiting) == 0


def test_what_is_known_to_be_slow_can_be_passed_over() -> None:
    slow, new = job("a", 1, tried=True), job("a", 2)
    waiting = turns(slow, new)
    assert waiting.untried == 1
    assert waiting.next(Counter, untried=True) is new
    assert waiting.next(Counter, untried=True) is None
    assert list(waiting) == [slow]


def test_who_has_waited_too_long_is_found_wherever_it_waits() -> None:
    old, new = job("a", 1), job("b", 5)
    waiting = turns(new, old)
    assert waiting.expired(2) == [old]
    assert list(waiting) == [new]
    waiting.remove(old)
    assert len(waiting) == 1


def test_room_is_made_out_of_what_another_has_too_much_of() -> None:
    kept, last = job("a", 1), job("a", 2)
    waiting = turns(kept, job("a", 1.5), last)
    waiting.make_room("b")
    assert last not in list(waiting) and len(waiting) == 2
    with pytest.raises(Refused, match="3 requests of yours") as refused:
        last.check()
    assert refused.value.status == 429 and refused.value.headers["Retry-After"] == "1"
    kept.check()


def test_who_fills_the_room_is_told_so() -> None:
    with pytest.raises(Refused, match="2 requests of yours") as refused:
        turns(job("a"), job("a"), job("b")).make_room("a")
    assert refused.value.status == 429


def test_what_a_worker_has_at_hand_counts() -> None:
    with pytest.raises(Refused, match="3 requests of yours") as refused:
        turns(job("b")).make_room("a", ["a", "a", "a"])
    assert refused.value.status == 429
    waiting = turns(job("a"))
    waiting.make_room("b", ["a", "a"])
    assert not len(waiting)


def test_how_many_have_waited_for_long() -> None:
    first, second = job("a"), job("b")
    first.since, second.since = 10.0, 20.0
    waiting = turns(first, second)
    assert [waiting.older(before) for before in (10.0, 15.0, 21.0)] == [0, 1, 2] and len(waiting) == 2


def test_where_all_have_the_same_nobody_is_to_blame() -> None:
    waiting = turns(job("a"), job("b"))
    with pytest.raises(Refused, match="too many requests at once") as refused:
        waiting.make_room("c")
    assert refused.value.status == 503 and len(waiting) == 2
