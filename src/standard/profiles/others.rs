//! Products that are no profile: what is known about them, and why there is no profile. No check reads this.

use super::Effect::{Ignores, Keeps, RefusesSetup, RefusesToken};
use super::{Fact, Is, Other, Source};
use crate::standard::{Token, Tokens};

const OIDC: Tokens = Tokens::BOTH.with(Token::Userinfo);
const ID: Tokens = Tokens::NONE.with(Token::Id);

const fn source(title: &'static str, version: &'static str) -> Source {
    Source { title, version }
}

const FIREBASE: Source =
    source("firebase/firebase-admin-node: src/auth/auth-api-request.ts", "at 5a203f6, 2026");
const CURITY: Source = source("Curity docs: Claims Mappers; Token Designer", "");
const NODE: Source = source("panva/node-oidc-provider: lib/models/formats/jwt.js", "at b95c294, 2026");

/// How large HTTP headers may be: an access token travels in one (RFC 6750 section 2.1).
const fn server(name: &'static str, facts: &'static [Fact]) -> Other {
    Other { name, reason: "it receives tokens: the size of the header that carries one is bounded", facts }
}

const fn known(text: &'static str, title: &'static str) -> Fact {
    Fact { tokens: Tokens::ACCESS, is: Is::Known(text), note: "", source: source(title, "") }
}

/// All of them.
pub static OTHERS: &[Other] = &[
    Other {
        name: "Firebase Authentication",
        reason: "custom user claims are stored with the user beforehand; no policy runs while a token is made",
        facts: &[
            Fact {
                tokens: ID,
                is: Is::Closed(
                    "acr amr at_hash aud auth_time azp c_hash cnf exp firebase iat iss jti nbf nonce sub",
                    RefusesSetup,
                ),
                note: "FORBIDDEN_CLAIM, for custom user claims",
                source: FIREBASE,
            },
            Fact {
                tokens: ID,
                is: Is::MaxBytes(1_000, RefusesSetup),
                note: "characters of the payload of custom user claims",
                source: FIREBASE,
            },
        ],
    },
    Other {
        name: "Curity Identity Server",
        reason: "the names of its system claims are not published",
        facts: &[
            Fact {
                tokens: OIDC,
                is: Is::Known(
                    "system claims are predefined for each purpose of a token, always included, and cannot be \
                     redefined, changed or removed",
                ),
                note: "the list was not found",
                source: CURITY,
            },
            Fact {
                tokens: OIDC,
                is: Is::Known("custom claims are included only where the claims mapper maps them"),
                note: "",
                source: CURITY,
            },
        ],
    },
    Other {
        name: "IdentityServer4",
        reason: "it is no longer maintained",
        facts: &[Fact {
            tokens: Tokens::BOTH,
            is: Is::Closed(
                "amr at_hash aud auth_time azp c_hash client_id cnf exp iat idp iss jti nbf nonce \
                 reference_token_id scope sid sub",
                Ignores,
            ),
            note: "filtered out of the claims of the profile service",
            source: source("IdentityServer/IdentityServer4: Constants.cs, ClaimsServiceFilterClaimTypes", ""),
        }],
    },
    Other {
        name: "node-oidc-provider",
        reason: "it is a library: the host's own code decides, which is the profile `generic`",
        facts: &[
            Fact {
                tokens: Tokens::ACCESS,
                is: Is::Closed("aud authorization_details client_id exp iat iss jti scope sub", Keeps),
                note: "`extraTokenClaims` is overwritten; the customizer can still change it",
                source: NODE,
            },
            Fact {
                tokens: Tokens::ACCESS,
                is: Is::Closed("cnf", Keeps),
                note: "where the token is bound by DPoP or mutual TLS (inferred from the code)",
                source: NODE,
            },
            Fact {
                tokens: Tokens::ACCESS,
                is: Is::Known("a JWT access token without an audience throws"),
                note: "",
                source: NODE,
            },
        ],
    },
    Other {
        name: "clearance",
        reason: "it is a library: the host's own code decides, which is the profile `generic`",
        facts: &[Fact {
            tokens: ID.with(Token::Userinfo),
            is: Is::Known(
                "all names of the IANA registry (163 at the time), `s_hash`, `token_type`, `token_use`, `username` \
                 and `jkt` are dropped from what a callback gives",
            ),
            note: "",
            source: source("clearance, an OpenID provider in TypeScript: reserved claims", "2026-06-29"),
        }],
    },
    Other {
        name: "Dex",
        reason: "claims by expressions are a proposal, not a release",
        facts: &[
            Fact {
                tokens: ID,
                is: Is::Closed("at_hash aud auth_time c_hash exp iat iss jti nbf nonce sub", RefusesSetup),
                note: "",
                source: source("dexidp/dex: docs/enhancements/cel-expressions-2026-02-28.md", "2026-02-28"),
            },
            Fact {
                tokens: ID,
                is: Is::Known("an expression is at most 10,240 characters long"),
                note: "",
                source: source("dexidp/dex: docs/enhancements/cel-expressions-2026-02-28.md", "2026-02-28"),
            },
        ],
    },
    Other {
        name: "HashiCorp Vault",
        reason: "claims are JSON templates of a scope; there is no place for a policy",
        facts: &[Fact {
            tokens: ID,
            is: Is::Closed("aud exp iat iss sub", RefusesSetup),
            note: "",
            source: source("hashicorp/vault: website/content/docs/concepts/oidc-provider.mdx", ""),
        }],
    },
    Other {
        name: "Ory Kratos tokenizer",
        reason: "it turns sessions into JWTs and is no authorization server",
        facts: &[Fact {
            tokens: Tokens::ACCESS,
            is: Is::Closed("sub", Keeps),
            note: "`jti`, `iss`, `exp`, `sub`, `sid`, `nbf` and `iat` have defaults",
            source: source("ory/docs: docs/identities/session-to-jwt-cors.mdx", ""),
        }],
    },
    Other {
        name: "FusionAuth",
        reason: "its current list of reserved names was not found",
        facts: &[Fact {
            tokens: Tokens::BOTH,
            is: Is::Closed("exp iat sub", Ignores),
            note: "since 1.14",
            source: source("FusionAuth/fusionauth-issues: issue 387", ""),
        }],
    },
    Other {
        name: "Kubernetes",
        reason: "it receives tokens",
        facts: &[Fact {
            tokens: ID,
            is: Is::ClosedHost("k8s.io kubernetes.io", RefusesSetup),
            note: "domains of keys in `extra`",
            source: source(
                "kubernetes/website: content/en/docs/reference/access-authn-authz/authentication.md",
                "",
            ),
        }],
    },
    Other {
        name: "Stytch",
        reason: "custom claims are templates",
        facts: &[known("custom claims are at most 4 KB, without registered names", "Stytch docs")],
    },
    Other {
        name: "Clerk",
        reason: "session tokens are templates",
        facts: &[Fact {
            tokens: Tokens::ACCESS,
            is: Is::MaxBytes(4_096, RefusesToken),
            note: "the whole token, as a browser keeps it in a cookie",
            source: source("Clerk docs: session tokens", ""),
        }],
    },
    Other {
        name: "Descope",
        reason: "custom claims are templates",
        facts: &[known("a name is at most 60 characters long, a value 500", "Descope docs")],
    },
    Other {
        name: "Oracle identity domains",
        reason: "custom claims are configured one by one",
        facts: &[known(
            "a name is at most 100 characters long; a token 8,000, 16,000, 32,000 or 128,000 bytes",
            "Oracle Cloud Infrastructure docs: Managing Custom Claims",
        )],
    },
    Other {
        name: "Workato",
        reason: "it receives tokens",
        facts: &[known("the payload of a token is at most 10,240 bytes", "Workato docs")],
    },
    server(
        "nginx",
        &[known(
            "8,192 bytes for one header line, 32,768 for all",
            "nginx docs: large_client_header_buffers",
        )],
    ),
    server(
        "Apache HTTP Server",
        &[known("8,190 bytes for one header field", "Apache HTTP Server docs: LimitRequestFieldSize")],
    ),
    server(
        "Tomcat 8 and 9",
        &[known("8,192 bytes for all headers", "Apache Tomcat docs: maxHttpHeaderSize")],
    ),
    server(
        "Node.js 13.13 and newer",
        &[known("16,384 bytes for all headers, 8,192 before", "Node.js docs: --max-http-header-size")],
    ),
    server(
        "IIS",
        &[known("16,384 bytes for one header", "Microsoft docs: Http.sys registry settings, MaxFieldLength")],
    ),
    server(
        "Kestrel",
        &[known("32,768 bytes for all headers", "Microsoft docs: Kestrel, MaxRequestHeadersTotalSize")],
    ),
    server(
        "AWS Application Load Balancer",
        &[known("16,384 bytes for one header, 65,536 for all", "Elastic Load Balancing docs: quotas")],
    ),
    server("Envoy", &[known("61,440 bytes for all headers", "Envoy docs: max_request_headers_kb")]),
    server("browsers", &[known("4,096 bytes for a cookie", "RFC 6265 section 6.1")]),
];
