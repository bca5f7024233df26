"""The settings job against a loopback server that keeps what is put."""

from __future__ import annotations

import base64
import json
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

from components.kubernetes.search.settings import SnapshotStore, requests
from jobs.failures import JobError
from jobs.search_settings.requests import Request, apply, is_current, read_requests
from jobs.search_settings.trust import FINGERPRINT_KEY, PASSWORD_KEY, STORE_KEY, publish
from jobs.web import Server

STORE = SnapshotStore(bucket="smp-asia-prod-personal", prefix="read-model", hour=18)


class Keeper(ThreadingHTTPServer):
    """Answers as a server that keeps what was put under a path, and merges what is patched."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self.asked: list[tuple[str, str]] = []
        self.refuses: str | None = None
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def client(self) -> Server:
        return Server(url=f"http://127.0.0.1:{self.server_address[1]}", authority=None, authorization="x")


class Handler(BaseHTTPRequestHandler):
    server: Keeper

    def _answer(self) -> None:
        keeper = self.server
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        keeper.asked.append((self.command, self.path))
        status = 200
        if keeper.refuses == self.path and self.command != "GET":
            status, answer = 400, {"error": {"reason": "no"}}
        elif self.command == "GET":
            status = 200 if self.path in keeper.kept else 404
            answer = (
                {"name": keeper.kept.get(self.path)}
                if self.path.startswith("/_")
                else keeper.kept.get(self.path)
            )
        elif self.command == "PATCH":
            keeper.kept[self.path] |= body
            answer = keeper.kept[self.path]
        else:
            keeper.kept[self.path] = body
            answer = {"acknowledged": True}
        text = json.dumps(answer or {}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PUT = do_PATCH = _answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def keeper() -> Iterator[Keeper]:
    server = Keeper()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def reviewed(store: SnapshotStore | None = STORE) -> tuple[Request, ...]:
    return tuple(Request(path=each.path, body=each.body) for each in requests(store))


def test_everything_is_sent_once_and_nothing_twice(keeper: Keeper) -> None:
    said: list[str] = []
    assert apply(keeper.client, reviewed(), said.append) == len(reviewed()) == len(said)
    assert apply(keeper.client, reviewed(), said.append) == 0


def test_what_somebody_changed_by_hand_is_put_right_and_nothing_else(keeper: Keeper) -> None:
    apply(keeper.client, reviewed(), lambda _: None)
    keeper.kept["/_ilm/policy/figures"] = {"policy": {"phases": {}}}
    keeper.kept["/_snapshot/home"]["settings"]["bucket"] = "another"
    said: list[str] = []
    assert apply(keeper.client, reviewed(), said.append) == 2
    assert said == ["/_snapshot/home: changed", "/_ilm/policy/figures: changed"]


def test_a_refused_request_ends_the_run_and_is_named(keeper: Keeper) -> None:
    keeper.refuses = "/_ilm/policy/figures"
    with pytest.raises(JobError, match="/_ilm/policy/figures \\(400\\)"):
        apply(keeper.client, reviewed(), lambda _: None)
    assert not any(path.startswith("/_index_template") for _, path in keeper.asked)


def test_a_changed_content_has_another_digest() -> None:
    other = SnapshotStore(bucket=STORE.bucket, prefix=STORE.prefix, hour=3)
    paths = [
        mine.path
        for mine, theirs in zip(reviewed(), reviewed(other), strict=True)
        if not is_current(mine.body, theirs.body)
    ]
    assert paths == ["/_slm/policy/figures-daily"]


def test_where_there_is_no_repository_nothing_names_one() -> None:
    assert "snapshot" not in json.dumps([(each.path, each.body) for each in reviewed(None)])


def test_a_file_that_is_no_list_of_requests_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "requests.json"
    for text in ("[", '[{"path": "/x"}]', "{}x", '"text"'):
        file.write_text(text)
        with pytest.raises(JobError, match="requests"):
            read_requests(file)


def _authority() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "search")])
    begin = datetime.now(UTC) - timedelta(days=1)
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + timedelta(days=9))
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


PATH = "/api/v1/namespaces/kafka/secrets/elasticsearch-trust"


def test_connect_gets_a_store_that_opens_and_holds_the_authority(keeper: Keeper) -> None:
    keeper.kept[PATH] = {"data": None}
    pem = _authority()
    assert publish(keeper.client, "kafka", "elasticsearch-trust", pem)
    data = {key: base64.b64decode(value) for key, value in keeper.kept[PATH]["data"].items()}
    store = pkcs12.load_pkcs12(data[STORE_KEY], data[PASSWORD_KEY])
    found = [
        each.certificate.public_bytes(serialization.Encoding.PEM).decode() for each in store.additional_certs
    ]
    assert found == [pem]
    assert not publish(keeper.client, "kafka", "elasticsearch-trust", pem)
    first = data[FINGERPRINT_KEY]
    assert publish(keeper.client, "kafka", "elasticsearch-trust", _authority())
    assert base64.b64decode(keeper.kept[PATH]["data"][FINGERPRINT_KEY]) != first


def test_java_reads_the_store(keeper: Keeper, tmp_path: Path) -> None:
    import shutil

    keytool = shutil.which("keytool")
    if keytool is None:
        pytest.skip("keytool is not on PATH; it comes with Java")
    keeper.kept[PATH] = {"data": {}}
    publish(keeper.client, "kafka", "elasticsearch-trust", _authority())
    data = {key: base64.b64decode(value) for key, value in keeper.kept[PATH]["data"].items()}
    file = tmp_path / "ca.p12"
    file.write_bytes(data[STORE_KEY])
    command = [keytool, "-list", "-keystore", str(file), "-storetype", "PKCS12"]
    listed = subprocess.run(
        [*command, "-storepass", data[PASSWORD_KEY].decode()], capture_output=True, text=True, check=True
    )
    assert "trustedCertEntry" in listed.stdout


def test_no_certificate_is_an_error_and_writes_nothing(keeper: Keeper) -> None:
    keeper.kept[PATH] = {"data": {}}
    with pytest.raises(JobError, match="no certificate"):
        publish(keeper.client, "kafka", "elasticsearch-trust", "nonsense")
    assert [method for method, _ in keeper.asked] == ["GET"]
