//! What must not get into FreeRADIUS's tables, since it would reject it, mangle it or execute it.

/// Why a subscriber cannot stand in the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The name is empty, or longer than the 253 bytes of an attribute (RFC 2865, section 5).
    #[error("the name must have 1 to 253 bytes")]
    NameLength,
    /// The name has white space or control characters in it; FreeRADIUS rejects a space.
    #[error("the name has white space or control characters in it")]
    NameSpace,
    /// FreeRADIUS's `filter_username` takes the part behind `@` for a realm, and rejects two of them, one without a
    /// dot inside, and one that begins with a dot.
    #[error("what stands behind the @ of the name is not a domain")]
    NameRealm,
    /// FreeRADIUS's `filter_username` rejects two dots in a row and a dot at the end.
    #[error("the name has two dots in a row, or a dot at its end")]
    NameDots,
    /// The secret is empty, or longer than the 128 bytes that a NAS can send (RFC 2865, section 5.2).
    #[error("the secret must have 1 to 128 bytes")]
    SecretLength,
    /// The secret has control characters in it.
    #[error("the secret has control characters in it")]
    SecretControl,
    /// The secret begins and ends with the same quote: FreeRADIUS takes the quotes off, and executes what stands in
    /// backticks.
    #[error("the secret stands in quotes")]
    SecretQuoted,
}

impl Unfit {
    /// A stable word for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NameLength | Self::NameSpace | Self::NameRealm | Self::NameDots => "name_rejected",
            Self::SecretLength | Self::SecretControl | Self::SecretQuoted => "secret_rejected",
        }
    }
}

/// Looks whether FreeRADIUS lets a name pass: its `filter_username`, and what a packet can carry.
///
/// # Errors
/// [`Unfit`].
pub fn check_name(name: &str) -> Result<(), Unfit> {
    if !(1..=253).contains(&name.len()) {
        return Err(Unfit::NameLength);
    }
    if name.chars().any(|character| character.is_whitespace() || character.is_control()) {
        return Err(Unfit::NameSpace);
    }
    if name.contains("..") || name.ends_with('.') {
        return Err(Unfit::NameDots);
    }
    match name.split_once('@') {
        Some((_, realm)) if !is_realm(realm) => Err(Unfit::NameRealm),
        _ => Ok(()),
    }
}

/// A dot somewhere between other characters, and no second `@`.
fn is_realm(realm: &str) -> bool {
    let inner = realm.len() >= 3 && realm.char_indices().any(|(at, dot)| dot == '.' && at > 0);
    inner && !realm.contains('@') && !realm.starts_with('.')
}

/// Looks whether a NAS can send a secret, and a table can carry it in the clear.
///
/// # Errors
/// [`Unfit`].
pub fn check_secret(secret: &str) -> Result<(), Unfit> {
    if !(1..=128).contains(&secret.len()) {
        return Err(Unfit::SecretLength);
    }
    if secret.chars().any(char::is_control) {
        return Err(Unfit::SecretControl);
    }
    if is_quoted(secret) { Err(Unfit::SecretQuoted) } else { Ok(()) }
}

/// Whether FreeRADIUS would take a value for a quoted one.
#[must_use]
pub fn is_quoted(value: &str) -> bool {
    ['"', '\'', '`'].into_iter().any(|quote| value.starts_with(quote) && value.ends_with(quote))
}
