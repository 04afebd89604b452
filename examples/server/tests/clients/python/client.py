"""Signs in, refreshes and asks for tokens with Authlib, and sees refusals.

Prints the name of each step that went as it should; the first that does not ends it.

Usage: python client.py ISSUER
"""

import platform
import re
import sys
from importlib.metadata import version
from urllib.parse import parse_qs, urljoin, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

ISSUER = sys.argv[1]
NS = "https://acme.example/claims/"
SHOP = "http://127.0.0.1:8081/callback"

metadata = requests.get(f"{ISSUER}/.well-known/oauth-authorization-server", timeout=10).json()
assert metadata["issuer"] == ISSUER
keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=10).json())
print("discovery")


def session(client, secret=None, method="none", **more):
    return OAuth2Session(
        client,
        secret,
        token_endpoint=metadata["token_endpoint"],
        token_endpoint_auth_method=method,
        code_challenge_method="S256",
        **more,
    )


def claims(token, typ, audience):
    """What a token says, after a check of signature, type, issuer, audience and expiry."""
    decoded = jwt.decode(token, keys, algorithms=["ES256"])
    assert decoded.header["typ"] == typ
    essential = {"essential": True}
    registry = jwt.JWTClaimsRegistry(
        iss={**essential, "value": ISSUER}, aud={**essential, "value": audience}, exp=essential
    )
    registry.validate(decoded.claims)
    return decoded.claims


def refused(error, call, *arguments, **more):
    try:
        call(*arguments, **more)
    except OAuthError as thrown:
        assert thrown.error == error, thrown
        return thrown
    raise AssertionError(f"no {error}")


def sign_in(client, login, password, nonce):
    """The address that the browser is sent back to, and the PKCE verifier."""
    verifier = generate_token(48)
    url, state = client.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
    )
    browser = requests.Session()
    form = browser.get(url, timeout=10)
    action = urljoin(ISSUER, re.search(r'action="([^"]+)"', form.text).group(1))
    fields = {"login": login, "password": password}
    answer = browser.post(action, data=fields, allow_redirects=False, timeout=10)
    assert answer.status_code == 303, answer.status_code
    location = answer.headers["location"]
    assert parse_qs(urlsplit(location).query)["state"] == [state]
    return location, verifier


nonce = generate_token(20)
shop = session("shop", scope="openid profile email", redirect_uri=SHOP)
location, verifier = sign_in(shop, "alice", "demo-alice", nonce)
tokens = shop.fetch_token(authorization_response=location, code_verifier=verifier)
identity = claims(tokens["id_token"], "JWT", "shop")
assert identity["nonce"] == nonce and identity["email"] == "alice@acme.example"
access = claims(tokens["access_token"], "at+jwt", "https://orders.acme.example")
assert access[f"{NS}username"] == "alice" and access["client_id"] == "shop"
print("login of a public client")

answer = shop.get(metadata["userinfo_endpoint"])
assert answer.json()["sub"] == "u-1" and answer.headers["cache-control"] == "no-store"
print("userinfo")

first = tokens["refresh_token"]
second = shop.refresh_token(refresh_token=first)
assert second["refresh_token"] != first
assert claims(second["access_token"], "at+jwt", "https://orders.acme.example")["sub"] == "u-1"
print("refresh with rotation")

refused("invalid_grant", shop.refresh_token, refresh_token=first)
refused("invalid_grant", shop.refresh_token, refresh_token=second["refresh_token"])
print("a refresh token that comes again ends the session")

bob = session("shop", scope="openid", redirect_uri=SHOP)
location, verifier = sign_in(bob, "bob", "demo-bob", nonce)
denied = refused("invalid_grant", bob.fetch_token, authorization_response=location, code_verifier=verifier)
assert denied.description == "please confirm your e-mail address first"
print("what the policy denies")

billing = session("billing", "demo-secret-of-billing", "client_secret_basic", scope="orders:read")
machine = billing.fetch_token(grant_type="client_credentials")
assert "id_token" not in machine and "refresh_token" not in machine
access = claims(machine["access_token"], "at+jwt", "https://orders.acme.example")
assert (access["sub"], access[f"{NS}tier"]) == ("billing", "gold")
nightly = session("nightly", "demo-secret-of-nightly", "client_secret_post")
machine = nightly.fetch_token(grant_type="client_credentials", resource="https://reports.acme.example")
claims(machine["access_token"], "at+jwt", "https://reports.acme.example")
print("machines")

impostor = session("billing", "wrong", "client_secret_basic")
refused("invalid_client", impostor.fetch_token, grant_type="client_credentials")
refused("invalid_target", nightly.fetch_token, grant_type="client_credentials", resource="https://elsewhere.example")
print("machines that are refused")

tests = session("shop-tests", "demo-secret-of-the-tests", "client_secret_post", scope="openid profile")
tokens = tests.fetch_token(username="alice", password="demo-alice")
assert claims(tokens["id_token"], "JWT", "shop-tests")["preferred_username"] == "alice"
refused("invalid_grant", tests.fetch_token, username="alice", password="wrong")
print("password of a test user")

print(f"Authlib {version('authlib')}, Python {platform.python_version()}")
