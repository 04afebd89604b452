//! The pages that people see.

use axum::http::{StatusCode, header};
use axum::response::Response;

use crate::oauth::with_headers;

/// No scripts, no frames, nothing from elsewhere. There is no `form-action`: browsers hold it against the redirect that
/// answers the form, too, and that leads to the client.
const SECURITY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/// The form in which somebody signs in.
pub(crate) fn sign_in(status: StatusCode, id: &str, client: &str, problem: Option<&str>) -> Response {
    let problem = problem.map(|text| format!("<p role=\"alert\">{}</p>", escaped(text))).unwrap_or_default();
    let (id, client) = (escaped(id), escaped(client));
    let body = format!(
        r#"<h1>Sign in</h1><p>to go on to {client}</p>{problem}
<form method="post" action="/login/{id}" autocomplete="off">
<label>Name <input name="login" required autofocus autocomplete="username"></label>
<label>Password <input name="password" type="password" required autocomplete="current-password"></label>
<button>Sign in</button> <button name="cancel" value="yes" formnovalidate>Cancel</button>
</form>"#
    );
    page(status, &body)
}

/// What has gone wrong, where nobody can be sent back.
pub(crate) fn problem(text: &str) -> Response {
    page(StatusCode::BAD_REQUEST, &format!("<h1>This does not work</h1><p>{}</p>", escaped(text)))
}

fn page(status: StatusCode, body: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, SECURITY),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    let head = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
                content=\"width=device-width\"><title>Sign in</title><style>body{font:1rem/1.6 \
                sans-serif;max-width:24rem;margin:4rem auto}label,input{display:block;width:100%}</style>";
    with_headers(status, headers, format!("{head}<main>{body}</main></html>\n"))
}

/// Text within HTML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(escaped("<a href='x'>&\"</a>"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;");
    }
}
