// Verifies the cases of standard input with jose and jsonwebtoken and prints what each library said of each. Knows
// nothing of what is expected. The form of both texts is described in ../README.md.

import { readFileSync } from 'node:fs';
import * as jose from 'jose';
import jwt from 'jsonwebtoken';
import jwksRsa from 'jwks-rsa';

/** The library says no, for a reason in the words of ../README.md. */
class Refusal extends Error {}

/** What a library leaves to its caller, as its documentation says. */
function callerChecks(test, header, claims, { typ, nonce }) {
  if (typ && test.use === 'access_token') {
    const type = String(header.typ).toLowerCase();
    if (type !== 'at+jwt' && type !== 'application/at+jwt') throw new Refusal('type');
  }
  if (nonce && test.nonce !== undefined && claims.nonce !== test.nonce) throw new Refusal('nonce');
}

const secret = (test) => Buffer.from(test.secret, 'base64url');

const sets = new Map();

async function withJose(test) {
  if (!sets.has(test.jwks)) sets.set(test.jwks, test.jwks && jose.createRemoteJWKSet(new URL(test.jwks)));
  const key = test.secret === undefined ? sets.get(test.jwks) : secret(test);
  const options = {
    algorithms: [test.algorithm],
    issuer: test.issuer,
    audience: test.audience,
    requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
    ...(test.use === 'access_token' && { typ: 'at+jwt' }),
  };
  const { payload, protectedHeader } = await jose.jwtVerify(test.token, key, options);
  callerChecks(test, protectedHeader, payload, { nonce: true });
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

const clients = new Map();

async function withJsonwebtoken(test) {
  if (!clients.has(test.jwks)) clients.set(test.jwks, test.jwks && jwksRsa({ jwksUri: test.jwks }));
  const getKey = (header, done) => {
    if (test.secret !== undefined) return done(null, secret(test));
    clients.get(test.jwks).getSigningKey(header.kid).then((key) => done(null, key.getPublicKey()), done);
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
  callerChecks(test, header, payload, { typ: true });
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
