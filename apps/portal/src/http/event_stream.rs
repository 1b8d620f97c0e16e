//! Server-Sent Events (WHATWG HTML, section 9.2): an answer that goes on, for a browser's `EventSource` and anything alike.
//!
//! A stream is pulled: nothing is looked up before the client has taken what was sent, so that a slow client holds back
//! itself alone. There are so many streams at most, and each ends after an hour, since whoever opened it may have lost
//! the right to it meanwhile.

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_ENCODING, HeaderName},
    web::Bytes,
};
use futures_util::stream;
use kernel::StoreError;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::error::{ApiError, ApiErrorCode};

/// So many streams are open at once in one process at most.
const MOST_STREAMS: usize = 128;
/// A stream ends after so long.
const LONGEST: Duration = Duration::from_secs(3_600);
/// A client that hears nothing for so long hears a heartbeat, so that it and everybody in between know that the stream
/// lives.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// So often what has been written since is looked for: it may have been written by any process.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// After so many milliseconds a client that lost the stream may open it again.
const RETRY: &str = "retry: 3000\n\n";

/// The streams of this process.
#[derive(Debug)]
pub struct Streams {
    room: Arc<Semaphore>,
    stop: CancellationToken,
}

/// What a stream tells.
pub trait Source: 'static {
    /// What there is to tell since the last look, as [`event`]s; nothing yet when it is empty.
    fn look(&mut self) -> impl Future<Output = Result<Vec<Bytes>, StoreError>>;
}

struct Open<S> {
    source: S,
    due: std::collections::VecDeque<Bytes>,
    spoke_at: Instant,
    ends_at: Instant,
    stop: CancellationToken,
    _room: OwnedSemaphorePermit,
}

impl Streams {
    /// The streams of a process that ends with `stop`.
    #[must_use]
    pub fn new(stop: CancellationToken) -> Self {
        Self { room: Arc::new(Semaphore::new(MOST_STREAMS)), stop }
    }

    /// An answer that goes on for as long as the client listens.
    ///
    /// # Errors
    /// Too many streams are open.
    pub fn open<S: Source>(&self, source: S) -> Result<HttpResponse, ApiError> {
        let room = self.room.clone().try_acquire_owned();
        let room = room.map_err(|_| {
            ApiError::new(ApiErrorCode::ServiceUnavailable).caused_by("as many streams are open as may be")
        })?;
        let now = Instant::now();
        let open = Open {
            source,
            due: [Bytes::from_static(RETRY.as_bytes())].into(),
            spoke_at: now,
            ends_at: now + LONGEST,
            stop: self.stop.clone(),
            _room: room,
        };
        let events = stream::unfold(open, |mut open| async {
            let bytes = open.next().await?;
            Some((Ok::<_, actix_web::Error>(bytes), open))
        });
        Ok(HttpResponse::Ok()
            .content_type("text/event-stream")
            .insert_header((CACHE_CONTROL, "no-store"))
            // A compressor, and nginx, would hold events back until there are enough of them.
            .insert_header((CONTENT_ENCODING, "identity"))
            .insert_header((HeaderName::from_static("x-accel-buffering"), "no"))
            .streaming(events))
    }
}

impl<S: Source> Open<S> {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(bytes) = self.due.pop_front() {
                self.spoke_at = Instant::now();
                return Some(bytes);
            }
            let now = Instant::now();
            if self.stop.is_cancelled() || now >= self.ends_at {
                return None;
            }
            match self.source.look().await {
                Ok(events) if !events.is_empty() => {
                    self.due.extend(events);
                    continue;
                }
                Ok(_) => {}
                // The client opens it again where it was.
                Err(error) => {
                    tracing::warn!(%error, "a stream ends");
                    return None;
                }
            }
            if now.duration_since(self.spoke_at) >= HEARTBEAT {
                self.spoke_at = now;
                return Some(Bytes::from_static(b":\n\n"));
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = self.stop.cancelled() => {}
            }
        }
    }
}

/// One event. The data is JSON on one line, and the name has no line break.
#[must_use]
pub fn event(id: Option<i64>, name: &str, data: &serde_json::Value) -> Bytes {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    Bytes::from(format!("{id}event: {name}\ndata: {data}\n\n"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::event;

    #[test]
    fn an_event_is_written_as_browsers_read_it() {
        let written = event(Some(7), "login", &json!({"username": "a\nb"}));
        assert_eq!(written, "id: 7\nevent: login\ndata: {\"username\":\"a\\nb\"}\n\n");
        assert_eq!(event(None, "gap", &json!({})), "event: gap\ndata: {}\n\n");
    }
}
