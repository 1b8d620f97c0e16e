//! Why a command is refused, in RouterOS's own words.
//!
//! Most texts are attested by public clients, manuals and bug reports. Not verified on a router: the ones for a
//! default item, for no room and for a value of the wrong shape.

use super::version::Version;

/// A command that failed: `!trap`, then `!done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trap {
    /// There is no such menu.
    NoSuchMenu,
    /// The menu has no such command.
    NoSuchCommand,
    NoSuchItem,
    UnknownParameter(String),
    /// A parameter that must be given.
    Missing(&'static str),
    /// The value names nothing that exists.
    NoMatch(&'static str),
    /// The value has another shape than the parameter.
    Invalid(&'static str),
    InvalidTime(&'static str),
    /// `failure:` and what is wrong.
    Failure(String),
    Interrupted,
    WrongLogin,
}

impl Trap {
    pub(super) fn failure(text: &str) -> Self {
        Self::Failure(text.to_owned())
    }

    /// The attribute `message`.
    pub(super) fn message(&self, version: Version) -> String {
        match self {
            Self::NoSuchMenu => "no such command prefix".to_owned(),
            Self::NoSuchCommand => "no such command".to_owned(),
            Self::NoSuchItem if version.is_seven() => "no such item".to_owned(),
            Self::NoSuchItem => "no such item (4)".to_owned(),
            Self::UnknownParameter(name) if version.is_seven() => format!("unknown parameter {name}"),
            Self::UnknownParameter(_) => "unknown parameter".to_owned(),
            Self::Missing(name) => format!("missing ={name}="),
            Self::NoMatch(name) => format!("input does not match any value of {name}"),
            Self::Invalid(name) => format!("invalid value for argument {name}"),
            Self::InvalidTime(name) => format!("invalid time value for argument {name}"),
            Self::Failure(text) => format!("failure: {text}"),
            Self::Interrupted => "interrupted".to_owned(),
            Self::WrongLogin if version.logs_in_plainly() => "invalid user name or password (6)".to_owned(),
            Self::WrongLogin => "cannot log in".to_owned(),
        }
    }

    /// The attribute `category`, as the manual numbers it: 0 missing item or command, 1 value of an argument,
    /// 2 interrupted.
    pub(super) fn category(&self) -> Option<&'static str> {
        match self {
            Self::NoSuchItem => Some("0"),
            Self::NoMatch(_) | Self::Invalid(_) | Self::InvalidTime(_) => Some("1"),
            Self::Interrupted => Some("2"),
            Self::NoSuchMenu
            | Self::NoSuchCommand
            | Self::UnknownParameter(_)
            | Self::Missing(_)
            | Self::Failure(_)
            | Self::WrongLogin => None,
        }
    }
}
