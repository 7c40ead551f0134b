"""One chain for all tests of this folder, asked in process or over a socket."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application

from ledger.rpc.pool import close_pools
from tests.ledger.chain.chains import CHAIN_ID, REGISTRY_ID
from tests.ledger.rpc.chain import Asker, Story, tell


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """The chain's directory and what happened on it."""
    yield tell(tmp_path_factory.mktemp("rpc"))
    close_pools()


@pytest.fixture
def story(told: Story, settings: Any) -> Story:
    settings.CHAIN_DIR = told.directory
    settings.CHAIN_ID, settings.REGISTRY_ID = CHAIN_ID, REGISTRY_ID
    return told


@pytest.fixture
def ask(story: Story, client: Any) -> Asker:
    return Asker(client)


class Quiet(WSGIRequestHandler):
    """Nothing on the console for each request."""

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def url(story: Story) -> Iterator[str]:
    """Where a foreign client finds `/rpc`."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/rpc"
    server.shutdown()
    server.server_close()
    thread.join()
