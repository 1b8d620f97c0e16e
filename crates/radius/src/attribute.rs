//! RADIUS attributes as FreeRADIUS's tables spell them.

/// One attribute with its value, by the names of FreeRADIUS's dictionaries.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attribute {
    /// The name in the dictionary, such as `Session-Timeout`.
    pub name: &'static str,
    /// The value as text.
    pub value: String,
}

impl Attribute {
    /// An attribute with a value that has a text form.
    #[must_use]
    pub fn new(name: &'static str, value: impl ToString) -> Self {
        Self { name, value: value.to_string() }
    }
}
