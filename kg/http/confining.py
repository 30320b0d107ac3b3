"""A process without a way to the network: whatever a query gets past, it calls nobody.

On Linux the kernel is told to refuse new sockets but those between processes of the machine (seccomp(2), the program of
a filter as in Linux's ``Documentation/userspace-api/seccomp_filter.rst``). That holds for the process and for all that
it starts, and cannot be taken back. Elsewhere nothing is done, and what is looked for in a text has to do.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import socket
import sys
from typing import Final

__all__ = ["confine"]

_SYSTEMS: Final = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""By machine, what the kernel calls it and the number of its call socket(2)."""
_X32: Final = 0x40000000
"""From here on calls of x86_64 have other numbers, which nothing here makes use of."""
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _MACHINE, _FAMILY = 0, 4, 16
"""Where in what is known of a call its number, the machine and its first argument are."""
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | errno.EACCES


class _Step(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("if_true", ctypes.c_ubyte),
        ("if_false", ctypes.c_ubyte),
        ("value", ctypes.c_uint),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.POINTER(_Step)))


def confine() -> bool:
    """Take the network from this thread and from all that it starts; returns whether that is so."""
    if not sys.platform.startswith("linux") or platform.machine() not in _SYSTEMS:
        return False
    machine, open_socket = _SYSTEMS[platform.machine()]
    steps = (
        (_LOAD, 0, 0, _MACHINE),
        (_EQUAL, 0, 5, machine),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 3, 0, _X32),
        (_EQUAL, 0, 3, open_socket),
        (_LOAD, 0, 0, _FAMILY),
        (_EQUAL, 1, 0, socket.AF_UNIX),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    )
    program = _Program(len(steps), (_Step * len(steps))(*(_Step(*step) for step in steps)))
    try:
        control = ctypes.CDLL(None, use_errno=True).prctl
    except (AttributeError, OSError):
        return False
    if control(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return bool(control(_SECCOMP, _FILTER, ctypes.byref(program), 0, 0) == 0)
