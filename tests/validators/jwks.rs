//! A server of key sets on loopback, as small as one can be.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// Serves texts by their paths until the process ends, and tells where.
pub(crate) fn serve(texts: BTreeMap<String, String>) -> std::io::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let base = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A validator that hangs up early tells so itself.
            let _ = answer(&stream, &texts);
        }
    });
    Ok(base)
}

fn answer(stream: &TcpStream, texts: &BTreeMap<String, String>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    // The request ends with an empty line.
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let text = first.split(' ').nth(1).and_then(|path| texts.get(path));
    let (status, body) = text.map_or(("404 Not Found", ""), |text| ("200 OK", text));
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/jwk-set+json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}
