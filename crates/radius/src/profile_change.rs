//! What was decided of access profiles: every change of one, and of who has which.

use kernel::{
    Timestamp,
    id::ids::{AccessProfileId, ProfileChangeId},
};

use crate::access_profile::Terms;

/// One entry of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileChange {
    /// Names it.
    pub id: ProfileChangeId,
    /// What was changed.
    pub kind: ChangeKind,
    /// What it was done to, by the name that it had then.
    pub subject: String,
    /// The profile before: of a promotion or a subscriber the one that it had, of a profile itself.
    pub old_profile_id: Option<AccessProfileId>,
    /// The profile after.
    pub new_profile_id: Option<AccessProfileId>,
    /// What a profile said before, if the profile itself was changed.
    pub before: Option<Terms>,
    /// What it says now, if the profile itself was made or changed.
    pub after: Option<Terms>,
    /// Who did it, as the audit log names them.
    pub actor: String,
    /// Why, in the words of who did it.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// A profile was made.
    Created,
    /// A profile was changed.
    Changed,
    /// A profile was deleted.
    Deleted,
    /// A promotion has another profile, or has none any more.
    Promotion,
    /// A subscriber has another profile of its own, or has none any more.
    Subscriber,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Created, Self::Changed, Self::Deleted, Self::Promotion, Self::Subscriber];

    /// The kind as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Deleted => "deleted",
            Self::Promotion => "promotion",
            Self::Subscriber => "subscriber",
        }
    }

    /// Reads a stored kind.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}
