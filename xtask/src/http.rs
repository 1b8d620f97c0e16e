//! The two requests that a task needs: is the portal ready, and a token please. HTTP/1.0 over a plain socket, so
//! that a development tool brings no HTTP client into the build.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result};

const TIMEOUT: Duration = Duration::from_secs(10);

/// An answer: its status code and its body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// A loopback address that nothing listens on at this moment.
pub(crate) fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on 127.0.0.1")?;
    listener.local_addr().context("no free port on 127.0.0.1")
}

/// `GET path`.
pub(crate) fn get(address: SocketAddr, path: &str) -> Result<Answer> {
    exchange(address, &format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n"))
}

/// `POST path` with a JSON body.
pub(crate) fn post(address: SocketAddr, path: &str, json: &str) -> Result<Answer> {
    let length = json.len();
    let head = format!("POST {path} HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/json");
    exchange(address, &format!("{head}\r\nContent-Length: {length}\r\n\r\n{json}"))
}

fn exchange(address: SocketAddr, request: &str) -> Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    parse(&answer).with_context(|| format!("not an HTTP answer: {answer:.80}"))
}

fn parse(answer: &str) -> Option<Answer> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(Answer { status, body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn an_answer_is_split_into_status_and_body() {
        let answer =
            parse("HTTP/1.0 201 Created\r\nContent-Type: text/plain\r\n\r\nhello\r\n\r\nyou").unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (201, "hello\r\n\r\nyou"));
    }

    #[test]
    fn what_is_not_http_is_no_answer() {
        assert!(parse("SSH-2.0-OpenSSH_9.2\r\n").is_none());
    }
}
