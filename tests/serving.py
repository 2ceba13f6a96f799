"""A server for tests, in a thread of their process, and who may ask it."""

import socket
import threading
import time

import httpx

from serai.server.app import create_app
from serai.server.wire import protocol

TOKENS = {
    "reader-token-of-the-tests-1": ("reader", "rita"),
    "analyst-token-of-the-tests-1": ("analyst", "ann"),
    "reviewer-token-of-the-tests-1": ("reviewer", "ravi"),
}
READER, ANALYST, REVIEWER = ({"Authorization": f"Bearer {t}"} for t in TOKENS)
PAIR = {"origin": "INLAND", "destination": "HARBOR", "as_of": "2026-06-01"}


class Served:
    """A server in a thread of this process, with its workers."""

    def __init__(self, settings):
        import uvicorn

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.app = create_app(settings, warm=False)
        self.server = uvicorn.Server(
            uvicorn.Config(
                self.app,
                host="127.0.0.1",
                port=self.port,
                log_level="critical",
                ws="none",
                http=protocol(settings.limits.head_s),
            )
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            assert self.thread.is_alive(), "the server did not start"
            time.sleep(0.02)
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60)

    @property
    def hall(self):
        return self.app.app.state.hall

    def close(self):
        self.client.close()
        self.server.should_exit = True
        self.thread.join(timeout=20)
