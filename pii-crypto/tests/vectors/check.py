"""Recomputes every vector of v1.json from its inputs, with the Python package `cryptography`.

Run it in this folder: python3 check.py
"""

import base64
import hashlib
import hmac
import json
import pathlib
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# The vectors that the documentation publishes, written out.
ENVELOPE = "pii1:EQVMbJcATOS9wb2fdTfZT9ZnoKGio6SlpqeoqaqrIVAYmN3QMU66EZh2eDY7oaoIOv4CCHI59rbx0t77oMM"
WRAP_TAG = "f30df178f9bbbf1250243df7a87a7666"
CONTENT = {"bytes": 0, "text": 1, "json": 2}


def derive(secret, info):
    return HKDF(hashes.SHA256(), 32, None, info).derive(secret)


def commitment(dek):
    return derive(dek, b"pii-crypto/1 key-id")


def l16(text):
    data = text.encode()
    return len(data).to_bytes(2, "big") + data


def u32(number):
    return number.to_bytes(4, "big")


def u64(number):
    return number.to_bytes(8, "big")


def padded(value, padding):
    if padding == "exact":
        return value
    size = int(padding.removeprefix("bucket:"))
    value += b"\x80"
    return value + bytes(-len(value) % size)


def envelope(v):
    dek, nonce = bytes.fromhex(v["dek"]), bytes.fromhex(v["nonce"])
    flags = CONTENT[v["content"]] | (0 if v["padding"] == "exact" else 4)
    header = bytes([0x11, flags]) + commitment(dek)[:16]
    places = (v["tenant"], v["subject"], v["category"], v["record"], v["tag"])
    aad = b"pii-crypto/1" + header + b"".join(map(l16, places))
    plain = padded(bytes.fromhex(v["value"]), v["padding"])
    key = derive(dek, b"pii-crypto/1 enc\x01")
    sealed = header + nonce + AESGCM(key).encrypt(nonce, plain, aad)
    return "pii1:" + base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def xaes(key, nonce, plain, aad):
    block = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update
    doubled = int.from_bytes(block(bytes(16)), "big") << 1
    if doubled >> 128:
        doubled ^= 0x87
    k1 = (doubled % (1 << 128)).to_bytes(16, "big")

    def half(number):
        message = bytes([0, number, 0x58, 0]) + nonce[:12]
        return block(bytes(a ^ b for a, b in zip(message, k1)))

    return AESGCM(half(1) + half(2)).encrypt(nonce[12:], plain, aad)


def wrap(v):
    dek, nonce = bytes.fromhex(v["dek"]), bytes.fromhex(v["nonce"])
    head = b"\x13" + u32(v["epoch"])
    owner = b"".join(map(l16, (v["tenant"], v["subject"], v["category"])))
    aad = b"pii-crypto/1 wrap" + head + owner + u32(v["generation"]) + commitment(dek)[:16]
    return (head + nonce + xaes(bytes.fromhex(v["kek"]), nonce, dek, aad)).hex()


def marks(keys):
    body = u32(len(keys))
    for key in keys:
        body += l16(key["category"]) + u32(key["generation"]) + bytes.fromhex(key["commitment"])
    return body


def row(v):
    body = b"\x01"
    if v["fence"]:
        body += b"\x01" + l16(v["fence"]["order"]) + u64(v["fence"]["at"])
    else:
        body += b"\x00"
    body += u32(len(v["live"]))
    for key in v["live"]:
        body += l16(key["category"]) + u32(key["generation"])
        body += bytes.fromhex(key["commitment"]) + bytes.fromhex(key["wrap"])
    body += marks(v["dead"])
    place = l16(v["tenant"]) + l16(v["subject"]) + u64(v["version"])
    key = derive(bytes.fromhex(v["tenant-secret"]), b"pii-crypto/1 row")
    tag = hmac.new(key, b"pii-crypto/1 row" + place + body, hashlib.sha256).digest()
    return (body + tag).hex()


def pseudonym(v):
    key = derive(bytes.fromhex(v["tenant-secret"]), b"pii-crypto/1 pseudonym")
    return hmac.new(key, v["subject"].encode(), hashlib.sha256).hexdigest()


def receipt(v, previous):
    digest = hashlib.sha256(bytes.fromhex(previous)).digest() if previous else bytes(32)
    body = b"pii-crypto/1 receipt" + l16(v["tenant"]) + u64(v["sequence"]) + digest
    body += l16(v["order"]) + bytes.fromhex(pseudonym(v)) + u64(v["at"])
    body += l16(v["reason"]) + l16(v["actor"]) + marks(v["destroyed"])
    signer = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(v["seed"]))
    return (body + signer.sign(body)).hex()


def verifying_key(v):
    signer = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(v["seed"]))
    return signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def check(vectors):
    """Yields the name of every vector, and whether it is what its inputs give."""
    first, key = vectors["envelopes"][0], vectors["wraps"][0]
    yield "the published envelope", envelope(first) == ENVELOPE
    yield "the published wrap", wrap(key).endswith(WRAP_TAG)
    for v in vectors["envelopes"]:
        yield v["name"], envelope(v) == v["sealed"]
    for v in vectors["wraps"]:
        yield v["name"], wrap(v) == v["wrapped"]
    for v in vectors["rows"]:
        yield v["name"], row(v) == v["stored"]
    previous = None
    for v in vectors["receipts"]:
        good = receipt(v, previous) == v["bytes"] and verifying_key(v) == v["verifying-key"]
        yield v["name"], good and pseudonym(v) == v["pseudonym"]
        previous = v["bytes"]


def main():
    vectors = json.loads(pathlib.Path(__file__).with_name("v1.json").read_text())
    results = list(check(vectors))
    wrong = [name for name, good in results if not good]
    print(f"{len(results)} vectors, {len(wrong)} wrong", *wrong, sep="\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
