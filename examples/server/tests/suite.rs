//! The server as a program: what clients, browsers and whoever attacks them see of it.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it skips"
)]

mod suite {
    mod clients;
    mod endpoints;
    mod http;
    mod program;
    mod swap;
}
