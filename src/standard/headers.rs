//! How large HTTP headers may be by default, because access tokens travel in one.

/// A limit that a widespread server or browser has unless it is told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeaderLimit {
    /// Whose limit it is.
    pub owner: &'static str,
    /// Bytes of one header line, or of all of them.
    pub bytes: usize,
    /// What states it: a setting and where it is documented.
    pub source: &'static str,
}

/// What a token needs of a header line beside its own bytes: `Authorization: Bearer ` (RFC 6750 section 2.1).
pub const BEARER_BYTES: usize = 22;

/// Limits, the smallest first.
pub const HEADER_LIMITS: &[HeaderLimit] = &[
    HeaderLimit {
        owner: "a browser's cookie",
        bytes: 4096,
        source: "RFC 6265 section 6.1, for name, value and attributes together",
    },
    HeaderLimit {
        owner: "Apache httpd",
        bytes: 8190,
        source: "LimitRequestFieldSize, Apache HTTP Server 2.4 core features",
    },
    HeaderLimit {
        owner: "nginx",
        bytes: 8192,
        source: "large_client_header_buffers, nginx ngx_http_core_module",
    },
    HeaderLimit {
        owner: "Apache Tomcat",
        bytes: 8192,
        source: "maxHttpHeaderSize, Apache Tomcat HTTP connector; all headers together",
    },
    HeaderLimit {
        owner: "Node.js",
        bytes: 16_384,
        source: "--max-http-header-size, Node.js command-line API; all headers together",
    },
    HeaderLimit {
        owner: "HTTP.sys and IIS",
        bytes: 16_384,
        source: "MaxFieldLength, Http.sys registry settings for Windows",
    },
    HeaderLimit {
        owner: "Kestrel (ASP.NET Core)",
        bytes: 32_768,
        source: "KestrelServerLimits.MaxRequestHeadersTotalSize, .NET API; all headers together",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_in_order_and_bearer_is_counted() {
        assert!(HEADER_LIMITS.windows(2).all(|pair| pair[0].bytes <= pair[1].bytes));
        assert_eq!(BEARER_BYTES, "Authorization: Bearer ".len());
    }
}
