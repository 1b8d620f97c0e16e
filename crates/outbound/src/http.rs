//! The one HTTP client. It is made for requests that move money: whoever sends one must know, when no answer
//! came, whether it may have been received all the same.
//!
//! Every request has a connection of its own. A kept connection may be closed by the other side at the moment
//! that it is written to, and then nobody could tell whether the request was read; a new one either stands before
//! the first byte is sent, or nothing was sent.

use std::{error::Error as _, time::Duration};

use reqwest::{
    Method,
    header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue},
    redirect, retry,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};

/// What the client may take its time for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpSettings {
    /// Finding the address, connecting and agreeing on TLS.
    pub connect_timeout: Duration,
    /// Sending the request and reading the whole answer. What connecting left of its own time is added to it.
    pub answer_timeout: Duration,
    /// The longest body of an answer, in bytes.
    pub body_limit: usize,
    /// Whether `HTTP_PROXY` and its like are heeded.
    pub proxy_from_environment: bool,
}

impl Default for HttpSettings {
    /// 5 seconds to connect, 30 for the answer, of up to 64 KiB; no proxy.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            answer_timeout: Duration::from_secs(30),
            body_limit: 64 * 1024,
            proxy_from_environment: false,
        }
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Nothing of the request has left this machine: no address, no connection, no TLS. Trying again is safe.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The request, or a part of it, may have been received: no answer in time, a broken connection, an answer
    /// that cannot be read or is too long. Trying again may do the thing twice.
    #[error("sent, but without a readable answer: {0}")]
    Lost(String),
}

/// The client cannot be made: no root certificates on this machine, say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the HTTP client cannot be made: {0}")]
pub struct HttpClientUnavailable(String);

/// An answer, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as JSON.
    ///
    /// # Errors
    /// What is wrong with it, without any of its content.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            format!("the answer is not the expected JSON, at line {line}, column {column}")
        })
    }

    /// Whether the status is one of success (RFC 9110, section 15.3).
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }
}

/// A request to be sent. What is sensitive in it is never printed.
pub struct Request {
    method: Method,
    url: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Option<Vec<u8>>,
    invalid: Option<String>,
}

// A URL's path and query, headers and bodies may hold secrets.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("method", &self.method).finish_non_exhaustive()
    }
}

impl Request {
    /// Asks for what is at a URL.
    #[must_use]
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::GET, url.into(), None)
    }

    /// Posts these bytes of JSON: exactly these, so that they can be signed.
    #[must_use]
    pub fn post_json(url: impl Into<String>, body: Vec<u8>) -> Self {
        Self::new(Method::POST, url.into(), Some(body)).header("content-type", "application/json")
    }

    /// Posts a value as JSON.
    #[must_use]
    pub fn post<T: Serialize>(url: impl Into<String>, body: &T) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => Self::post_json(url, body),
            Err(error) => {
                let mut request = Self::new(Method::POST, url.into(), None);
                request.invalid = Some(error.to_string());
                request
            }
        }
    }

    fn new(method: Method, url: String, body: Option<Vec<u8>>) -> Self {
        let accept = (ACCEPT, HeaderValue::from_static("application/json"));
        Self { method, url, headers: vec![accept], body, invalid: None }
    }

    /// Adds a header. One that cannot be sent makes the whole request not sent.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => self.headers.push((name, value)),
            _ => self.invalid = Some(format!("the header {name} cannot be sent")),
        }
        self
    }

    /// Proves who is asking, by a bearer token (RFC 6750).
    #[must_use]
    pub fn bearer(mut self, token: &SecretString) -> Self {
        match HeaderValue::try_from(format!("Bearer {}", token.expose_secret())) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.headers.push((AUTHORIZATION, value));
            }
            Err(_) => self.invalid = Some("the token cannot be sent in a header".to_owned()),
        }
        self
    }

    /// Names the request, so that both sides find it in their logs.
    #[must_use]
    pub fn request_id(self, id: &str) -> Self {
        self.header("x-request-id", id)
    }
}

/// Sends requests.
#[derive(Debug, Clone)]
pub struct HttpClient {
    client: reqwest::Client,
    body_limit: usize,
}

impl HttpClient {
    /// A client that takes its time as the settings allow.
    ///
    /// # Errors
    /// [`HttpClientUnavailable`].
    pub fn new(settings: HttpSettings) -> Result<Self, HttpClientUnavailable> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("hotspot-portal/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .http1_only()
            .pool_max_idle_per_host(0)
            .connect_timeout(settings.connect_timeout)
            // Longer than connecting may take, so that whatever ends by it was connected.
            .timeout(settings.connect_timeout + settings.answer_timeout);
        if !settings.proxy_from_environment {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| HttpClientUnavailable(reasons(&error)))?;
        Ok(Self { client, body_limit: settings.body_limit })
    }

    /// Sends a request, once.
    ///
    /// # Errors
    /// [`SendError`] says whether it may have been received.
    pub async fn send(&self, request: Request) -> Result<Reply, SendError> {
        if let Some(invalid) = request.invalid {
            return Err(SendError::NotSent(invalid));
        }
        let mut builder = self.client.request(request.method.clone(), request.url);
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        let request = builder.build().map_err(|error| SendError::NotSent(reasons(&error.without_url())))?;
        let host = request.url().host_str().unwrap_or_default().to_owned();
        let reply = self.exchange(request).await;
        match &reply {
            Ok(reply) => tracing::debug!(host, status = reply.status, bytes = reply.body.len(), "answered"),
            Err(error) => tracing::debug!(host, %error, "no answer"),
        }
        reply
    }

    async fn exchange(&self, request: reqwest::Request) -> Result<Reply, SendError> {
        let mut response = self.client.execute(request).await.map_err(|error| {
            let error = error.without_url();
            if error.is_connect() || error.is_builder() {
                SendError::NotSent(reasons(&error))
            } else {
                SendError::Lost(reasons(&error))
            }
        })?;
        let status = response.status().as_u16();
        let too_long = || SendError::Lost(format!("the answer is longer than {} bytes", self.body_limit));
        let mut body = Vec::new();
        let lost = |error: reqwest::Error| SendError::Lost(reasons(&error.without_url()));
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            if body.len() + chunk.len() > self.body_limit {
                return Err(too_long());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, body })
    }
}

/// An error and everything that caused it, the last being what says most.
fn reasons(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests;
