//! What a stock FreeRADIUS 3.2 does with the rows of its tables, as far as it was measured.

use kernel::Timestamp;

use crate::{
    attribute::{Attribute, SESSION_TIMEOUT},
    policy::{GroupEntry, UserEntry},
};

pub(super) struct Tables<'a> {
    pub(super) user: &'a UserEntry,
    pub(super) groups: &'a [GroupEntry],
}

impl Tables<'_> {
    /// The replies of an accept, sorted; `None` for a reject.
    pub(super) fn answer(&self, password: &str, open: u64, at: Timestamp) -> Option<Vec<Attribute>> {
        let group = self.groups.iter().find(|group| Some(&group.name) == self.user.group.as_ref());
        assert_eq!(group.is_some(), self.user.group.is_some(), "a group that is not there");
        let checks: Vec<_> =
            self.user.check.iter().chain(group.iter().flat_map(|group| &group.check)).collect();
        let mut replies: Vec<_> =
            self.user.reply.iter().chain(group.iter().flat_map(|group| &group.reply)).cloned().collect();
        let check = |name: &str| checks.iter().find(|item| item.name == name).map(|item| item.value.as_str());
        if check("Auth-Type") == Some("Reject")
            || check("Cleartext-Password").and_then(read_value)? != password
        {
            return None;
        }
        if check("Simultaneous-Use").is_some_and(|limit| open >= limit.parse().unwrap()) {
            return None;
        }
        if let Some(end) = check("Expiration") {
            let left = end.parse::<i64>().unwrap() - at.timestamp();
            if left <= 0 {
                return None;
            }
            let timeout = replies.iter_mut().find(|reply| reply.name == SESSION_TIMEOUT).unwrap();
            timeout.value = timeout.value.parse::<i64>().unwrap().min(left).to_string();
        }
        replies.sort();
        Some(replies)
    }
}

/// A value as it is after FreeRADIUS has read it; `None` if it would be executed.
pub(super) fn read_value(value: &str) -> Option<&str> {
    let inner = |quote| value.strip_prefix(quote).and_then(|rest: &str| rest.strip_suffix(quote));
    match value {
        "\"" | "'" | "`" => Some(""),
        _ if inner('`').is_some() => None,
        _ => Some(inner('"').or_else(|| inner('\'')).unwrap_or(value)),
    }
}

/// The policy `filter_username` of `policy.d/filter`.
pub(super) fn passes_filter(name: &str) -> bool {
    let realm = name.split_once('@').map(|(_, realm)| realm);
    let has_inner_dot = |realm: &str| realm.match_indices('.').any(|(at, _)| at > 0 && at + 1 < realm.len());
    !name.contains(' ')
        && name.matches('@').count() <= 1
        && !name.contains("..")
        && realm.is_none_or(has_inner_dot)
        && !name.ends_with('.')
        && !name.contains("@.")
}

/// Whether a value is what its attribute holds: a number of 32 bits, four octets, a rate, a text without quotes.
pub(super) fn is_well_formed(attribute: &Attribute) -> bool {
    let value = attribute.value.as_str();
    match attribute.name {
        "Attr-26.14559.23" => value.len() == 10 && value.starts_with("0x"),
        "Mikrotik-Rate-Limit" => value.split('/').count() == 2 && !value.contains('-'),
        "Cleartext-Password" | "Auth-Type" | "Reply-Message" => read_value(value) == Some(value),
        _ => value.parse::<u32>().is_ok() && !value.starts_with('+'),
    }
}

/// The quota that a NAS reads out of a reply, in bytes.
pub(super) fn told_quota(replies: &[Attribute]) -> Option<u64> {
    let value =
        |name: &str| replies.iter().find(|reply| reply.name == name).map(|reply| reply.value.as_str());
    let low = value("Mikrotik-Total-Limit")
        .or_else(|| value("ChilliSpot-Max-Total-Octets"))
        .or_else(|| value("pfSense-Max-Total-Octets"))?;
    let hexadecimal = value("Attr-26.14559.23").map(|text| u64::from_str_radix(&text[2..], 16).unwrap());
    let high = value("Mikrotik-Total-Limit-Gigawords").map(|text| text.parse().unwrap()).or(hexadecimal);
    Some((high.unwrap_or(0) << 32) + low.parse::<u64>().unwrap())
}
