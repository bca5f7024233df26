"""China's bucket: the real SDKs against stand-ins for OSS and STS on loopback."""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import alibabacloud_oss_v2 as oss
import pytest
import requests.adapters
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from jobs.audit_batches.oss import OssBucket, PodCredentials, oss_client
from jobs.failures import JobError

BUCKET = "smp-china-audit-log"
SIGNATURE = re.compile(
    r"OSS4-HMAC-SHA256 Credential=STS\.key/\d{8}/cn-beijing/oss/aliyun_v4_request,Signature=[0-9a-f]{64}"
)
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class FakeOss:
    """A bucket that is retained and encrypted; it takes no request without a version 4 signature and the token."""

    objects: dict[str, bytes] = field(default_factory=dict[str, bytes])
    encryption: str = "KMS"
    page: int = 2
    denies: str | None = None

    def answer(self, method: str, path: str, headers: Message, body: bytes) -> Answer:
        assert SIGNATURE.fullmatch(headers["Authorization"]), headers["Authorization"]
        assert headers["x-oss-security-token"] == "token-of-an-hour"
        where = urlsplit(path)
        bucket, _, key = unquote(where.path).lstrip("/").partition("/")
        assert bucket == BUCKET
        if self.denies is not None and self.denies in path:
            return _refusal(403, "AccessDenied")
        if not key:
            asked = parse_qs(where.query)
            return self._list(asked["prefix"][0], asked.get("continuation-token", [""])[0])
        if method == "PUT":
            assert headers["x-oss-forbid-overwrite"] == "true"
            if key in self.objects:
                return _refusal(409, "FileAlreadyExists")
            self.objects[key] = body
            return 200, {"x-oss-server-side-encryption": self.encryption}, b""
        if key not in self.objects:
            return _refusal(404, "NoSuchKey")
        return 200, {}, self.objects[key]

    def _list(self, prefix: str, after: str) -> Answer:
        found = sorted(key for key in self.objects if key.startswith(prefix) and key > after)
        shown, more = found[: self.page], len(found) > self.page
        contents = "".join(f"<Contents><Key>{key}</Key></Contents>" for key in shown)
        rest = f"<NextContinuationToken>{shown[-1]}</NextContinuationToken>" if more else ""
        truncated = str(more).lower()
        text = f"<ListBucketResult><IsTruncated>{truncated}</IsTruncated>{rest}{contents}</ListBucketResult>"
        return 200, {"Content-Type": "application/xml"}, text.encode()


def _refusal(status: int, code: str) -> Answer:
    text = f"<Error><Code>{code}</Code><Message>no</Message><RequestId>1</RequestId></Error>"
    return status, {"Content-Type": "application/xml"}, text.encode()


@contextmanager
def serving(
    answer: Callable[[str, str, Message, bytes], Answer], tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Serve on loopback; give ``host:port``."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, content = answer(self.command, self.path, self.headers, body)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = _do  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - the library's name

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class GivenCredentials(oss.credentials.CredentialsProvider):
    def get_credentials(self) -> oss.Credentials:
        return oss.Credentials("STS.key", "secret", "token-of-an-hour")


def client_of(address: str, credentials: oss.credentials.CredentialsProvider) -> oss.Client:
    config = oss.config.load_default()
    config.region, config.endpoint, config.use_path_style = "cn-beijing", f"http://{address}", True
    config.credentials_provider, config.retry_max_attempts = credentials, 1
    return oss.Client(config)


@pytest.fixture
def served() -> Iterator[tuple[OssBucket, FakeOss]]:
    fake = FakeOss()
    with serving(fake.answer) as address:
        yield OssBucket(client=client_of(address, GivenCredentials()), name=BUCKET), fake


def test_what_was_put_is_given_back_and_what_is_not_there_is_none(served: tuple[OssBucket, FakeOss]) -> None:
    bucket, fake = served
    assert bucket.get("smp-china/daily/2026-11-25/manifest.json") is None
    bucket.put("smp-china/daily/2026-11-25/manifest.json", b"\x00\xff")
    assert fake.objects == {"smp-china/daily/2026-11-25/manifest.json": b"\x00\xff"}
    assert bucket.get("smp-china/daily/2026-11-25/manifest.json") == b"\x00\xff"


def test_a_name_is_written_once(served: tuple[OssBucket, FakeOss]) -> None:
    bucket, fake = served
    bucket.put("k", b"first")
    bucket.put("k", b"first")
    with pytest.raises(JobError, match="k of smp-china-audit-log was written before with another content"):
        bucket.put("k", b"second")
    assert fake.objects == {"k": b"first"}


def test_every_page_is_listed(served: tuple[OssBucket, FakeOss]) -> None:
    bucket, fake = served
    fake.objects = dict.fromkeys(["p/1", "p/2", "p/3", "p/4", "p/5", "q"], b"")
    assert bucket.keys("p/") == ["p/1", "p/2", "p/3", "p/4", "p/5"]
    assert bucket.keys("r/") == []


def test_a_bucket_that_encrypts_otherwise_is_refused(served: tuple[OssBucket, FakeOss]) -> None:
    bucket, fake = served
    fake.encryption = "AES256"
    with pytest.raises(JobError, match="does not encrypt with a key of KMS"):
        bucket.put("k", b"x")


def test_a_refusal_is_one_line_that_says_what_and_where(served: tuple[OssBucket, FakeOss]) -> None:
    bucket, fake = served
    fake.denies = "denied"
    for act, deed in (
        (lambda: bucket.get("denied"), "read"),
        (lambda: bucket.put("denied", b""), "written"),
        (lambda: bucket.keys("denied"), "listed"),
    ):
        with pytest.raises(JobError, match=f"denied of {BUCKET} cannot be {deed}: .*AccessDenied") as caught:
            act()
        assert "\n" not in str(caught.value)


def test_a_bucket_that_is_not_reached_is_said() -> None:
    with serving(FakeOss().answer) as address:
        pass
    bucket = OssBucket(client=client_of(address, GivenCredentials()), name=BUCKET)
    with pytest.raises(JobError, match="cannot be listed"):
        bucket.keys("p")


@pytest.fixture
def pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What RRSA gives a pod."""
    token = tmp_path / "token"
    token.write_text("token-of-the-pod", encoding="utf-8")
    from alibabacloud_credentials.utils import auth_util

    monkeypatch.setattr(auth_util, "environment_role_arn", "acs:ram::5:role/smp-china-prod-audit-batches")
    monkeypatch.setattr(auth_util, "environment_oidc_provider_arn", "acs:ram::5:oidc-provider/ack-rrsa-c1")
    monkeypatch.setattr(auth_util, "environment_oidc_token_file", str(token))


def own_authority(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate for loopback; give its file and what a server needs."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "loopback.pem"
    file.write_bytes(certificate.public_bytes(Encoding.PEM))
    private = folder / "loopback-key.pem"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, private)
    return file, context


@pytest.mark.usefixtures("pod")
def test_the_pod_is_its_role_by_its_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority, tls = own_authority(tmp_path)
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(authority))
    asked: list[dict[str, list[str]]] = []

    def sts(method: str, path: str, headers: Message, body: bytes) -> Answer:
        asked.append(parse_qs(urlsplit(path).query))
        credentials = {
            "AccessKeyId": "STS.key",
            "AccessKeySecret": "secret",
            "SecurityToken": "token-of-an-hour",
            "Expiration": f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
        }
        return 200, {}, json.dumps({"Credentials": credentials}).encode()

    fake = FakeOss()
    with serving(sts, tls) as address, serving(fake.answer) as store:
        bucket = OssBucket(client=client_of(store, PodCredentials(address)), name=BUCKET)
        bucket.put("k", b"x")
        assert bucket.get("k") == b"x"
    (request,) = asked  # kept for the hour
    assert request["Action"] == ["AssumeRoleWithOIDC"]
    assert request["RoleArn"] == ["acs:ram::5:role/smp-china-prod-audit-batches"]
    assert request["OIDCToken"] == ["token-of-the-pod"]


@pytest.mark.usefixtures("pod")
def test_a_role_that_is_not_given_is_said_without_the_pod_s_token() -> None:
    with serving(FakeOss().answer) as address:
        pass
    with serving(FakeOss().answer) as store:
        bucket = OssBucket(client=client_of(store, PodCredentials(address)), name=BUCKET)
        with pytest.raises(JobError, match="STS gives no credentials") as caught:
            bucket.get("k")
    shown: BaseException | None = caught.value
    while shown is not None:
        assert "token-of-the-pod" not in str(shown)
        shown = shown.__cause__


@pytest.mark.usefixtures("pod")
def test_the_region_s_own_endpoint_is_taken_inside_its_network() -> None:
    client = oss_client("cn-beijing")
    assert client._client._options.endpoint.geturl() == "https://oss-cn-beijing-internal.aliyuncs.com"


def test_a_pod_without_a_role_is_said() -> None:
    with pytest.raises(JobError, match="the pod has no role"):
        oss_client("cn-beijing")
