//! Tokens per second of the server beside its floor: the same server with a route that authenticates the client in the
//! same way and signs the same number of constant bytes. Then the same load while the policy is swapped.
//!
//! `cargo bench --bench load 2>/dev/null`: the log goes to standard error and is part of what is measured. The load is
//! made by a thread of this process, so it takes its share of the processors.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench ends by panicking and reports by printing"
)]

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claimsc::mint::{Algorithm, Settings, SigningKey};
use claimsc_server::issuer::{Keys, Sources};
use claimsc_server::params::Params;
use claimsc_server::{Server, oauth, router, watch};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const CONNECTIONS: usize = 32;
const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(6);
const FORM: &str = "grant_type=client_credentials&client_id=nightly&client_secret=demo-secret-of-nightly\
                    &resource=https%3A%2F%2Freports.acme.example";

fn main() {
    for algorithm in [Algorithm::Es256, Algorithm::Rs256] {
        let folder = tempfile::tempdir().expect("a folder");
        let bench = Bench::start(folder.path(), algorithm);
        let floor = bench.load("/floor");
        println!("{algorithm} floor         {floor}");
        let policy = bench.load("/token");
        println!("{algorithm} policy        {policy}");
        let is_over = AtomicBool::new(false);
        let swaps = AtomicUsize::new(0);
        let swapped = std::thread::scope(|scope| {
            scope.spawn(|| bench.swap(folder.path(), &is_over, &swaps));
            let load = bench.load("/token");
            is_over.store(true, Ordering::Relaxed);
            load
        });
        println!("{algorithm} during swaps  {swapped}, {} swaps", swaps.load(Ordering::Relaxed));
        println!("{algorithm} policy / floor {:.3}", policy.per_second() / floor.per_second());
    }
}

/// A server that runs until the process ends.
struct Bench {
    address: SocketAddr,
    server: Arc<Server>,
}

/// What signs the floor's token.
enum Signer {
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

#[derive(Clone)]
struct Floor {
    server: Arc<Server>,
    signer: Arc<Signer>,
    /// The first two parts of a token.
    message: Arc<str>,
}

impl Bench {
    fn start(folder: &Path, algorithm: Algorithm) -> Bench {
        let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
        let policy = folder.join("policy");
        fs::create_dir(&policy).expect("a folder");
        fs::copy(demo.join("policy/claims.yaml"), policy.join("claims.yaml")).expect("a copy");
        fs::write(policy.join("rules.claims"), rules("one")).expect("a file");
        let key = SigningKey::generate(algorithm).expect("a key");
        fs::write(folder.join("key.jwk"), &*key.to_private_jwk().expect("its text")).expect("a file");
        fs::write(folder.join("keys.json"), r#"{ "active": "key.jwk" }"#).expect("a file");
        let sources = Sources {
            settings: Settings::new("http://127.0.0.1").expect("an issuer"),
            policy,
            clients: demo.join("clients.json"),
            users: demo.join("users.json"),
            keys: Keys::Files { list: folder.join("keys.json") },
        };
        let server = Server::new(&sources).expect("a server");
        let watched = server.clone();
        std::thread::spawn(move || watch(&watched, &sources, Duration::from_millis(20)));
        let signer = match algorithm {
            Algorithm::Es256 => {
                Signer::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"))
            }
            _ => Signer::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key")),
        };
        Bench { address: serve(server.clone(), algorithm, Arc::new(signer)), server }
    }

    /// Writes another policy each time the last one is in force.
    fn swap(&self, folder: &Path, is_over: &AtomicBool, swaps: &AtomicUsize) {
        let mut fingerprint = self.server.current().fingerprint.clone();
        while !is_over.load(Ordering::Relaxed) {
            let count = swaps.load(Ordering::Relaxed);
            let new = folder.join("new");
            fs::write(&new, rules(if count.is_multiple_of(2) { "two" } else { "one" })).expect("a file");
            fs::rename(&new, folder.join("policy/rules.claims")).expect("its place");
            while !is_over.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(5));
                let current = self.server.current().fingerprint.clone();
                if current != fingerprint {
                    fingerprint = current;
                    swaps.fetch_add(1, Ordering::Relaxed);
                    break;
                }
            }
        }
    }

    /// Asks on some connections, each as fast as it gets answers.
    fn load(&self, path: &str) -> Load {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: \
             {}\r\n\r\n{FORM}",
            self.address,
            FORM.len()
        );
        let request: Arc<str> = request.into();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let all = runtime.block_on(async {
            let start = Instant::now();
            let tasks: Vec<_> = (0..CONNECTIONS)
                .map(|_| tokio::spawn(connection(self.address, request.clone(), start)))
                .collect();
            let mut all = Vec::new();
            for task in tasks {
                all.push(task.await.expect("no panic"));
            }
            all
        });
        let mut load = Load::default();
        for (latencies, failed) in all {
            load.latencies.extend(latencies);
            load.failed += failed;
        }
        load.latencies.sort_unstable();
        load
    }
}

/// Serves the endpoints and the floor, until the process ends.
fn serve(server: Arc<Server>, algorithm: Algorithm, signer: Arc<Signer>) -> SocketAddr {
    let payload = format!("{{\"x\":\"{}\"}}", "x".repeat(780));
    let header = format!("{{\"alg\":\"{algorithm}\",\"typ\":\"at+jwt\",\"kid\":\"{}\"}}", "x".repeat(43));
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload)).into();
    let floor = Floor { server: server.clone(), signer, message };
    let app = router(server).merge(Router::new().route("/floor", post(sign)).with_state(floor));
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            sender.send(listener.local_addr().expect("an address")).expect("somebody waits");
            axum::serve(listener, app).await.expect("it serves");
        });
    });
    receiver.recv().expect("an address")
}

/// 100 rules, five of which act in what is asked for and give about 500 bytes of claims.
fn rules(version: &str) -> String {
    let mut text = "namespace ns = \"https://acme.example/claims/\"\n".to_owned();
    for rule in 0..100 {
        let audience = if rule < 5 { "reports" } else { "orders" };
        let value = format!("{version}-{}", "v".repeat(56));
        writeln!(text, "if audience = {audience} then add ns/claim_{rule} = \"{value}\"").expect("a string");
    }
    text
}

async fn sign(State(floor): State<Floor>, headers: HeaderMap, body: Bytes) -> Response {
    let issuer = floor.server.current();
    let asked =
        Params::parse(&body).and_then(|params| issuer.clients.authenticate(&headers, &params).map(drop));
    if let Err(error) = asked {
        return error.into_response();
    }
    let random = SystemRandom::new();
    let signature = match &*floor.signer {
        Signer::Ec(key) => key.sign(&random, floor.message.as_bytes()).expect("it signs").as_ref().to_vec(),
        Signer::Rsa(key) => {
            let mut bytes = vec![0; key.public_modulus_len()];
            key.sign(&RSA_PKCS1_SHA256, &random, floor.message.as_bytes(), &mut bytes).expect("it signs");
            bytes
        }
    };
    let token = format!("{}.{}", floor.message, URL_SAFE_NO_PAD.encode(signature));
    let body = [
        ("access_token", token.as_str().into()),
        ("token_type", "Bearer".into()),
        ("expires_in", 600_i64.into()),
    ];
    oauth::private_json(StatusCode::OK, &oauth::object(body))
}

/// Latencies in microseconds after the warm-up, and how many answers were no success.
async fn connection(address: SocketAddr, request: Arc<str>, start: Instant) -> (Vec<u32>, usize) {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("an option");
    let (mut latencies, mut failed, mut buffer) = (Vec::new(), 0, vec![0; 16 << 10]);
    while start.elapsed() < WARM_UP + MEASURED {
        let sent = Instant::now();
        stream.write_all(request.as_bytes()).await.expect("a request");
        let mut answer = Vec::new();
        while !is_whole(&answer) {
            let count = stream.read(&mut buffer).await.expect("an answer");
            assert!(count > 0, "the connection has ended");
            answer.extend_from_slice(buffer.get(..count).unwrap_or_default());
        }
        if start.elapsed() > WARM_UP {
            latencies.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
            failed += usize::from(!answer.starts_with(b"HTTP/1.1 200 "));
        }
    }
    (latencies, failed)
}

/// Whether an answer is there to the end of its body.
fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.and_then(|length| length.parse().ok()) == Some(body.len())
}

#[derive(Default)]
struct Load {
    latencies: Vec<u32>,
    failed: usize,
}

impl Load {
    #[expect(clippy::cast_precision_loss, reason = "a count of a few seconds")]
    fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / MEASURED.as_secs_f64()
    }

    /// The latency that so many of a thousand requests stay within, in milliseconds.
    fn latency(&self, per_mille: usize) -> f64 {
        let index = (self.latencies.len() * per_mille / 1000).min(self.latencies.len().saturating_sub(1));
        f64::from(self.latencies.get(index).copied().unwrap_or_default()) / 1000.0
    }
}

impl std::fmt::Display for Load {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:>8.0} tokens/s  p50 {:>7.2} ms  p99 {:>7.2} ms  longest {:>7.2} ms  {} failed",
            self.per_second(),
            self.latency(500),
            self.latency(990),
            self.latency(1000),
            self.failed
        )
    }
}
