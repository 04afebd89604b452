//! The server as a program: what clients, browsers and whoever attacks them see of it.

mod suite {
    mod clients;
    mod endpoints;
    mod http;
    mod program;
    mod swap;
}
