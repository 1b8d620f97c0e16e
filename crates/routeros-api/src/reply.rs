//! What a router may say: rows, refusals, and ends.

use crate::sentence::Sentence;

/// A sentence from a router, by its first word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// `!re`: a row; more follows.
    Row(Sentence),
    /// `!empty`: there are no rows (RouterOS 7.18 and later); more follows.
    Empty,
    /// `!trap`: the command is refused or was interrupted; more follows, perhaps another refusal.
    Trap(Trap),
    /// `!done`: the end of a command. Its attribute `ret` may hold a result, as the id of what was added.
    Done(Sentence),
    /// `!fatal`: the router closes the connection, and says why.
    Fatal(String),
}

/// A refusal (`!trap`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Trap {
    /// The router's own words, made fit to be printed; empty if it gave none.
    pub message: String,
    /// What kind it is: 0 no such item or command, 1 a bad argument, 2 interrupted, 3 a script's failure, 4 a
    /// general failure, 5 a failure of the API, 6 of a terminal, 7 a value (MikroTik manual, "API").
    pub category: Option<u32>,
}

impl Trap {
    /// The category of a command that `/cancel` ended.
    pub const INTERRUPTED: u32 = 2;
}

/// The first word is none that a router says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no reply")]
pub struct UnknownReply(pub String);

impl Reply {
    /// Reads a sentence as a reply.
    ///
    /// # Errors
    /// [`UnknownReply`] names the word that it begins with.
    pub fn from_sentence(sentence: Sentence) -> Result<Self, UnknownReply> {
        let kind = sentence.command().unwrap_or_default();
        match kind {
            b"!re" => Ok(Self::Row(sentence)),
            b"!empty" => Ok(Self::Empty),
            b"!done" => Ok(Self::Done(sentence)),
            b"!trap" => {
                let category = sentence.text("category").and_then(|category| category.parse().ok());
                Ok(Self::Trap(Trap { message: message(&sentence), category }))
            }
            b"!fatal" => Ok(Self::Fatal(message(&sentence))),
            _ => Err(UnknownReply(printable(kind))),
        }
    }
}

/// The attribute `message`, or the bare word that `!fatal` has in its place.
fn message(sentence: &Sentence) -> String {
    let bare =
        || sentence.words().skip(1).find(|word| !word.starts_with(b"=") && !word.starts_with(b".tag="));
    printable(sentence.get("message").or_else(bare).unwrap_or_default())
}

/// The longest text of a router that is passed on, in characters: it ends up in logs and on pages.
const LONGEST_TEXT: usize = 300;

/// Text from a router as one line of bounded length.
#[must_use]
pub fn printable(bytes: &[u8]) -> String {
    let beginning = bytes.get(..bytes.len().min(4 * LONGEST_TEXT)).unwrap_or_default();
    let text = String::from_utf8_lossy(beginning);
    let safe = text.chars().map(|character| if character.is_control() { ' ' } else { character });
    safe.take(LONGEST_TEXT).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Reply, Trap, UnknownReply};
    use crate::sentence::Sentence;

    fn trap(message: &str, category: Option<u32>) -> Result<Reply, UnknownReply> {
        Ok(Reply::Trap(Trap { message: message.to_owned(), category }))
    }

    #[test]
    fn refusals_are_read_with_and_without_what_they_may_have() {
        let read = Reply::from_sentence;
        let full = Sentence::of("!trap").with("category", "2").with("message", "interrupted").tagged("1");
        assert_eq!(read(full), trap("interrupted", Some(Trap::INTERRUPTED)));
        assert_eq!(read(Sentence::of("!trap")), trap("", None));
        assert_eq!(read(Sentence::of("!trap").with("category", "x")), trap("", None));
    }

    #[test]
    fn a_fatal_reply_has_a_bare_reason_or_a_message() {
        let bare = Sentence::of("!fatal").tagged("3").word("session terminated on request");
        let fatal = |text: &str| Ok(Reply::Fatal(text.to_owned()));
        assert_eq!(Reply::from_sentence(bare), fatal("session terminated on request"));
        assert_eq!(Reply::from_sentence(Sentence::of("!fatal").with("message", "why")), fatal("why"));
        assert_eq!(Reply::from_sentence(Sentence::of("!fatal")), fatal(""));
    }

    #[test]
    fn rows_and_ends_keep_their_attributes_and_others_are_unknown() {
        let row = Sentence::of("!re").with("name", "x");
        assert_eq!(Reply::from_sentence(row.clone()), Ok(Reply::Row(row)));
        let done = Sentence::of("!done").with("ret", "*1");
        assert_eq!(Reply::from_sentence(done.clone()), Ok(Reply::Done(done)));
        assert_eq!(Reply::from_sentence(Sentence::of("!empty")), Ok(Reply::Empty));
        assert_eq!(Reply::from_sentence(Sentence::of("!xxx")), Err(UnknownReply("!xxx".to_owned())));
        assert_eq!(Reply::from_sentence(Sentence::new()), Err(UnknownReply(String::new())));
    }

    #[test]
    fn a_routers_text_is_one_line_of_bounded_length() {
        let text = format!("no\r\nsuch\u{1b}item {}", "x".repeat(100_000));
        let Ok(Reply::Trap(trap)) = Reply::from_sentence(Sentence::of("!trap").with("message", text)) else {
            panic!("a trap is a trap");
        };
        assert!(trap.message.starts_with("no  such item xxx") && trap.message.chars().count() <= 300);
    }
}
