//! The control port: one JSON action per line, one JSON answer per line, for a test in another process and for an
//! operator's shell (`echo '{"do":"state"}' | nc -q1 127.0.0.1 8730`).

use std::fmt::Display;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tracing::{debug, warn};

const LONGEST_LINE: u64 = 1024 * 1024;

/// Does what a line asks for.
pub(crate) trait Controlled: Send + Sync + 'static {
    /// Why it was not done.
    type Error: Display;

    /// Does it, and tells what came of it.
    fn obey(&self, line: &str) -> impl Future<Output = Result<Value, Self::Error>> + Send;
}

/// Serves the control port for as long as it is polled.
pub(crate) async fn serve<C: Controlled>(listener: TcpListener, controlled: Arc<C>) {
    let mut conversations = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                conversations.spawn(converse(stream, controlled.clone()));
            }
            Err(error) => warn!(%error, "cannot accept a control connection"),
        }
        while conversations.try_join_next().is_some() {}
    }
}

async fn converse<C: Controlled>(stream: TcpStream, controlled: Arc<C>) {
    if let Err(error) = answer_lines(stream, &*controlled).await {
        debug!(%error, "the control connection ends");
    }
}

async fn answer_lines<C: Controlled>(mut stream: TcpStream, controlled: &C) -> std::io::Result<()> {
    let (reader, mut writer) = stream.split();
    let mut reader = BufReader::new(reader);
    let mut line = String::new();
    loop {
        line.clear();
        if (&mut reader).take(LONGEST_LINE).read_line(&mut line).await? == 0 {
            return Ok(());
        }
        if line.trim().is_empty() {
            continue;
        }
        let mut answer = answer(&line, controlled).await.to_string();
        answer.push('\n');
        writer.write_all(answer.as_bytes()).await?;
    }
}

async fn answer<C: Controlled>(line: &str, controlled: &C) -> Value {
    match controlled.obey(line).await {
        Ok(result) => json!({ "ok": true, "result": result }),
        Err(error) => json!({ "ok": false, "error": error.to_string() }),
    }
}
