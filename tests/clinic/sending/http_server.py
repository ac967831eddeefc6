"""A provider's HTTP server in a thread: keeps what it is asked, answers what it is told to."""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Provider:
    def __init__(self, port):
        self.address = f"http://127.0.0.1:{port}"
        self.requests = []
        self.answer = (200, {}, {})  # status, content (bytes as they are, else JSON), headers; None: hang up


@contextlib.contextmanager
def provider_server():
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            provider.requests.append((self.path, dict(self.headers), body.decode()))
            if provider.answer is None:
                self.close_connection = True
                return
            status, content, headers = provider.answer
            content = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = Provider(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
