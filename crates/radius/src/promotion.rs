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
