"""Signatures per second beside stock pyHanko, with the same key and the same PDF."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import typst
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from haidang.esign.formats import pades
from haidang.esign.sandbox_trust import pki as sandbox
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter

from benches.figures import Figure, beside, rate

PASSPHRASE = None


def figures() -> list[Figure]:
    """PAdES B-B over a small PDF, P-256."""
    with TemporaryDirectory() as folder:
        return [_figure(Path(folder))]


def _figure(folder: Path) -> Figure:
    authority = sandbox.open_pki(folder, "http://127.0.0.1:9")
    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(sandbox.name("Bench"))
    leaf = sandbox.issue_leaf(authority, request.sign(key, hashes.SHA256()))
    held = (leaf, authority.issuing.certificate, authority.root.certificate)
    chain = tuple(one.public_bytes(serialization.Encoding.DER) for one in held)
    (folder / "page.typ").write_text("= Bản khai\n" + "Nội dung. " * 40)
    pdf = typst.compile(str(folder / "page.typ"))
    assert isinstance(pdf, bytes)

    def ours() -> bytes:
        prepared = pades.prepare(pdf, chain, datetime.now(UTC), reason="Bench")
        value = key.sign(prepared.digest, ec.ECDSA(Prehashed(hashes.SHA256())))
        return pades.complete(prepared, chain, value)

    stock = _stock(folder, key, held)

    def theirs() -> bytes:
        return _signed_by(stock(), pdf)

    return beside(
        "PAdES B-B signatures, P-256",
        lambda: rate(ours),
        f"stock pyHanko {version('pyHanko')}",
        lambda: rate(theirs),
        goal=3.0,
    )


def _stock(folder: Path, key: ec.EllipticCurvePrivateKey, chain: tuple[x509.Certificate, ...]):  # type: ignore[no-untyped-def]
    """pyHanko's own way: a signer loaded from PEM files, as its documentation shows."""
    encoding, private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(
        key.private_bytes(encoding, private, serialization.NoEncryption())
    )
    (folder / "leaf.pem").write_bytes(chain[0].public_bytes(encoding))
    (folder / "above.pem").write_bytes(b"".join(one.public_bytes(encoding) for one in chain[1:]))
    signer = signers.SimpleSigner.load(
        str(folder / "key.pem"),
        str(folder / "leaf.pem"),
        ca_chain_files=(str(folder / "above.pem"),),
    )
    return lambda: signer


def _signed_by(signer: signers.SimpleSigner, pdf: bytes) -> bytes:
    metadata = signers.PdfSignatureMetadata(
        field_name="Signature1",
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        reason="Bench",
    )
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    output = signers.PdfSigner(metadata, signer=signer).sign_pdf(writer)
    signed: bytes = output.getvalue()
    return signed
