//! The control port: one JSON action per line, one JSON answer per line, for a test in another process and for an
//! operator's shell (`echo '{"do":"cut"}' | nc 127.0.0.1 8730`).

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tracing::{debug, warn};

use super::action::{Action, ActionError};
use super::shared::Shared;

const LONGEST_LINE: u64 = 1024 * 1024;

/// Serves the control port for as long as it is polled.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut conversations = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                conversations.spawn(converse(stream, shared.clone()));
            }
            Err(error) => warn!(%error, "cannot accept a control connection"),
        }
        while conversations.try_join_next().is_some() {}
    }
}

async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    if let Err(error) = answer_lines(stream, &shared).await {
        debug!(%error, "the control connection ends");
    }
}

async fn answer_lines(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
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
        let mut answer = answer(&line, shared).to_string();
        answer.push('\n');
        writer.write_all(answer.as_bytes()).await?;
    }
}

fn answer(line: &str, shared: &Shared) -> Value {
    let done: Result<Value, ActionError> =
        Action::parse(line).and_then(|action| shared.up_to_date(|world| world.apply(action)));
    match done {
        Ok(result) => json!({ "ok": true, "result": result }),
        Err(error) => json!({ "ok": false, "error": error.to_string() }),
    }
}
