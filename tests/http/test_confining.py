"""A worker has no way to the network, whatever a query gets past."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

CALL = """
import socket, sys
from kg.http.confining import confine
if not confine():
    sys.exit(77)
import pyoxigraph
for call in ("SELECT * { SERVICE <http://127.0.0.1:%s/> { ?s ?p ?o } }", "LOAD <http://127.0.0.1:%s/>"):
    try:
        store = pyoxigraph.Store()
        store.update(call) if call.startswith("LOAD") else list(store.query(call))
        sys.exit(f"{call} was carried out")
    except OSError as fault:
        print(fault)
try:
    socket.socket(socket.AF_INET6)
    sys.exit("a socket was opened")
except PermissionError:
    socket.socketpair()
    open(__import__("os").devnull).close()
"""


def test_nobody_is_called() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        port = listener.getsockname()[1]
        done = subprocess.run([sys.executable, "-c", CALL.replace("%s", str(port))], capture_output=True, text=True)
        if done.returncode == 77:
            pytest.skip("this system has no way to take the network from a process")
        assert done.returncode == 0, done.stderr
        assert len(done.stdout.splitlines()) == 2
        with pytest.raises(TimeoutError):
            listener.accept()
