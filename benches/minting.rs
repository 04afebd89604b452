//! What a minted token costs beside its signature: `cargo bench --bench minting`.
//!
//! For each algorithm one token by [`Minter::mint`], the same into memory that is used again ([`Minter::mint_into`]), the
//! evaluation that both begin with ([`Policy::decide`]), the signature of the same bytes with a parsed key of aws-lc-rs (the
//! floor), and the same claims by `jsonwebtoken::encode`. All take turns in one process, so that a busy neighbour slows
//! all of them; figures are medians, and only their ratios mean something.
//!
//! `mint`, `into` and `jwt` are multiples of the floor; `signed` is `into` without the evaluation: from the claims of the
//! policy, which are bytes already, to the token.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a benchmark prints its figures, and fails by panicking"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use aws_lc_rs::{hmac, signature};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use claimsc::mint::{
    Algorithm, Answer, ClientSecret, Issuance, KeyRing, Minter, ResponseType, Settings, SigningKey, Workspace,
};
use claimsc::program::Scratch;
use claimsc::{Compiler, Policy, Request};
use jsonwebtoken::EncodingKey;

/// Signs bytes and drops the signature.
type Sign = Box<dyn Fn(&[u8])>;

/// How often each thing is measured.
const TURNS: usize = 300;
const SECRET: [u8; 32] = [7; 32];

const RSA: &str = include_str!("../tests/mint/keys/rs2048.pkcs1.pem");
const P256: &str = include_str!("../tests/mint/keys/p256.pkcs8.pem");
const P384: &str = include_str!("../tests/mint/keys/p384.pkcs8.pem");
const ED25519: &str = include_str!("../tests/mint/keys/ed25519.pem");

fn main() {
    let policy = policy();
    let mut contenders: Vec<Contender> =
        Algorithm::ALL.into_iter().map(|algorithm| Contender::new(&policy, algorithm)).collect();
    for _ in 0..TURNS {
        for contender in &mut contenders {
            contender.turn();
        }
    }
    println!(
        "{:>6} {:>9} {:>9} {:>13} {:>8} {:>8} {:>7} {:>6} {:>6} {:>6} {:>6}",
        "",
        "payload B",
        "floor us",
        "evaluation us",
        "mint us",
        "into us",
        "jwt us",
        "mint",
        "into",
        "signed",
        "jwt"
    );
    for Contender { algorithm, payload, evaluation, mint, into, floor, rival, .. } in contenders {
        let [evaluation, mint, into, floor, rival] = [evaluation, mint, into, floor, rival].map(median);
        println!(
            "{algorithm:>6} {:>9} {floor:>9.2} {evaluation:>13.2} {mint:>8.2} {into:>8.2} {rival:>7.2} {:>6.3} {:>6.3} \
             {:>6.3} {:>6.3}",
            payload.len(),
            mint / floor,
            into / floor,
            (into - evaluation) / floor,
            rival / floor,
        );
    }
}

/// One algorithm and its times in microseconds.
struct Contender {
    algorithm: Algorithm,
    minter: Minter,
    request: Request,
    issuance: Issuance<'static>,
    payload: Vec<u8>,
    /// Header and payload as they are signed.
    message: Vec<u8>,
    claims: serde_json::Value,
    sign: Sign,
    encoding: (jsonwebtoken::Header, EncodingKey),
    repeats: u32,
    workspace: Workspace,
    scratch: Scratch,
    evaluation: Vec<f64>,
    mint: Vec<f64>,
    into: Vec<f64>,
    floor: Vec<f64>,
    rival: Vec<f64>,
}

impl Contender {
    fn new(policy: &Policy, algorithm: Algorithm) -> Self {
        let settings = Settings::of_policy(policy).unwrap();
        let pem = match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => RSA,
            Algorithm::Es256 | Algorithm::Hs256 => P256,
            Algorithm::Es384 => P384,
            Algorithm::EdDsa => ED25519,
        };
        let is_secret = algorithm == Algorithm::Hs256;
        let key = SigningKey::read(pem.as_bytes(), (!is_secret).then_some(algorithm)).unwrap();
        let kid = (!is_secret).then(|| key.id().to_string());
        let mut ring = KeyRing::new(key);
        let mut issuance = Issuance::at(1_781_000_000, [7; 16]);
        let mut grant = "authorization_code";
        if is_secret {
            // Only ID tokens are signed with a secret.
            ring.share("web", ClientSecret::new(&SECRET).unwrap());
            let answer = Answer::AuthorizationEndpoint(ResponseType::IdToken);
            issuance = Issuance { answer, nonce: Some("n-0S6_WzA2Mj"), ..issuance };
            grant = "implicit";
        }
        let minter = Minter::new(policy.clone(), settings, ring);
        let request = request(grant);
        let tokens = minter.mint(&request, &issuance).unwrap();
        let token = if is_secret { tokens.id_token } else { tokens.access_token }.unwrap();
        let (message, _) = token.rsplit_once('.').unwrap();
        let payload = URL_SAFE_NO_PAD.decode(message.split_once('.').unwrap().1).unwrap();
        let header = jsonwebtoken::Header {
            typ: Some(if is_secret { "JWT" } else { "at+jwt" }.to_owned()),
            kid,
            ..jsonwebtoken::Header::new(algorithm.as_str().parse().unwrap())
        };
        Contender {
            algorithm,
            claims: serde_json::from_slice(&payload).unwrap(),
            message: message.as_bytes().to_vec(),
            payload,
            minter,
            request,
            issuance,
            sign: floor(algorithm, pem),
            encoding: (header, encoding_key(algorithm, pem)),
            repeats: if matches!(algorithm, Algorithm::Rs256 | Algorithm::Ps256) { 1 } else { 10 },
            workspace: Workspace::new(),
            scratch: Scratch::new(),
            evaluation: Vec::new(),
            mint: Vec::new(),
            into: Vec::new(),
            floor: Vec::new(),
            rival: Vec::new(),
        }
    }

    fn turn(&mut self) {
        let Contender {
            minter,
            request,
            issuance,
            message,
            claims,
            sign,
            encoding,
            repeats,
            workspace,
            scratch,
            ..
        } = self;
        self.evaluation.push(timed(*repeats, || {
            let asked = request.asked();
            minter.policy().decide(&asked, &*request, scratch).is_ok()
        }));
        self.into.push(timed(*repeats, || minter.mint_into(request, issuance, workspace).is_ok()));
        self.mint.push(timed(*repeats, || minter.mint(request, issuance).unwrap()));
        self.floor.push(timed(*repeats, || sign(message)));
        self.rival.push(timed(*repeats, || jsonwebtoken::encode(&encoding.0, claims, &encoding.1).unwrap()));
    }
}

/// Signs bytes with a parsed key and drops the signature.
fn floor(algorithm: Algorithm, pem: &str) -> Sign {
    let der = der(pem);
    let random = SystemRandom::new();
    let rsa = |padding: &'static dyn RsaEncoding| -> Sign {
        let pair = RsaKeyPair::from_der(&der).unwrap();
        Box::new(move |message| {
            let mut bytes = [0; 256];
            pair.sign(padding, &SystemRandom::new(), message, &mut bytes).unwrap();
            black_box(bytes);
        })
    };
    let ec = |curve: &'static signature::EcdsaSigningAlgorithm| -> Sign {
        let pair = EcdsaKeyPair::from_pkcs8(curve, &der).unwrap();
        Box::new(move |message| {
            let _ = black_box(pair.sign(&random, message).unwrap());
        })
    };
    match algorithm {
        Algorithm::Rs256 => rsa(&RSA_PKCS1_SHA256),
        Algorithm::Ps256 => rsa(&RSA_PSS_SHA256),
        Algorithm::Es256 => ec(&ECDSA_P256_SHA256_FIXED_SIGNING),
        Algorithm::Es384 => ec(&ECDSA_P384_SHA384_FIXED_SIGNING),
        Algorithm::EdDsa => {
            let pair = Ed25519KeyPair::from_pkcs8(&der).unwrap();
            Box::new(move |message| {
                let _ = black_box(pair.sign(message));
            })
        }
        Algorithm::Hs256 => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &SECRET);
            Box::new(move |message| {
                let _ = black_box(hmac::sign(&key, message));
            })
        }
    }
}

fn encoding_key(algorithm: Algorithm, pem: &str) -> EncodingKey {
    match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 => EncodingKey::from_rsa_der(&der(pem)),
        Algorithm::Es256 | Algorithm::Es384 => EncodingKey::from_ec_der(&der(pem)),
        Algorithm::EdDsa => EncodingKey::from_ed_der(&der(pem)),
        Algorithm::Hs256 => EncodingKey::from_secret(&SECRET),
    }
}

fn der(pem: &str) -> Vec<u8> {
    let digits: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(digits).unwrap()
}

/// A hundred rules about twenty audiences, five for each.
fn policy() -> Policy {
    let mut catalog = String::from(
        "language: 1\nissuer: https://id.acme.example/\nowned_domains: [acme.example]\nclients:\n  web: { id: web, \
         confidential: true }\nuser: { extends: oidc, plan: 'string', groups: 'string[]', tenant: 'string' }\naudiences:\n",
    );
    let mut text = String::from("namespace ns = \"https://acme.example/claims/\"\n");
    for audience in 0..20 {
        let _ = writeln!(catalog, "  api{audience}: {{ id: \"https://api{audience}.acme.example\" }}");
        for value in ["user.plan", "user.groups", "user.tenant", "\"production\"", "client.id"] {
            let name = value.replace(['"', '.'], "_");
            let _ =
                writeln!(text, "if audience = api{audience} then add ns/a{audience}{name} = {value} to both");
        }
    }
    let mut compiler = Compiler::new();
    compiler.catalog("claims.yaml", &catalog).source("policy.claims", &text);
    compiler.compile().policy.expect("the policy has no errors")
}

fn request(grant: &str) -> Request {
    let request = format!(
        r#"{{ "grant": "{grant}", "client": "web", "audience": "https://api7.acme.example",
             "scopes": ["{}", "read:orders"],
             "user": {{ "sub": "auth0|507f1f77bcf86cd799439011", "plan": "professional", "tenant": "north",
                        "groups": ["engineering", "operations", "on-call"] }},
             "session": {{ "auth_time": 1780999000, "amr": ["pwd", "otp"] }} }}"#,
        // Without `openid` there is the access token alone.
        if grant == "implicit" { "openid" } else { "write:orders" },
    );
    Request::from_json(request.as_bytes()).expect("a request")
}

/// Microseconds of one run. The first one is not counted: it pays for what others have driven out of the caches.
fn timed<T>(repeats: u32, mut work: impl FnMut() -> T) -> f64 {
    black_box(work());
    let start = Instant::now();
    for _ in 0..repeats {
        black_box(work());
    }
    start.elapsed().as_secs_f64() * 1e6 / f64::from(repeats)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}
