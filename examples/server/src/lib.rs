//! An example of an OAuth 2.0 and OpenID Connect issuer that embeds [`claimsc`]: token endpoint, sign-in form, key set,
//! discovery document, userinfo, and policies that are swapped while it runs.
//!
//! It shows how the parts fit together. It is no product: users are a file, everything else is memory, and there is no
//! consent, no second factor and no limit on guesses across sign-ins.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use tokio::sync::Semaphore;

pub mod arguments;
mod authorize;
pub mod issuer;
pub mod log;
mod metrics;
pub mod oauth;
mod page;
pub mod params;
pub mod secret;
mod store;
mod token;
mod userinfo;
mod watch;

use issuer::{Issuer, Sources};
use metrics::Metrics;
use store::Store;

pub use watch::watch;

/// Bytes of a form.
const MAX_BODY: usize = 16 << 10;
/// Passwords that are checked at the same time, so that guessing does not take all processors.
const MAX_PASSWORD_CHECKS: usize = 2;

/// One server: what is in force, what it remembers, what it counts.
#[derive(Debug)]
pub struct Server {
    current: ArcSwap<Issuer>,
    store: Mutex<Store>,
    metrics: Metrics,
    password_checks: Semaphore,
}

impl Server {
    /// A server with the files as they are now.
    ///
    /// # Errors
    /// Files that cannot be used.
    pub fn new(sources: &Sources) -> Result<Arc<Self>, Vec<String>> {
        let issuer = sources.load()?;
        let server = Server {
            current: ArcSwap::from_pointee(issuer),
            store: Mutex::default(),
            metrics: Metrics::default(),
            password_checks: Semaphore::new(MAX_PASSWORD_CHECKS),
        };
        server.metrics.loaded(now());
        Ok(Arc::new(server))
    }

    /// What is in force. A request asks once, so that all it does is of one policy.
    pub fn current(&self) -> Arc<Issuer> {
        self.current.load_full()
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        // No method of the store leaves it half changed.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The endpoints.
pub fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/token", post(token::endpoint))
        .route("/authorize", get(authorize::begin).post(authorize::begin_by_form))
        .route("/login/{id}", post(authorize::sign_in))
        .route("/userinfo", get(userinfo::endpoint).post(userinfo::endpoint))
        .route("/jwks", get(jwks))
        .route("/.well-known/openid-configuration", get(metadata))
        .route("/.well-known/oauth-authorization-server", get(metadata))
        .route("/metrics", get(metrics_page))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(server)
}

/// Answers requests until the process is told to end.
///
/// # Errors
/// A listener that fails.
pub async fn serve(listener: tokio::net::TcpListener, server: Arc<Server>) -> std::io::Result<()> {
    let end = async {
        // Where signals cannot be heard, the process ends without a last word.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    axum::serve(listener, router(server)).with_graceful_shutdown(end).await
}

/// The issuer identifier of a server that listens there and has no other name.
pub fn local_issuer(address: SocketAddr) -> String {
    format!("http://{address}")
}

async fn jwks(State(server): State<Arc<Server>>) -> Response {
    oauth::public_json("application/jwk-set+json", &server.current().jwks)
}

async fn metadata(State(server): State<Arc<Server>>) -> Response {
    oauth::public_json("application/json", &server.current().metadata)
}

async fn metrics_page(State(server): State<Arc<Server>>) -> Response {
    let text = server.metrics.text(&server.current().fingerprint);
    let headers = [
        (header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    oauth::with_headers(StatusCode::OK, headers, text)
}

/// The guide for those who embed claimsc: its code is compiled and run with this example's.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/embedding.md")]
struct Guide;

/// Seconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
