"""Verifies keyslot license tokens and .lic files offline. Needs the package "cryptography"."""
import base64
import hashlib
import json
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SKEW = 300  # seconds that clocks may be apart
SPKI = bytes.fromhex("302a300506032b6570032100")  # what comes before the 32 bytes of an Ed25519 public key


class Refused(Exception):
    """Its text is the code of why not."""


def encode(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode(text):
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise ValueError("another spelling of the same bytes")
    return data


def trust_store(jwks):
    """The pinned keys by their kid, which is computed and never read from a JWK."""
    raw_keys = [decode(jwk["x"]) for jwk in jwks]
    return {encode(hashlib.sha256(SPKI + raw).digest()): Ed25519PublicKey.from_public_bytes(raw) for raw in raw_keys}


def open_signed(text, keys, typ, issuer):
    """The claims of a compact JWS, once a trusted key has signed it."""
    try:
        head, body, signature = text.split(".")
        header, payload, signature = json.loads(decode(head)), decode(body), decode(signature)
    except ValueError:
        raise Refused("TOKEN_MALFORMED") from None
    if not isinstance(header, dict) or "crit" in header:
        raise Refused("TOKEN_MALFORMED")
    if header.get("alg") != "EdDSA":
        raise Refused("TOKEN_ALGORITHM")
    key = keys.get(str(header.get("kid")))
    if key is None:
        raise Refused("TOKEN_KEY_UNKNOWN")
    try:
        key.verify(signature, f"{head}.{body}".encode())
        claims = json.loads(payload)
    except InvalidSignature:
        raise Refused("TOKEN_SIGNATURE") from None
    except ValueError:
        raise Refused("TOKEN_MALFORMED") from None
    if not isinstance(claims, dict):
        raise Refused("TOKEN_MALFORMED")
    if header.get("typ") != typ or claims.get("iss") != issuer:
        raise Refused("TOKEN_CLAIMS")
    return claims


def revoked(claims, lists, keys, issuer):
    """Whether a genuine revocation list names the license, or its activation on this machine."""
    subjects = ["keyslot-license", claims["lid"]], ["keyslot-activation", claims["lid"], claims["machine"]]
    ids = [encode(hashlib.sha256("\0".join(parts).encode()).digest())[:16] for parts in subjects]
    for text in lists:
        try:
            entries = open_signed(text, keys, "keyslot-revocations+jwt", issuer)["entries"]
        except Refused:
            continue
        if any(entry[0] in ids and entry[1] >= claims["stamp"] for entry in entries):
            return True
    return False


def verify_token(token, keys, product_id, machine, now, lists=(), issuer="keyslot"):
    """Returns "valid" or "grace", and the claims. `now` is in Unix seconds."""
    claims = open_signed(token, keys, "JWT", issuer)
    grant = claims.get("license")
    texts = [claims.get(name) for name in ("aud", "productId", "key", "machine", "lid")]
    numbers = [claims.get(name) for name in ("iat", "nbf", "exp", "stamp")]
    numbers.append(grant.get("graceSeconds") if isinstance(grant, dict) else None)
    if not all(type(text) is str for text in texts) or not all(type(number) in (int, float) for number in numbers):
        raise Refused("TOKEN_CLAIMS")
    if claims.get("type") != "offline" or claims.get("sub") != claims["key"]:
        raise Refused("TOKEN_CLAIMS")
    if claims["aud"] != product_id or claims["productId"] != product_id:
        raise Refused("TOKEN_WRONG_PRODUCT")
    if claims["machine"] != machine or "cnf" in claims:  # cnf: good only with a key that the client kit holds
        raise Refused("TOKEN_WRONG_HOST")
    if revoked(claims, lists, keys, issuer):
        raise Refused("REVOKED")
    if now + SKEW < max(claims["iat"], claims["nbf"]):
        raise Refused("TOKEN_NOT_YET_VALID")
    if now - SKEW < claims["exp"]:
        return "valid", claims
    grace_end, license_end = claims["exp"] + grant["graceSeconds"], grant.get("expiresAt")
    if license_end is not None and license_end[0] != "+":  # +: a year above 9999
        grace_end = min(grace_end, datetime.fromisoformat(license_end.replace("Z", "+00:00")).timestamp())
    if now < grace_end:
        return "grace", claims
    raise Refused("TOKEN_EXPIRED")


def verify_file(text, *expected, **options):
    """The same, of the text of a .lic file."""
    try:
        file = json.loads(text)
        token, signed_key = file["licenseToken"], file["signedKey"]
    except (ValueError, KeyError, TypeError):
        raise Refused("LICENSE_FILE_MALFORMED") from None
    status, claims = verify_token(token, *expected, **options)
    if claims["key"] != signed_key:
        raise Refused("LICENSE_FILE_MALFORMED")
    return status, claims
