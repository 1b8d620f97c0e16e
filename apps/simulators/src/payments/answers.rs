//! What the answers of the script table are on the wire.

use billing::adapters::fake::script::Answer;
use serde_json::Value;

use super::http::Reply;

/// The length of a huge body, in bytes.
pub(super) const HUGE: usize = 10 * 1024 * 1024;

/// How a gateway that has taken a charge and would say `accepted` answers instead.
pub(super) fn on_the_wire(answer: Answer, accepted: Value) -> Reply {
    let text = accepted.to_string();
    let json = |status: &str, body: &[u8]| Reply::Bytes(Reply::whole(status, "application/json", body));
    match answer {
        Answer::Accept
        | Answer::InProcess
        | Answer::UnauthorizedOnce
        | Answer::UnauthorizedTwice
        | Answer::Refuse
        | Answer::TooManyRequests => Reply::Json(200, accepted),
        Answer::LoseAnswer => Reply::Silence,
        Answer::Garbage => {
            let page = "<!DOCTYPE html><html><body><h1>Bad gateway</h1></body></html>";
            Reply::Bytes(Reply::whole("200 OK", "text/html", page.as_bytes()))
        }
        Answer::Literal102 => json("102 Processing", text.as_bytes()),
        Answer::Truncated => json("200 OK", text.as_bytes().get(..text.len() / 2).unwrap_or_default()),
        Answer::Huge => json("200 OK", padded(accepted).as_bytes()),
        Answer::ServerError => Reply::Json(500, serde_json::json!({ "message": "Server Error" })),
        Answer::Cut => Reply::Cut,
    }
}

/// A JSON object with so much in it that it is huge.
pub(super) fn padded(mut body: Value) -> String {
    if let Some(object) = body.as_object_mut() {
        object.insert("padding".to_owned(), Value::String("x".repeat(HUGE)));
    }
    body.to_string()
}
