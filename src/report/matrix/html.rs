//! The matrix as one page: the JSON form with a style sheet and a script. The script reads the data and writes text
//! only, and the page's Content Security Policy (CSP Level 3) lets nothing else run and nothing be loaded.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::analysis::matrix::Matrix;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The data comes last, so that nothing in it is taken for a place to fill.
pub(super) fn page(matrix: &Matrix) -> String {
    PAGE.replace("{style-hash}", &hash(STYLE))
        .replace("{script-hash}", &hash(SCRIPT))
        .replace("{style}", STYLE)
        .replace("{script}", SCRIPT)
        .replace("{data}", &data(matrix))
}

/// A source expression of CSP for an inline element.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

/// JSON that can stand in a `script` element: without `<` there is no end tag and no comment in it (HTML, section
/// "Restrictions for contents of script elements").
fn data(matrix: &Matrix) -> String {
    super::json::document(matrix).to_json().replace('<', "\\u003c")
}
