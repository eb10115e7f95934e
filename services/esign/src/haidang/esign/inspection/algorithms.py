"""Compute digests and verify raw signature values; the one place that touches primitives.

Comes in: asn1crypto algorithm values, keys, bytes. Goes out: True, False, or None where
the algorithm or key is not one we know. Never here: which algorithms are acceptable.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from asn1crypto import algos, keys, x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import load_der_public_key
from haidang.esign.facts import AlgorithmFacts

# What asn1crypto is seen to raise on damaged structures; NameError is a defect of its own.
PARSING_FAULTS = (
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    NameError,
)

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303  # judged by the policy, verified here
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
    "sha3_256": hashes.SHA3_256(),
    "sha3_384": hashes.SHA3_384(),
    "sha3_512": hashes.SHA3_512(),
}
_SCHEMES = {
    "rsassa_pkcs1v15": "rsa_pkcs1v15",
    "rsassa_pss": "rsa_pss",
    "ecdsa": "ecdsa",
    "ed25519": "ed25519",
    "ed448": "ed448",
}


def digest(name: str, parts: Iterable[bytes]) -> bytes | None:
    """The digest *name* over *parts* in order; None for an algorithm we do not know."""
    if name not in _HASHES:
        return None
    running = hashlib.new(name, usedforsecurity=False)
    for part in parts:
        running.update(part)
    return running.digest()


def _scheme(algorithm: algos.SignedDigestAlgorithm) -> str:
    try:
        return _SCHEMES.get(algorithm.signature_algo, str(algorithm.signature_algo))
    except PARSING_FAULTS:
        return str(algorithm["algorithm"].native)


def _digest_name(algorithm: algos.SignedDigestAlgorithm, otherwise: str) -> str:
    try:
        return str(algorithm.hash_algo)
    except PARSING_FAULTS:
        return otherwise


def describe(
    use: str, algorithm: algos.SignedDigestAlgorithm, key: keys.PublicKeyInfo, digest_name: str = ""
) -> AlgorithmFacts:
    """What was used: scheme, digest, and the size of *key* in bits."""
    try:
        bits = int(key.bit_size)
    except PARSING_FAULTS:
        bits = 0
    return AlgorithmFacts(use, _scheme(algorithm), _digest_name(algorithm, digest_name), bits)


def verifies(
    key: keys.PublicKeyInfo,
    algorithm: algos.SignedDigestAlgorithm,
    value: bytes,
    message: bytes,
    digest_name: str = "",
) -> bool | None:
    """Whether *value* signs *message* under *key*; None where we cannot tell."""
    scheme, name = _scheme(algorithm), _digest_name(algorithm, digest_name)
    try:
        public = load_der_public_key(_plain_key(key))
        return _verify(public, scheme, name, algorithm, value, message)
    except InvalidSignature:
        return False
    except (*PARSING_FAULTS, UnsupportedAlgorithm):
        return None


def verifies_digest(
    key: keys.PublicKeyInfo,
    algorithm: algos.SignedDigestAlgorithm,
    value: bytes,
    digest_value: bytes,
    digest_name: str,
) -> bool | None:
    """As `verifies`, over a digest computed before (CMS without signed attributes)."""
    try:
        public = load_der_public_key(_plain_key(key))
        hashed = utils.Prehashed(_HASHES[digest_name])
        if isinstance(public, rsa.RSAPublicKey) and _scheme(algorithm) == "rsa_pkcs1v15":
            public.verify(value, digest_value, padding.PKCS1v15(), hashed)
        elif isinstance(public, ec.EllipticCurvePublicKey) and _scheme(algorithm) == "ecdsa":
            public.verify(value, digest_value, ec.ECDSA(hashed))
        else:
            return None
    except InvalidSignature:
        return False
    except (*PARSING_FAULTS, UnsupportedAlgorithm):
        return None
    return True


def _plain_key(key: keys.PublicKeyInfo) -> bytes:
    """The key as rsaEncryption where it was written as id-RSASSA-PSS, which we check apart."""
    if key.algorithm != "rsassa_pss":
        return bytes(key.dump())
    return bytes(keys.PublicKeyInfo.wrap(key["public_key"].parsed, "rsa").dump())


def _verify(
    public: object,
    scheme: str,
    name: str,
    algorithm: algos.SignedDigestAlgorithm,
    value: bytes,
    message: bytes,
) -> bool | None:
    if isinstance(public, rsa.RSAPublicKey) and scheme == "rsa_pkcs1v15":
        public.verify(value, message, padding.PKCS1v15(), _HASHES[name])
    elif isinstance(public, rsa.RSAPublicKey) and scheme == "rsa_pss":
        parameters = algorithm["parameters"]
        mask = _HASHES[parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native]
        filling = padding.PSS(padding.MGF1(mask), parameters["salt_length"].native)
        public.verify(value, message, filling, _HASHES[name])
    elif isinstance(public, ec.EllipticCurvePublicKey) and scheme == "ecdsa":
        public.verify(value, message, ec.ECDSA(_HASHES[name]))
    elif isinstance(public, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        public.verify(value, message)
    else:
        return None
    return True


def signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether *issuer*'s key made the signature on *certificate*; names are not compared."""
    return (
        verifies(
            issuer.public_key,
            certificate["signature_algorithm"],
            certificate.signature,
            certificate["tbs_certificate"].dump(),
        )
        is True
    )
