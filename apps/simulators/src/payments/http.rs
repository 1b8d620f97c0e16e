//! An HTTP/1.1 server that can also misbehave: it writes whatever bytes it is told, holds its answer back, or hangs
//! up. A proper one could do none of this.

use std::{collections::BTreeMap, io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};

/// The longest head of a request, in bytes, and the most headers in it.
const HEAD_LIMIT: usize = 16 * 1024;
const HEADER_LIMIT: usize = 64;
/// The longest body of a request, in bytes.
const BODY_LIMIT: usize = 256 * 1024;
/// How long a request may take to come, and an answer that never comes is held back.
const PATIENCE: Duration = Duration::from_secs(120);

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// `GET`, `POST` …
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The headers by lower-cased name; of a name that came twice, the last.
    pub headers: BTreeMap<String, String>,
    /// The bytes of the body.
    pub body: Vec<u8>,
}

impl Received {
    /// The token of `Authorization: Bearer …` (RFC 6750, section 2.1).
    pub(super) fn bearer(&self) -> Option<&str> {
        self.headers.get("authorization")?.strip_prefix("Bearer ")
    }
}

/// What is done about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    /// A proper answer.
    Json(u16, serde_json::Value),
    /// These bytes, head included, and the end of the connection.
    Bytes(Vec<u8>),
    /// The end of the connection.
    Cut,
    /// Nothing, until the caller has had enough.
    Silence,
}

impl Reply {
    /// A head for `body`, and `body`.
    pub(super) fn whole(status: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body].concat()
    }
}

/// Answers requests.
pub(super) trait Surface: Send + Sync + 'static {
    /// Decides what is done about one request.
    fn answer(&self, request: Received) -> impl Future<Output = Reply> + Send;
}

/// Serves until it is dropped, and all its connections with it.
pub(super) async fn serve<S: Surface>(listener: TcpListener, surface: Arc<S>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let surface = Arc::clone(&surface);
                    connections.spawn(async move {
                        if let Err(error) = converse(stream, &*surface).await {
                            tracing::debug!(%error, "a connection ended early");
                        }
                    });
                }
                Err(error) => tracing::warn!(%error, "a connection could not be accepted"),
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Answers one request after another on one connection.
async fn converse<S: Surface>(mut stream: TcpStream, surface: &S) -> io::Result<()> {
    let mut buffer = Vec::new();
    loop {
        let request = match timeout(PATIENCE, read_request(&mut stream, &mut buffer)).await {
            Err(_) => return Ok(()),
            Ok(Err(refusal)) => {
                let answer = Reply::whole(refusal.0, "text/plain", b"");
                return stream.write_all(&answer).await;
            }
            Ok(Ok(None)) => return Ok(()),
            Ok(Ok(Some(request))) => request,
        };
        let close = request.headers.get("connection").is_some_and(|value| value == "close");
        match surface.answer(request).await {
            Reply::Json(status, body) => {
                let status = format!("{status} {}", reason(status));
                let answer = Reply::whole(&status, "application/json", body.to_string().as_bytes());
                stream.write_all(&answer).await?;
            }
            Reply::Bytes(bytes) => {
                stream.write_all(&bytes).await?;
                return stream.shutdown().await;
            }
            Reply::Cut => return Ok(()),
            Reply::Silence => {
                let _ = timeout(PATIENCE, stream.read(&mut [0; 1])).await;
                return Ok(());
            }
        }
        if close {
            return stream.shutdown().await;
        }
    }
}

/// A request that is not taken, by the status line's code and reason.
struct Refusal(&'static str);

/// Reads one request; none when the caller has hung up before it.
async fn read_request(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut Vec<u8>,
) -> Result<Option<Received>, Refusal> {
    let (mut request, head, length) = loop {
        if let Some(parsed) = parse_head(buffer)? {
            break parsed;
        }
        if buffer.len() > HEAD_LIMIT {
            return Err(Refusal("431 Request Header Fields Too Large"));
        }
        if !read_more(stream, buffer).await {
            return Ok(None);
        }
    };
    while buffer.len() < head + length {
        if !read_more(stream, buffer).await {
            return Ok(None);
        }
    }
    request.body = buffer.drain(..head + length).skip(head).collect();
    Ok(Some(request))
}

/// Reads what there is; false at the end of the stream.
async fn read_more(stream: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> bool {
    stream.read_buf(buffer).await.is_ok_and(|count| count > 0)
}

/// The request without its body, the length of its head, and that of its body; none when the head is not whole.
fn parse_head(buffer: &[u8]) -> Result<Option<(Received, usize, usize)>, Refusal> {
    let malformed = |_| Refusal("400 Bad Request");
    let mut headers = [httparse::EMPTY_HEADER; HEADER_LIMIT];
    let mut parsed = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head) = parsed.parse(buffer).map_err(malformed)? else {
        return Ok(None);
    };
    let named = |header: &httparse::Header| {
        (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).into_owned())
    };
    let request = Received {
        method: parsed.method.unwrap_or_default().to_owned(),
        path: parsed.path.unwrap_or_default().to_owned(),
        headers: parsed.headers.iter().map(named).collect(),
        body: Vec::new(),
    };
    if request.headers.contains_key("transfer-encoding") {
        return Err(Refusal("411 Length Required"));
    }
    let length = match request.headers.get("content-length").map(|text| text.parse::<usize>()) {
        None => 0,
        Some(Ok(length)) if length <= BODY_LIMIT => length,
        Some(Ok(_)) => return Err(Refusal("413 Content Too Large")),
        Some(Err(_)) => return Err(Refusal("400 Bad Request")),
    };
    Ok(Some((request, head, length)))
}

/// The words for a status (RFC 9110, section 15).
const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        429 => "Too Many Requests",
        _ => "Internal Server Error",
    }
}

#[cfg(test)]
mod tests {
    use super::{BODY_LIMIT, read_request};

    async fn read(bytes: &[u8]) -> Result<Option<(String, Vec<u8>)>, &'static str> {
        let mut stream = bytes;
        let request = read_request(&mut stream, &mut Vec::new()).await;
        request.map(|request| request.map(|got| (got.path, got.body))).map_err(|refusal| refusal.0)
    }

    #[tokio::test]
    async fn a_request_is_read_with_its_body_and_no_further() {
        let mut stream = &b"POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiGET /b HTTP/1.1\r\n\r\n"[..];
        let mut buffer = Vec::new();
        let first = read_request(&mut stream, &mut buffer).await.ok().flatten().unwrap();
        assert_eq!((first.method.as_str(), first.path.as_str(), &*first.body), ("POST", "/a", &b"hi"[..]));
        let second = read_request(&mut stream, &mut buffer).await.ok().flatten().unwrap();
        assert_eq!((second.method.as_str(), second.path.as_str(), second.body.len()), ("GET", "/b", 0));
    }

    #[tokio::test]
    async fn what_is_malformed_or_too_long_is_refused() {
        assert_eq!(read(b"").await, Ok(None));
        assert_eq!(read(b"POST /a HTTP/1.1\r\nContent-Length: 9\r\n\r\nhi").await, Ok(None));
        assert!(read(b"nonsense\r\n\r\n").await.is_err());
        assert!(read(b"POST /a HTTP/1.1\r\nContent-Length: two\r\n\r\n").await.is_err());
        assert!(read(b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").await.is_err());
        let long = format!("POST /a HTTP/1.1\r\nContent-Length: {}\r\n\r\n", BODY_LIMIT + 1);
        assert!(read(long.as_bytes()).await.is_err());
        let endless = format!("GET /a HTTP/1.1\r\nx: {}", "y".repeat(20_000));
        assert!(read(endless.as_bytes()).await.is_err());
    }
}
