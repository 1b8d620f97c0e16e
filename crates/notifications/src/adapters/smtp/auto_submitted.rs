//! The header field that keeps answering machines from answering us.

use std::error::Error;

use lettre::message::header::{Header, HeaderName, HeaderValue};

/// `Auto-Submitted: auto-generated` (RFC 3834, section 5).
#[derive(Debug, Clone, Copy)]
pub(super) struct AutoSubmitted;

const NAME: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        NAME
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(NAME, "auto-generated".to_owned())
    }
}
