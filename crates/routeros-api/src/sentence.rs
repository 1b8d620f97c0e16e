//! A sentence: a command with its attributes and queries, or a reply. Both sides of a connection use it.

use std::{borrow::Cow, fmt};

use crate::query::Query;

/// The words of a sentence, in order. Words are bytes: RouterOS keeps text in whatever encoding it was given.
///
/// Its debug print shows no values, for they may be passwords.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Sentence {
    /// All words, one behind the other.
    bytes: Vec<u8>,
    /// Where each word ends.
    ends: Vec<usize>,
}

/// An attribute word, `=name=value`. The value may hold anything, `=` and line breaks included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// What is between the first and the second `=`.
    pub name: &'a [u8],
    /// What is behind the second `=`; `None` if there is none, as in `=once`. Clients also write an empty value so.
    pub value: Option<&'a [u8]>,
}

impl Sentence {
    /// A sentence without words.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), ends: Vec::new() }
    }

    /// A sentence that begins with `word`: a command such as `/login`, or the type of a reply such as `!done`.
    #[must_use]
    pub fn of(word: impl AsRef<[u8]>) -> Self {
        Self::new().word(word)
    }

    /// The same with another word at its end. An empty word cannot be written, for it would end the sentence;
    /// it is left out.
    #[must_use]
    pub fn word(mut self, word: impl AsRef<[u8]>) -> Self {
        self.push(&[word.as_ref()]);
        self
    }

    /// The same with the attribute `=name=value`.
    #[must_use]
    pub fn with(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.push(&[b"=", name.as_ref(), b"=", value.as_ref()]);
        self
    }

    /// The same with the attribute `=name`, which has no value.
    #[must_use]
    pub fn flag(mut self, name: impl AsRef<[u8]>) -> Self {
        self.push(&[b"=", name.as_ref()]);
        self
    }

    /// The same with the query `?name=value`: rows whose `name` is `value`.
    #[must_use]
    pub fn matching(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.push(&[b"?=", name.as_ref(), b"=", value.as_ref()]);
        self
    }

    /// The same with the tag `.tag=tag`, which the other side repeats on everything it says to this sentence.
    #[must_use]
    pub fn tagged(mut self, tag: impl AsRef<[u8]>) -> Self {
        self.push(&[b".tag=", tag.as_ref()]);
        self
    }

    /// Whether there are no words.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How many words there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// How many bytes the words have together.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.bytes.len()
    }

    /// The words, in order.
    pub fn words(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| self.bytes.get(start..end).unwrap_or_default())
    }

    /// The first word: the command, or the type of the reply.
    #[must_use]
    pub fn command(&self) -> Option<&[u8]> {
        self.words().next()
    }

    /// The attributes, in order.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        self.words().filter_map(Attribute::parse)
    }

    /// The queries, in order: they work on a stack.
    pub fn queries(&self) -> impl Iterator<Item = Query<'_>> {
        self.words().filter_map(Query::parse)
    }

    /// The value of the first attribute of this name; empty if it has none.
    #[must_use]
    pub fn get(&self, name: impl AsRef<[u8]>) -> Option<&[u8]> {
        let name = name.as_ref();
        let found = self.attributes().find(|attribute| attribute.name == name)?;
        Some(found.value.unwrap_or_default())
    }

    /// The same as text; what is not UTF-8, and a zero byte, which few databases take, is replaced by U+FFFD.
    #[must_use]
    pub fn text(&self, name: impl AsRef<[u8]>) -> Option<Cow<'_, str>> {
        self.get(name).map(|value| match String::from_utf8_lossy(value) {
            text if text.contains('\0') => Cow::Owned(text.replace('\0', "\u{FFFD}")),
            text => text,
        })
    }

    /// The tag, wherever in the sentence it is.
    #[must_use]
    pub fn tag(&self) -> Option<&[u8]> {
        self.words().find_map(|word| word.strip_prefix(b".tag="))
    }

    fn push(&mut self, parts: &[&[u8]]) {
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        self.end_word();
    }

    /// Adds bytes to a word that is not ended.
    pub(crate) fn extend_word(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Ends the word at hand, if it has any bytes.
    pub(crate) fn end_word(&mut self) {
        if self.bytes.len() > self.ends.last().copied().unwrap_or(0) {
            self.ends.push(self.bytes.len());
        }
    }
}

impl<'a> Attribute<'a> {
    /// Reads a word; `None` if it is no attribute.
    #[must_use]
    pub fn parse(word: &'a [u8]) -> Option<Self> {
        let (name, value) = split(word.strip_prefix(b"=")?);
        Some(Self { name, value })
    }
}

/// Splits `name=value` at the first `=`.
pub(crate) fn split(word: &[u8]) -> (&[u8], Option<&[u8]>) {
    match word.iter().position(|&byte| byte == b'=') {
        Some(at) => (word.get(..at).unwrap_or_default(), word.get(at + 1..)),
        None => (word, None),
    }
}

impl fmt::Debug for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.words().map(|word| match word.first() {
            // The name stays, the value goes.
            Some(b'=' | b'?') => {
                let sign = usize::from(word.starts_with(b"?=")) + 1;
                let (sign, rest) = word.split_at_checked(sign).unwrap_or_default();
                let (name, value) = split(rest);
                let hidden = if value.is_some() { "=…" } else { "" };
                format!("{}{}{hidden}", sign.escape_ascii(), name.escape_ascii())
            }
            _ => word.escape_ascii().to_string(),
        });
        f.debug_list().entries(shown).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Attribute, Sentence};

    #[test]
    fn an_attribute_is_split_at_the_second_equals_sign() {
        let parsed = |word: &'static str| Attribute::parse(word.as_bytes());
        let attribute = |name: &'static str, value: Option<&'static str>| {
            Some(Attribute { name: name.as_bytes(), value: value.map(str::as_bytes) })
        };
        assert_eq!(parsed("=name=a=b\nc"), attribute("name", Some("a=b\nc")));
        assert_eq!(parsed("=comment="), attribute("comment", Some("")));
        assert_eq!(parsed("=once"), attribute("once", None));
        assert_eq!(parsed("="), attribute("", None));
        assert_eq!(parsed("name=x"), None);
    }

    #[test]
    fn words_are_found_by_what_they_are() {
        let sentence = Sentence::of("/ip/hotspot/user/print")
            .with(".proplist", "name,.id")
            .tagged("7")
            .flag("once")
            .matching("name", "x");
        assert_eq!(sentence.command(), Some("/ip/hotspot/user/print".as_bytes()));
        assert_eq!(sentence.tag(), Some("7".as_bytes()));
        assert_eq!(sentence.text(".proplist").as_deref(), Some("name,.id"));
        assert_eq!(sentence.get("once"), Some(&[][..]));
        assert_eq!(sentence.get("name"), None, "a query is no attribute");
        assert_eq!((sentence.len(), sentence.attributes().count(), sentence.queries().count()), (5, 2, 1));
    }

    #[test]
    fn an_empty_word_is_left_out() {
        assert!(Sentence::of("").is_empty());
        assert_eq!(Sentence::of("a").word("").word("b").words().count(), 2);
    }

    #[test]
    fn text_that_is_not_utf8_is_kept_and_shown_as_well_as_can_be() {
        let sentence = Sentence::of("!re").with("name", b"g\xFC");
        assert_eq!(sentence.get("name"), Some(&b"g\xFC"[..]));
        assert_eq!(sentence.text("name").as_deref(), Some("g\u{FFFD}"));
        let zero = Sentence::of("!re").with("name", b"g\0h");
        assert_eq!(zero.text("name").as_deref(), Some("g\u{FFFD}h"));
    }

    #[test]
    fn a_debug_print_hides_values() {
        let sentence = Sentence::of("/login").with("name", "admin").with("password", "pa=ss");
        let asked = Sentence::of("/print").matching("password", "hidden").word("?>secret=hidden");
        assert_eq!(format!("{sentence:?}"), r#"["/login", "=name=…", "=password=…"]"#);
        assert!(!format!("{asked:?}").contains("hidden"));
    }
}
