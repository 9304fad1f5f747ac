"""TLS: the connection goes to the address that was checked, and the certificate is still verified for the name."""

import datetime
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from functions.fetch import connecting
from functions.fetch.connecting import Deadline, Patience, connect
from shared.reasons import Reason, Rejected
from shared.urls import web_url
from tests.hostile_server import HostileServer

NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


class Authority:
    """A certificate authority of the tests."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of the tests")])
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        self.certificate = (
            self._builder(self.name, self.key, NOW + DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .sign(self.key, hashes.SHA256())
        )

    def context(self, folder: Path, *names: str, until: datetime.datetime = NOW + DAY) -> ssl.SSLContext:
        """A server's context, with a certificate for `names`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        certificate = (
            self._builder(subject, key, until)
            .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
            .add_extension(authority, critical=False)
            .sign(self.key, hashes.SHA256())
        )
        file = folder / f"{names[0]}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, until: datetime.datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(until - 3 * DAY)
            .not_valid_after(until)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """An authority that this machine trusts while the test runs."""
    trusted = Authority()
    file = tmp_path / "authority.pem"
    file.write_bytes(trusted.certificate.public_bytes(Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    connecting.tls.cache_clear()
    yield trusted
    connecting.tls.cache_clear()


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, **kwargs: int) -> list[tuple[Any, ...]]:
        return real("127.0.0.1" if host.endswith(".test") else host, port, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def connected(site: HostileServer, host: str) -> bytes:
    """The first bytes of the answer to a request."""
    patience = Patience(5, 5, Deadline(5))
    stream = connect(web_url(site.url("/image.png", host), {(host, site.port)}), {(host, site.port)}, patience)
    stream.write(f"GET /image.png HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    first = stream.read(15)
    stream.close()
    return first


@pytest.mark.parametrize("host", ["media.test", "127.0.0.1"])
def test_a_certificate_for_the_name_is_accepted(authority: Authority, tmp_path: Path, host: str) -> None:
    asked_for: list[str | None] = []
    context = authority.context(tmp_path, host)
    context.sni_callback = lambda _socket, name, _context: asked_for.append(name)

    with HostileServer(tls=context) as site:
        first = connected(site, host)

    assert first == b"HTTP/1.1 200 OK"
    assert asked_for == [host if host == "media.test" else None]


def test_a_certificate_for_another_name_is_refused(authority: Authority, tmp_path: Path) -> None:
    with HostileServer(tls=authority.context(tmp_path, "other.test", "127.0.0.1")) as site:
        refused = refusal(site)

    assert refused.reason is Reason.TLS_ERROR
    assert "media.test" in refused.detail


def test_an_expired_certificate_is_refused(authority: Authority, tmp_path: Path) -> None:
    with HostileServer(tls=authority.context(tmp_path, "media.test", until=NOW - DAY)) as site:
        refused = refusal(site)

    assert refused.reason is Reason.TLS_ERROR
    assert "expired" in refused.detail


def test_a_certificate_of_an_unknown_authority_is_refused(authority: Authority, tmp_path: Path) -> None:
    with HostileServer(tls=Authority().context(tmp_path, "media.test")) as site:
        refused = refusal(site)

    assert refused.reason is Reason.TLS_ERROR


def test_a_site_that_does_not_speak_tls_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        host_port = ("media.test", plain.getsockname()[1])
        url = web_url(f"https://media.test:{host_port[1]}/", {host_port})

        with ThreadPoolExecutor(1) as thread:
            thread.submit(_greet, plain)
            with pytest.raises(Rejected) as caught:
                connect(url, {host_port}, Patience(5, 5, Deadline(5)))

    assert caught.value.reason is Reason.TLS_ERROR


def _greet(listener: socket.socket) -> None:
    visitor, _ = listener.accept()
    with visitor:
        visitor.sendall(b"220 mail.test ESMTP ready\r\n")
        visitor.recv(1000)


def refusal(site: HostileServer) -> Rejected:
    with pytest.raises(Rejected) as caught:
        connected(site, "media.test")
    return caught.value
