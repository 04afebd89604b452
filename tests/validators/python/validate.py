"""Verifies the cases of standard input with PyJWT and Authlib and prints what each library said of each. Knows nothing of
what is expected. The form of both texts is described in ../README.md."""

import base64
import json
import platform
import sys
import urllib.request
from functools import cache
from importlib.metadata import version

import jwt
from authlib.oauth2.rfc6750.errors import InvalidTokenError
from authlib.oauth2.rfc9068 import JWTBearerTokenValidator
from authlib.oidc.core.claims import get_claim_cls_by_response_type
from joserfc import errors as jose
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import KeySet, OctKey


class Refusal(Exception):
    """The caller says no where the library leaves a check to it, for a reason in the words of ../README.md."""


def octets(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@cache
def pyjwt_keys(url):
    return jwt.PyJWKClient(url)


def with_pyjwt(test):
    token = test["token"]
    key = octets(test["secret"]) if "secret" in test else pyjwt_keys(test["jwks"]).get_signing_key_from_jwt(token)
    verified = jwt.decode_complete(
        token,
        key,
        algorithms=[test["algorithm"]],
        issuer=test["issuer"],
        audience=test["audience"],
        options={"require": ["iss", "sub", "aud", "exp", "iat"]},
    )
    header, claims = verified["header"], verified["payload"]
    if test["use"] == "access_token" and header.get("typ", "").lower() not in ("at+jwt", "application/at+jwt"):
        raise Refusal("type")
    if "nonce" in test and claims.get("nonce") != test["nonce"]:
        raise Refusal("nonce")
    if "access_token" in test and test["algorithm"] != "EdDSA":
        # As in "OIDC Login Flow" of its documentation; it has no hash for Ed25519.
        digest = jwt.get_algorithm_by_name(header["alg"]).compute_hash_digest(test["access_token"].encode())
        half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
        if claims.get("at_hash") != half:
            raise Refusal("at_hash")
    return claims


def pyjwt_reason(error):
    reasons = {
        jwt.ExpiredSignatureError: "expired",
        jwt.InvalidAlgorithmError: "algorithm",
        jwt.InvalidAudienceError: "audience",
        jwt.InvalidIssuerError: "issuer",
        jwt.InvalidSignatureError: "signature",
    }
    if isinstance(error, jwt.PyJWKClientError) and "Unable to find a signing key" in str(error):
        return "key"
    return reasons.get(type(error))


@cache
def key_set(url):
    with urllib.request.urlopen(url) as response:
        return KeySet.import_key_set(json.load(response))


class ResourceServer(JWTBearerTokenValidator):
    def __init__(self, test):
        super().__init__(test["issuer"], test["audience"])
        self.jwks = test["jwks"]

    def get_jwks(self):
        return key_set(self.jwks)


def with_authlib(test):
    if test["use"] == "access_token":
        server = ResourceServer(test)
        claims = server.authenticate_token(test["token"])
        server.validate_token(claims, scopes=None, request=None)
        return dict(claims)
    key = OctKey.import_key(octets(test["secret"])) if "secret" in test else key_set(test["jwks"])
    token = joserfc_jwt.decode(test["token"], key, algorithms=[test["algorithm"]])
    options = {
        "iss": {"essential": True, "value": test["issuer"]},
        "aud": {"essential": True, "value": test["audience"]},
    }
    asked = {name: test[name] for name in ("nonce", "access_token", "code") if name in test}
    claims_class = get_claim_cls_by_response_type(test["response_type"])
    claims = claims_class(token.claims, token.header, options, {"client_id": test["audience"], **asked})
    claims.validate()
    return dict(claims)


def authlib_reason(error):
    if isinstance(error, InvalidTokenError):
        error = error.__cause__
    reasons = {
        jose.ExpiredTokenError: "expired",
        jose.BadSignatureError: "signature",
        jose.InvalidKeyIdError: "key",
    }
    claims = {"iss": "issuer", "aud": "audience", "typ": "type"}
    if isinstance(error, jose.UnsupportedAlgorithmError):
        # Its validator of access tokens takes what joserfc recommends, and that cannot be set.
        return "unsupported" if "is not recommended" in str(error) else "algorithm"
    if isinstance(error, jose.ClaimError) and not isinstance(error, jose.ExpiredTokenError):
        return claims.get(error.claim, error.claim)
    return reasons.get(type(error))


LIBRARIES = [
    ("PyJWT", with_pyjwt, pyjwt_reason),
    ("Authlib", with_authlib, authlib_reason),
]


def run(verify, reason_of, test):
    try:
        return {"outcome": "accepted", "claims": verify(test)}
    except Refusal as refusal:
        return {"outcome": "refused", "reason": str(refusal)}
    except Exception as error:  # whatever it is, it is told
        message = f"{type(error).__name__}: {error.__cause__ or error}"
        reason = reason_of(error)
        outcome = {"unsupported": "unsupported", None: "failed"}.get(reason, "refused")
        return {"outcome": outcome, "reason": reason, "message": message}


tests = json.load(sys.stdin)
report = [
    {
        "name": name,
        "version": version(name),
        "results": [{"name": test["name"], **run(verify, reason_of, test)} for test in tests],
    }
    for name, verify, reason_of in LIBRARIES
]
json.dump({"runtime": f"Python {platform.python_version()}", "validators": report}, sys.stdout)
