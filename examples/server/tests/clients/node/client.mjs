// Signs in, refreshes and asks for tokens with openid-client, and sees refusals. Prints the name of each step that went
// as it should; the first that does not ends it.
//
// Usage: node client.mjs ISSUER

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import * as oidc from 'openid-client';

const issuer = new URL(process.argv[2]);
const NS = 'https://acme.example/claims/';
const SHOP = 'http://127.0.0.1:8081/callback';
const BACKOFFICE = 'http://127.0.0.1:8082/callback';

const step = (name) => console.log(name);
const payload = (jwt) => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'));

/** What the server says of itself, for one client. ID tokens are verified with its key set. */
async function discover(id, secret, method, algorithm = 'oidc') {
  const authentication = secret ? method(secret) : oidc.None();
  const execute = [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks]; // http, on loopback only
  const config = await oidc.discovery(issuer, id, undefined, authentication, { algorithm, execute });
  assert.equal(config.serverMetadata().issuer, process.argv[2]);
  return config;
}

/** The error response that a call ends with. */
async function refused(call, error, status = 400) {
  const thrown = await call.then(() => assert.fail(`no ${error}`), (thrown) => thrown);
  assert.equal(thrown.error, error, thrown);
  assert.equal(thrown.status, status);
  return thrown;
}

async function begin(config, redirect, extra = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirect,
    scope: 'openid profile email',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...extra,
  });
  const page = await fetch(url, { redirect: 'manual' });
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  return { page, checks };
}

/** Fills in the form as a browser does. */
async function fill(page, fields, cookie = page.headers.getSetCookie()[0]) {
  const action = /action="([^"]+)"/.exec(await page.text())[1];
  return fetch(new URL(action, issuer), {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookie.split(';')[0] },
    body: new URLSearchParams(fields),
  });
}

/** Where the browser is sent back to, with a code. */
async function signIn(config, redirect, fields, extra) {
  const { page, checks } = await begin(config, redirect, extra);
  assert.equal(page.status, 200);
  const answer = await fill(page, fields);
  assert.equal(answer.status, 303);
  return { url: new URL(answer.headers.get('location')), checks };
}

const alice = { login: 'alice', password: 'demo-alice' };
const bob = { login: 'bob', password: 'demo-bob' };

const shop = await discover('shop');
const backoffice = await discover('backoffice', 'demo-secret-of-the-backoffice', oidc.ClientSecretBasic);
const tests = await discover('shop-tests', 'demo-secret-of-the-tests', oidc.ClientSecretPost);
const billing = await discover('billing', 'demo-secret-of-billing', oidc.ClientSecretBasic, 'oauth2');
const nightly = await discover('nightly', 'demo-secret-of-nightly', oidc.ClientSecretPost);
step('discovery');

{
  const { url, checks } = await signIn(shop, SHOP, alice);
  const resource = 'https://orders.acme.example'; // the one that is asked for where none is named
  const tokens = await oidc.authorizationCodeGrant(shop, url, checks, { resource });
  const id = tokens.claims();
  assert.deepEqual([id.sub, id.email, id.preferred_username], ['u-1', 'alice@acme.example', 'alice']);
  const access = payload(tokens.access_token);
  assert.deepEqual([access.aud, access[`${NS}username`]], ['https://orders.acme.example', 'alice']);
  assert.equal(access.email, undefined);
  step('login of a public client');

  const claims = await oidc.fetchUserInfo(shop, tokens.access_token, id.sub);
  assert.deepEqual([claims.name, claims.email_verified], ['Alice Adams', true]);
  step('userinfo');

  const second = await oidc.refreshTokenGrant(shop, tokens.refresh_token);
  assert.notEqual(second.refresh_token, tokens.refresh_token);
  assert.equal(second.claims().auth_time, id.auth_time);
  assert.equal(payload(second.access_token)[`${NS}username`], 'alice');
  await oidc.fetchUserInfo(shop, second.access_token, id.sub);
  step('refresh with rotation');

  const narrow = await oidc.refreshTokenGrant(shop, second.refresh_token, { scope: 'openid' });
  assert.equal(narrow.scope, 'openid');
  const wide = await oidc.refreshTokenGrant(shop, narrow.refresh_token);
  assert.equal(wide.scope, 'openid profile email');
  await refused(oidc.refreshTokenGrant(shop, wide.refresh_token, { scope: 'openid phone' }), 'invalid_scope');
  step('refresh with fewer scopes, and not with more');

  await refused(oidc.refreshTokenGrant(shop, tokens.refresh_token), 'invalid_grant');
  await refused(oidc.refreshTokenGrant(shop, wide.refresh_token), 'invalid_grant');
  const gone = await oidc.fetchUserInfo(shop, wide.access_token, id.sub).then(assert.fail, (thrown) => thrown);
  assert.equal(gone.cause[0].parameters.error, 'invalid_token');
  step('a refresh token that comes again ends the session');
}

{
  const { url, checks } = await signIn(backoffice, BACKOFFICE, alice, { resource: 'https://reports.acme.example' });
  const tokens = await oidc.authorizationCodeGrant(backoffice, url, checks);
  const access = payload(tokens.access_token);
  assert.deepEqual([access.aud, access[`${NS}roles`]], ['https://reports.acme.example', ['buyer', 'auditor']]);
  step('login of a confidential client for another API');

  const wider = { resource: 'https://orders.acme.example' };
  await refused(oidc.refreshTokenGrant(backoffice, tokens.refresh_token, wider), 'invalid_target');
  await refused(oidc.authorizationCodeGrant(backoffice, url, checks), 'invalid_grant');
  await refused(oidc.refreshTokenGrant(backoffice, tokens.refresh_token), 'invalid_grant');
  step('a code that comes again ends the session');
}

{
  const { url, checks } = await signIn(shop, SHOP, alice);
  const wrong = { ...checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() };
  await refused(oidc.authorizationCodeGrant(shop, url, wrong), 'invalid_grant');
  await refused(oidc.authorizationCodeGrant(shop, url, checks), 'invalid_grant');
  step('a code with a wrong verifier is used up');

  const other = await signIn(shop, SHOP, alice);
  const stolen = oidc.authorizationCodeGrant(backoffice, new URL(other.url.href.replace(SHOP, BACKOFFICE)), other.checks);
  await refused(stolen, 'invalid_grant');
  step('a code of another client is refused');
}

{
  const { url, checks } = await signIn(shop, SHOP, bob);
  const denied = await refused(oidc.authorizationCodeGrant(shop, url, checks), 'invalid_grant');
  assert.equal(denied.error_description, 'please confirm your e-mail address first');
  step('what the policy denies');

  const { page } = await begin(shop, SHOP);
  assert.equal((await fill(page, { ...alice, password: 'wrong' })).status, 403);
  step('a wrong password');

  const fixed = await begin(shop, SHOP);
  const foreign = await begin(shop, SHOP);
  const crossed = await fill(fixed.page, alice, foreign.page.headers.getSetCookie()[0]);
  assert.equal(crossed.status, 400);
  assert.equal(crossed.headers.get('location'), null);
  step('a form of another browser');

  const cancelled = await begin(shop, SHOP);
  const back = new URL((await fill(cancelled.page, { cancel: 'yes' })).headers.get('location'));
  const answer = oidc.authorizationCodeGrant(shop, back, cancelled.checks);
  assert.equal((await answer.then(assert.fail, (thrown) => thrown)).error, 'access_denied');
  step('cancelled');
}

for (const [name, extra, error] of [
  ['no sign-in without a form', { prompt: 'none' }, 'login_required'],
  ['no plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
  ['no foreign scope', { scope: 'openid orders:write' }, 'invalid_scope'],
  ['no foreign resource', { resource: 'https://elsewhere.example' }, 'invalid_target'],
  ['no implicit flow', { response_type: 'id_token token' }, 'unsupported_response_type'],
]) {
  const { page, checks } = await begin(shop, SHOP, extra);
  assert.equal(page.status, 303, name);
  const url = new URL(page.headers.get('location'));
  assert.ok(url.href.startsWith(`${SHOP}?`));
  const thrown = await oidc.authorizationCodeGrant(shop, url, checks).then(assert.fail, (thrown) => thrown);
  assert.equal(thrown.error, error, name);
  step(name);
}

{
  const { page } = await begin(shop, `${SHOP}/../evil`);
  assert.equal(page.status, 400);
  assert.equal(page.headers.get('location'), null);
  step('no foreign redirect');
}

{
  const tokens = await oidc.clientCredentialsGrant(billing, { scope: 'orders:read' });
  const access = payload(tokens.access_token);
  assert.deepEqual([access.sub, access[`${NS}tier`], access.scope], ['billing', 'gold', 'orders:read']);
  assert.deepEqual([tokens.id_token, tokens.refresh_token], [undefined, undefined]);
  const reports = await oidc.clientCredentialsGrant(nightly, { resource: 'https://reports.acme.example' });
  assert.equal(payload(reports.access_token).aud, 'https://reports.acme.example');
  step('machines');

  await refused(oidc.clientCredentialsGrant(nightly, {}), 'invalid_target');
  await refused(oidc.clientCredentialsGrant(billing, { scope: 'admin' }), 'invalid_scope');
  await refused(oidc.clientCredentialsGrant(tests, {}), 'unauthorized_client');
  await refused(oidc.genericGrantRequest(billing, 'urn:ietf:params:oauth:grant-type:device_code', {}), 'unsupported_grant_type');
  const impostor = await discover('billing', 'wrong', oidc.ClientSecretBasic);
  const thrown = await oidc.clientCredentialsGrant(impostor, {}).then(assert.fail, (thrown) => thrown);
  assert.equal(thrown.status, 401);
  const crossed = await discover('billing', 'demo-secret-of-billing', oidc.ClientSecretPost);
  await refused(oidc.clientCredentialsGrant(crossed, {}), 'invalid_client', 401);
  step('machines that are refused');
}

{
  const ask = { username: 'alice', password: 'demo-alice', scope: 'openid profile' };
  const tokens = await oidc.genericGrantRequest(tests, 'password', ask);
  assert.equal(tokens.claims().preferred_username, 'alice');
  const second = await oidc.refreshTokenGrant(tests, tokens.refresh_token);
  assert.equal(payload(second.access_token)[`${NS}username`], 'alice');
  await refused(oidc.genericGrantRequest(tests, 'password', { ...ask, password: 'x' }), 'invalid_grant');
  await refused(oidc.genericGrantRequest(tests, 'password', { ...ask, username: 'nobody' }), 'invalid_grant');
  step('password of a test user');
}

const { version } = createRequire(import.meta.url)('./node_modules/openid-client/package.json');
console.log(`openid-client ${version}, Node.js ${process.versions.node}`);
