"""A worker: does one job after another for the server that started it, and can be ended at any time.

It is run as ``python -m kg.http.worker STORE [POLICY] [--max-rows N]``, takes jobs on standard input and answers on
standard output, see :mod:`kg.http.frames`. It ends as soon as its server has gone, also in the middle of a query.
"""

from __future__ import annotations

import argparse
import logging
import os
import queue
import sys
import threading
from pathlib import Path
from typing import IO, Final

from kg.errors import KgError
from kg.http.frames import Head, Job, read_frame
from kg.http.jobs import JOBS
from kg.http.refusals import body_of, refusal
from kg.http.replies import Reply
from kg.http.served import Served

__all__ = ["answer", "main"]

_log = logging.getLogger("kg.http")
_SHARE: Final = 2
"""A worker may have one part in so many of the machine's memory."""


def main() -> None:
    """Do jobs until the server has gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("store", type=Path)
    parser.add_argument("--policy")
    parser.add_argument("--max-rows", type=int)
    given = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, format="kg: %(message)s")
    _limit_memory()
    # Nothing else may write between the messages.
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    jobs: queue.Queue[Job] = queue.Queue()
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
    served = Served(given.store, given.policy)
    while True:
        answer(jobs.get(), served, pipe, max_rows=given.max_rows)


def answer(job: Job, served: Served, pipe: IO[bytes], *, max_rows: int | None = None) -> None:
    """Do one job and answer it, come what may."""
    reply = Reply(pipe, body=job.body)
    if job.name != "ready":
        reply.generation = lambda: served.generation
    try:
        JOBS[job.name](served, job, reply, max_rows)
    except KgError as fault:
        _refuse(reply, fault)
    except BrokenPipeError:  # the server has gone
        os._exit(0)
    except Exception:  # the last line of defence: the trace goes to the log, never to the client
        _log.exception("the job %s failed", job.name)
        _refuse(reply, KgError("something went wrong on this side; it has been logged"))
    reply.end()


def _refuse(reply: Reply, fault: KgError) -> None:
    if reply.sent:  # an answer cut short must not look whole
        _log.error("an answer was cut short: %s", fault)
        os._exit(1)
    refused = refusal(fault)
    reply.replace(Head(refused.status, "application/json", refused.headers), body_of(refused))


def _listen(jobs: queue.Queue[Job]) -> None:
    import json

    while (message := read_frame(sys.stdin.buffer)) is not None:
        jobs.put(Job(**json.loads(message[1])))
    os._exit(0)


def _limit_memory() -> None:
    """So that a hungry query ends its worker and not the machine."""
    try:
        import resource

        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        resource.setrlimit(resource.RLIMIT_DATA, (whole // _SHARE, resource.RLIM_INFINITY))
        # A file of memory at the time of the crash would help nobody.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):  # not on this system
        return


if __name__ == "__main__":
    main()
