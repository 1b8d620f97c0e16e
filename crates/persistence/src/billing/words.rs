//! How billing's values are written in columns.

use kernel::{
    Currency, Money, StoreError,
    events::billing::{Target, ValidityStart},
};
use serde::{Serialize, de::DeserializeOwned};

pub(super) fn currency(code: &str) -> Result<Currency, StoreError> {
    code.parse().map_err(StoreError::corrupt)
}

pub(super) const fn money(minor: i64, currency: Currency) -> Money {
    Money::from_minor(minor, currency)
}

pub(super) fn to_json(value: &impl Serialize) -> Result<serde_json::Value, StoreError> {
    serde_json::to_value(value).map_err(StoreError::corrupt)
}

pub(super) fn from_json<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(StoreError::corrupt)
}

pub(super) const fn start_word(start: ValidityStart) -> &'static str {
    match start {
        ValidityStart::Creation => "creation",
        ValidityStart::FirstUse => "first_use",
    }
}

pub(super) fn start_from(word: &str) -> Result<ValidityStart, StoreError> {
    [ValidityStart::Creation, ValidityStart::FirstUse]
        .into_iter()
        .find(|start| start_word(*start) == word)
        .ok_or_else(|| StoreError::corrupt(word))
}

pub(super) const fn target_word(target: Target) -> &'static str {
    match target {
        Target::Router => "router",
        Target::Radius => "radius",
    }
}

pub(super) fn target_from(word: &str) -> Result<Target, StoreError> {
    [Target::Router, Target::Radius]
        .into_iter()
        .find(|target| target_word(*target) == word)
        .ok_or_else(|| StoreError::corrupt(word))
}
