// Verifies the cases of standard input with jose and jsonwebtoken and prints what each library said of each. Knows
// nothing of what is expected. The form of both texts is described in ../README.md.

import { readFileSync } from 'node:fs';
import * as jose from 'jose';
import jwt from 'jsonwebtoken';
import jwksRsa from 'jwks-rsa';

/** The library says no, for a reason in the words of ../README.md. */
class Refusal extends Error {}

// What a library leaves to its caller, as its documentation says.

function checkType(test, header) {
  const type = String(header.typ).toLowerCase().replace(/^application\//, '');
  if (test.use === 'access_token' && type !== 'at+jwt') throw new Refusal('type');
}

function checkNonce(test, claims) {
  if (test.nonce !== undefined && claims.nonce !== test.nonce) throw new Refusal('nonce');
}

const secret = (test) => Buffer.from(test.secret, 'base64url');

/** What is made for a URL once, as a server makes it when it starts. */
function once(make) {
  const made = new Map();
  return (url) => {
    if (!made.has(url)) made.set(url, make(url));
    return made.get(url);
  };
}

const keySet = once((url) => jose.createRemoteJWKSet(new URL(url)));

async function withJose(test) {
  const key = test.secret === undefined ? keySet(test.jwks) : secret(test);
  const options = {
    algorithms: [test.algorithm],
    issuer: test.issuer,
    audience: test.audience,
    requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
    ...(test.use === 'access_token' && { typ: 'at+jwt' }),
  };
  const { payload } = await jose.jwtVerify(test.token, key, options);
  checkNonce(test, payload);
  return payload;
}

function joseReason(error) {
  const claims = { iss: 'issuer', aud: 'audience', typ: 'type' };
  switch (error.code) {
    case 'ERR_JWT_CLAIM_VALIDATION_FAILED': return claims[error.claim];
    case 'ERR_JWT_EXPIRED': return 'expired';
    case 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED': return 'signature';
    case 'ERR_JOSE_ALG_NOT_ALLOWED': return 'algorithm';
    case 'ERR_JWKS_NO_MATCHING_KEY': return 'key';
    default: return undefined;
  }
}

const keyClient = once((url) => jwksRsa({ jwksUri: url }));

async function withJsonwebtoken(test) {
  const getKey = (header, done) => {
    if (test.secret !== undefined) return done(null, secret(test));
    keyClient(test.jwks).getSigningKey(header.kid).then((key) => done(null, key.getPublicKey()), done);
  };
  const options = {
    algorithms: [test.algorithm],
    issuer: test.issuer,
    audience: test.audience,
    complete: true,
    ...(test.nonce !== undefined && { nonce: test.nonce }),
  };
  const { header, payload } = await new Promise((resolve, reject) =>
    jwt.verify(test.token, getKey, options, (error, token) => (error ? reject(error) : resolve(token))));
  checkType(test, header);
  return payload;
}

function jsonwebtokenReason(error) {
  if (error.name === 'TokenExpiredError') return 'expired';
  const starts = {
    'jwt audience invalid': 'audience',
    'jwt issuer invalid': 'issuer',
    'jwt nonce invalid': 'nonce',
    'invalid algorithm': 'algorithm',
    'invalid signature': 'signature',
    'error in secret or public key callback: Unable to find a signing key': 'key',
  };
  return Object.entries(starts).find(([start]) => error.message.startsWith(start))?.[1];
}

const LIBRARIES = [
  { name: 'jose', verify: withJose, reason: joseReason, algorithms: undefined },
  {
    name: 'jsonwebtoken',
    verify: withJsonwebtoken,
    reason: jsonwebtokenReason,
    // https://github.com/auth0/node-jsonwebtoken#algorithms-supported
    algorithms: ['HS256', 'RS256', 'PS256', 'ES256', 'ES384'],
  },
];

async function run(library, test) {
  if (library.algorithms && !library.algorithms.includes(test.algorithm)) return { outcome: 'unsupported' };
  try {
    return { outcome: 'accepted', claims: await library.verify(test) };
  } catch (error) {
    const reason = error instanceof Refusal ? error.message : library.reason(error);
    return { outcome: reason ? 'refused' : 'failed', reason, message: `${error.name}: ${error.message}` };
  }
}

const tests = JSON.parse(readFileSync(0, 'utf8'));
const report = [];
for (const library of LIBRARIES) {
  const results = [];
  for (const test of tests) results.push({ name: test.name, ...(await run(library, test)) });
  const packageFile = readFileSync(new URL(`node_modules/${library.name}/package.json`, import.meta.url));
  report.push({ name: library.name, version: JSON.parse(packageFile).version, results });
}
process.stdout.write(JSON.stringify({ runtime: `Node.js ${process.versions.node}`, validators: report }));
