//! Error responses, and the headers that all responses about tokens have.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use claimsc::value::{Object, Value};

use crate::secret::NoRandom;

/// Why a request is refused, as the client is told (RFC 6749 section 5.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthError {
    /// The code.
    pub error: String,
    /// For the client's developer.
    pub description: String,
    /// Of the response where it is not a redirect.
    pub status: StatusCode,
    /// Whether the client tried HTTP Basic, and so is told of it.
    pub challenges: bool,
    /// Whether the fault is the server's own.
    pub is_fault: bool,
}

impl OauthError {
    /// A request that is refused with the status 400.
    pub fn bad(error: impl Into<String>, description: impl Into<String>) -> Self {
        OauthError {
            error: error.into(),
            description: description.into(),
            status: StatusCode::BAD_REQUEST,
            challenges: false,
            is_fault: false,
        }
    }

    /// A client that is not who it says. All reasons look the same.
    pub fn invalid_client(challenges: bool) -> Self {
        OauthError {
            status: StatusCode::UNAUTHORIZED,
            challenges,
            ..OauthError::bad("invalid_client", "the client is not known or its secret is wrong")
        }
    }

    /// A fault of the server, of which the client learns nothing else.
    pub fn fault() -> Self {
        OauthError {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            is_fault: true,
            ..OauthError::bad("server_error", "the server cannot answer")
        }
    }

    /// There is too much to do.
    pub fn busy() -> Self {
        OauthError {
            status: StatusCode::SERVICE_UNAVAILABLE,
            ..OauthError::bad("temporarily_unavailable", "the server is busy")
        }
    }
}

impl From<NoRandom> for OauthError {
    fn from(_: NoRandom) -> Self {
        OauthError::fault()
    }
}

impl IntoResponse for OauthError {
    fn into_response(self) -> Response {
        let members = [("error", &*self.error), ("error_description", &*self.description)];
        let body = object(members.map(|(name, text)| (name, Value::from(text))));
        let mut response = private_json(self.status, &body);
        if self.challenges {
            let challenge = HeaderValue::from_static("Basic realm=\"token\", charset=\"UTF-8\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// A JSON object.
pub fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::object(members.into_iter().map(|(name, value)| (name.into(), value)).collect::<Object>())
}

/// A JSON response that no cache keeps (RFC 6749 section 5.1).
pub fn private_json(status: StatusCode, body: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::PRAGMA, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    with_headers(status, headers, body.to_json())
}

/// A JSON response that everybody may see.
pub fn public_json(content_type: &'static str, body: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "public, max-age=60"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    with_headers(StatusCode::OK, headers, body.to_owned())
}

/// A response of text.
pub fn with_headers<const N: usize>(
    status: StatusCode,
    headers: [(HeaderName, &'static str); N],
    body: String,
) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
