//! A group of people, such as a year of students, that are given access together.

use kernel::{
    Timestamp,
    id::ids::{AccessProfileId, PromotionId},
};

/// A group of people that are given access together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promotion {
    /// Names it.
    pub id: PromotionId,
    /// A unique name for people.
    pub name: String,
    /// What its members get, unless they have a profile of their own.
    pub access_profile_id: Option<AccessProfileId>,
    /// Whether people can choose it.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Promotion {
    /// The most characters of a name.
    pub const MAX_NAME: usize = 60;

    /// A name as it is kept: 1 to 60 characters without white space around them.
    #[must_use]
    pub fn name(text: &str) -> Option<String> {
        let name = text.trim();
        (1..=Self::MAX_NAME).contains(&name.chars().count()).then(|| name.to_owned())
    }
}
