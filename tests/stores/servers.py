"""Real SPARQL servers, started on loopback in a folder of their own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

from platformdirs import user_cache_path

from kg.settings import RemoteSettings, remote_settings

__all__ = ["SERVERS", "Fuseki", "Oxigraph", "Server", "Virtuoso", "running"]

_PATIENCE = 60.0
_TIMEOUT = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server(ABC):
    """One server; it can be killed and started again on the same folder."""

    name: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @classmethod
    @abstractmethod
    def missing(cls) -> str:
        """Why it cannot be started here, ``""`` where it can."""

    @abstractmethod
    def command(self) -> list[str]: ...

    @property
    @abstractmethod
    def settings(self) -> RemoteSettings: ...

    def start(self) -> None:
        log = (self.folder / "output.log").open("ab")
        self.process = subprocess.Popen(
            self.command(), cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
        )
        log.close()
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError, urllib.error.URLError):
                urllib.request.urlopen(f"{self.settings.query_url}?query=ASK%7B%7D", timeout=5).close()
                return
            time.sleep(0.1)
        said = (self.folder / "output.log").read_text(errors="replace")[-2000:]
        self.kill()
        raise RuntimeError(f"{self.name} does not start: {said}")

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Oxigraph(Server):
    name = "oxigraph"

    @classmethod
    def missing(cls) -> str:
        return "" if cls._program() else "no oxigraph: pip install oxigraph"

    @staticmethod
    def _program() -> str | None:
        return shutil.which("oxigraph", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))

    def command(self) -> list[str]:
        return [str(self._program()), "serve", "--location", "data", "--bind", f"127.0.0.1:{self.port}"]

    @property
    def settings(self) -> RemoteSettings:
        base = f"http://127.0.0.1:{self.port}"
        return remote_settings(
            f"{base}/query", update_url=f"{base}/update", graph_store_url=f"{base}/store", timeout=_TIMEOUT
        )


_INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql_port}
CheckpointInterval = 60
DirsAllowed = .
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerRoot = .
[SPARQL]
ResultSetMaxRows = {rows}
"""


class Virtuoso(Server):
    """Virtuoso 7, with the cap on rows that its package comes with; updates ask for Digest authentication."""

    name = "virtuoso"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        text = _INI.format(sql_port=free_port(), port=self.port, rows=10_000)
        (folder / "virtuoso.ini").write_text(text)

    @classmethod
    def missing(cls) -> str:
        return "" if shutil.which("virtuoso-t") else "no Virtuoso: apt-get install virtuoso-opensource"

    def command(self) -> list[str]:
        # What a killed server leaves keeps the next one from starting.
        (self.folder / "virtuoso.lck").unlink(missing_ok=True)
        return ["virtuoso-t", "+foreground", "+configfile", "virtuoso.ini"]

    @property
    def settings(self) -> RemoteSettings:
        base = f"http://127.0.0.1:{self.port}"
        return remote_settings(
            f"{base}/sparql",
            update_url=f"{base}/sparql-auth",
            graph_store_url=f"{base}/sparql-graph-crud-auth",
            user="dba",
            password="dba",
            timeout=_TIMEOUT,
        )


_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>org.example</groupId><artifactId>fuseki</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.jena</groupId><artifactId>jena-fuseki-main</artifactId><version>5.6.0</version></dependency>
<dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j2-impl</artifactId>
<version>2.25.1</version></dependency>
</dependencies></project>"""


class Fuseki(Server):
    """Apache Jena Fuseki, in memory; Maven fetches it once into the user's cache."""

    name = "fuseki"

    @classmethod
    def missing(cls) -> str:
        if not (shutil.which("java") and shutil.which("mvn")):
            return "no Fuseki: it needs Java 17 and Maven"
        return "" if cls._jars() else "no Fuseki: Maven cannot fetch it"

    @staticmethod
    def _jars() -> Path | None:
        folder = user_cache_path("foedus-tests", appauthor=False) / "fuseki-5.6.0"
        if not folder.exists():
            fetched = folder.with_name(f"{folder.name}.{os.getpid()}")
            fetched.mkdir(parents=True)
            (fetched / "pom.xml").write_text(_POM)
            copy = ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"]
            with contextlib.suppress(subprocess.SubprocessError, OSError):
                subprocess.run(copy, cwd=fetched, check=True, capture_output=True, timeout=300)
                fetched.rename(folder)
            shutil.rmtree(fetched, ignore_errors=True)
        return folder / "lib" if folder.exists() else None

    def command(self) -> list[str]:
        main = "org.apache.jena.fuseki.main.cmds.FusekiMainCmd"
        server = ["--localhost", "--port", str(self.port), "--update", "--mem", "/ds"]
        return ["java", "-Xmx512m", "-cp", f"{self._jars()}/*", main, *server]

    @property
    def settings(self) -> RemoteSettings:
        base = f"http://127.0.0.1:{self.port}/ds"
        return remote_settings(
            f"{base}/sparql", update_url=f"{base}/update", graph_store_url=f"{base}/data", timeout=_TIMEOUT
        )


SERVERS: tuple[type[Server], ...] = (Oxigraph, Virtuoso, Fuseki)


@contextlib.contextmanager
def running(kind: type[Server], folder: Path) -> Iterator[Server]:
    server = kind(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
