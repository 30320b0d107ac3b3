"""A worker: does one job after another for the server that started it, and can be ended at any time.

It is run as ``python -m kg.http.worker STORE [--policy P] [--max-rows N] [--unions PLACE] [--changing]``, takes jobs on
standard input and answers on standard output, see :mod:`kg.http.frames`. It ends as soon as its server has gone, also
in the middle of a query.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import queue
import select
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

from kg.errors import KgError
from kg.http.confining import confine
from kg.http.expressing import cannot_express
from kg.http.frames import Head, Job, read_frame
from kg.http.jobs import JOBS
from kg.http.refusals import VARIES, refusal, told
from kg.http.replies import CHUNK, Reply
from kg.http.served import Served

__all__ = ["answer", "main"]

_log = logging.getLogger("kg.http")
_SHARE: Final = 2
"""A worker may have one part in so many of the machine's memory."""
_STACK: Final = 1 << 26
"""Bytes that the stack may grow to: several times of what :mod:`kg.store.depth` reckons with."""

_NO_JSON_LD: Final = "JSON-LD does not support"
"""How Oxigraph begins to say that JSON-LD has no way to write a term."""
_PIPE: Final = 1 << 20
"""Bytes of an answer that may lie between a worker and the server."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Do jobs until the server has gone.

    Args:
        arguments: the arguments, those of the command line where not given.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("store", type=Path)
    parser.add_argument("--policy")
    parser.add_argument("--max-rows", type=int)
    parser.add_argument("--unions", type=Path)
    parser.add_argument("--changing", action="store_true")
    given = parser.parse_args(arguments)
    logging.basicConfig(stream=sys.stderr, format="kg: %(message)s")
    _limit_memory()
    confine()
    # Nothing else may write between the messages.
    pipe = os.fdopen(os.dup(1), "wb", 2 * CHUNK)
    os.dup2(2, 1)
    _widen(pipe.fileno())
    served = Served(given.store, given.policy, given.unions)
    if given.changing:
        threading.Thread(target=served.conclusions.stay_ready, args=(served.path,), daemon=True).start()
    for job in _jobs():
        answer(job, served, pipe, max_rows=given.max_rows)
        served.rest()


def answer(job: Job, served: Served, pipe: IO[bytes], *, max_rows: int | None = None) -> None:
    """Do one job and answer it, come what may."""
    reply = Reply(pipe, body=job.body)
    if job.name != "ready":
        reply.generation = lambda: served.generation
    try:
        JOBS[job.name](served, job, reply, max_rows)
        reply.end()
        return
    except KgError as fault:
        _refuse(reply, job, fault)
    except BrokenPipeError:  # the server has gone
        os._exit(0)
    except Exception as fault:  # the last line of defence: the trace goes to the log, never to the client
        if isinstance(fault, OSError) and str(fault).startswith(_NO_JSON_LD):
            _refuse(reply, job, cannot_express("application/ld+json", "it has triples in it that are terms"))
        else:
            _log.exception("the job %s failed", job.name)
            _refuse(reply, job, KgError("something went wrong on this side; it has been logged"))
    reply.end()


def _refuse(reply: Reply, job: Job, fault: KgError) -> None:
    if reply.sent:  # an answer cut short must not look whole
        _log.error("an answer was cut short: %s", fault)
        os._exit(1)
    refused = refusal(fault)
    media, body = told(refused, job.accept)
    reply.replace(Head(refused.status, media, {**refused.headers, **VARIES}), body)


def _jobs() -> Iterator[Job]:
    """The jobs as they come, until the server has gone; that it has is noticed in the middle of a job too."""
    jobs: queue.Queue[Job] = queue.Queue()
    if hasattr(select, "poll"):
        threading.Thread(target=_watch, daemon=True).start()
        # From thread to thread a job would take longer than many a query.
        while (message := read_frame(sys.stdin.buffer)) is not None:
            yield Job(**json.loads(message[1]))
        return
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
    while True:
        yield jobs.get()


def _watch() -> None:
    """End this process when the server has closed its end of the pipe."""
    closed = select.poll()
    closed.register(0, 0)  # that it has been closed is told unasked, and nothing else is
    while not closed.poll():
        pass
    os._exit(0)


def _listen(jobs: queue.Queue[Job]) -> None:
    while (message := read_frame(sys.stdin.buffer)) is not None:
        jobs.put(Job(**json.loads(message[1])))
    os._exit(0)


def _widen(pipe: int) -> None:
    """Let more of an answer lie in a pipe, so that its two ends have to wait for each other less often."""
    try:
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
    except (ImportError, AttributeError, OSError):  # not on this system, or not so much
        return


def _limit_memory() -> None:
    """So that a hungry query ends its worker and not the machine."""
    try:
        import resource

        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        resource.setrlimit(resource.RLIMIT_DATA, (whole // _SHARE, resource.RLIM_INFINITY))
        _, most = resource.getrlimit(resource.RLIMIT_STACK)
        resource.setrlimit(resource.RLIMIT_STACK, (_STACK if most < 0 else min(_STACK, most), most))
        # A file of memory at the time of the crash would help nobody.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):  # not on this system
        return


if __name__ == "__main__":
    main()
