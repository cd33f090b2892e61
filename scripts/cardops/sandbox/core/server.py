"""The sandbox over HTTP/1.1 on loopback: one thread a connection, keep-alive, one send an answer."""

import socket
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Self

from cardops.sandbox.core import protocols
from cardops.sandbox.core.backend import Backend
from cardops.sandbox.core.control import PREFIX, control
from cardops.sandbox.errors import AwsError
from cardops.sandbox.options import Options

DEFAULT_OPTIONS = Options()
MAX_BODY = 16 * 1024 * 1024
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def do_POST(self) -> None:
        body = self._body()
        if body is None:
            self.close_connection = True
            return
        reply = self._reply(body)
        if reply is None:
            self.close_connection = True
        else:
            self._send(reply)

    do_GET = do_DELETE = do_PUT = do_POST  # noqa: N815 - http.server names them so

    def _body(self) -> bytes | None:
        """Read the request's body, chunked or not; None if it is malformed or longer than MAX_BODY."""
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            return self._chunks()
        text = self.headers.get("Content-Length") or "0"
        if not text.isdecimal() or int(text) > MAX_BODY:
            return None
        return self.rfile.read(int(text))

    def _chunks(self) -> bytes | None:
        body = b""
        while True:
            head = self.rfile.readline(1024).split(b";")[0].strip()
            try:
                size = int(head, 16)
            except ValueError:
                return None
            if size == 0:
                break
            if size < 0 or len(body) + size > MAX_BODY:
                return None
            body += self.rfile.read(size)
            self.rfile.readline(1024)
        while self.rfile.readline(1024).strip():
            pass  # trailers
        return body

    def _reply(self, body: bytes) -> protocols.Reply | None:
        backend = self.server.backend
        if self.path.startswith(PREFIX):
            return control(backend, self.command, self.path, body)
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            request = protocols.parse(self.command, self.path, headers, body)
        except AwsError as error:
            return protocols.refusal(protocols.service_of(headers), error)
        return backend.serve(request)

    def _send(self, reply: protocols.Reply) -> None:
        lines = [f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, '')}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        lines.append(f"Content-Length: {len(reply.body)}")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        self.wfile.write(head if self.command == "HEAD" else head + reply.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Do not log; the journal records every call."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, address: tuple[str, int], backend: Backend) -> None:
        self.backend = backend
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without http.server's host name lookup, which may block on DNS."""
        TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect."""

    def service_actions(self) -> None:
        self.backend.flush()

    def hang_up(self) -> None:
        """Close all open connections."""
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class Sandbox:
    """A local AWS. The port is bound from construction on; use it as a context manager, or call start and stop.

    ``port`` 0 takes any free one. With ``data`` the state is loaded from that JSON file and kept in it.
    """

    def __init__(
        self,
        port: int = 0,
        host: str = "127.0.0.1",
        options: Options = DEFAULT_OPTIONS,
        data: Path | None = None,
    ) -> None:
        backend = Backend(options, data)
        try:
            self._server = _Server((host, port), backend)
        except OSError:
            backend.close()
            raise
        self._thread: threading.Thread | None = None
        self._serving = False

    @property
    def url(self) -> str:
        """The endpoint URL of every service."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def start(self) -> Self:
        """Serve in a daemon thread."""
        self._serving = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def serve_forever(self) -> None:
        """Serve in this thread until stop is called from another one, or an exception such as KeyboardInterrupt."""
        self._serving = True
        try:
            self._server.serve_forever()
        finally:
            self._serving = False
            self.stop()

    def stop(self) -> None:
        """Stop serving, close all connections, and save. Stopping twice is fine."""
        if self._serving:
            self._serving = False
            self._server.shutdown()
        if self._thread:
            self._thread.join()
            self._thread = None
        self._server.server_close()
        self._server.hang_up()
        self._server.backend.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
