//! The header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): a caller's promise that two
//! requests are one, so that a repeat after a lost answer does nothing twice.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::HeaderName};
use kernel::{Actor, IdempotencyKey};

use super::{
    error::{ApiError, ApiErrorCode, FieldProblem},
    policy::context_of,
};

/// The header's name.
pub const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

/// All guests share one name, so that the key alone tells one from another: it must not be hit upon.
const SHORTEST_OF_GUESTS: usize = 16;

/// The key that came with a request, if one did. It holds for this caller and this very path.
#[derive(Debug)]
pub struct IdempotencyHeader {
    key: Option<String>,
    route: String,
    caller: Actor,
}

impl IdempotencyHeader {
    /// The key over a body, for the command.
    #[must_use]
    pub fn over(&self, body: &[u8]) -> Option<IdempotencyKey> {
        let key = self.key.as_deref()?;
        Some(IdempotencyKey::new(&self.caller, &self.route, key, body))
    }
}

impl FromRequest for IdempotencyHeader {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request))
    }
}

fn read(request: &HttpRequest) -> Result<IdempotencyHeader, ApiError> {
    let mut sent = request.headers().get_all(HEADER);
    let key = sent.next().map(|value| value.to_str().ok().and_then(parse));
    let malformed = matches!(key, Some(None)) || sent.next().is_some();
    if malformed {
        return Err(ApiError::new(ApiErrorCode::MalformedRequest).and_field(
            "Idempotency-Key",
            FieldProblem::Said(
                "doit avoir 1 à 255 caractères ASCII visibles, entre guillemets ou non".to_owned(),
                "must have 1 to 255 visible ASCII characters, quoted or bare".to_owned(),
            ),
        ));
    }
    let (key, caller) =
        (key.flatten(), context_of(request).map_or(Actor::Anonymous, |context| context.origin.actor));
    if caller == Actor::Anonymous && key.as_ref().is_some_and(|key| key.len() < SHORTEST_OF_GUESTS) {
        return Err(ApiError::new(ApiErrorCode::MalformedRequest).and_field(
            "Idempotency-Key",
            FieldProblem::Said(
                format!("doit avoir au moins {SHORTEST_OF_GUESTS} caractères pour un visiteur"),
                format!("must have at least {SHORTEST_OF_GUESTS} characters for a guest"),
            ),
        ));
    }
    Ok(IdempotencyHeader { key, route: format!("{} {}", request.method(), request.path()), caller })
}

/// A structured-field string (RFC 9651, section 3.3.3), or the same without quotes, as many clients send it.
fn parse(text: &str) -> Option<String> {
    let text = text.trim();
    let key = match text.strip_prefix('"') {
        None => text.to_owned(),
        Some(rest) => unescaped(rest.strip_suffix('"')?)?,
    };
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    (visible && (1..=255).contains(&key.len())).then_some(key)
}

fn unescaped(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.push(characters.next().filter(|next| matches!(next, '"' | '\\'))?),
            '"' => return None,
            other => plain.push(other),
        }
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn keys_are_quoted_or_bare() {
        let long = "k".repeat(255);
        let too_long = "k".repeat(256);
        for (sent, key) in [
            ("abc-123", Some("abc-123")),
            ("\"abc-123\"", Some("abc-123")),
            (r#""a\"b\\c""#, Some(r#"a"b\c"#)),
            (long.as_str(), Some(long.as_str())),
            (too_long.as_str(), None),
            ("", None),
            ("\"\"", None),
            ("\"", None),
            ("\"open", None),
            ("a b", None),
            (r#""a\b""#, None),
            (r#""a"b""#, None),
            ("clé", None),
        ] {
            assert_eq!(parse(sent).as_deref(), key, "{sent}");
        }
    }
}
