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
        if let Some(times) = check("Login-Time") {
            match login_time(times, at) {
                -1 => return None,
                0 => {}
                left => shorten(&mut replies, left),
            }
        }
        if let Some(end) = check("Expiration") {
            let left = end.parse::<i64>().unwrap() - at.timestamp();
            if left <= 0 {
                return None;
            }
            shorten(&mut replies, left);
        }
        replies.sort();
        Some(replies)
    }
}

fn shorten(replies: &mut [Attribute], left: i64) {
    let timeout = replies.iter_mut().find(|reply| reply.name == SESSION_TIMEOUT).unwrap();
    timeout.value = timeout.value.parse::<i64>().unwrap().min(left).to_string();
}

/// `timestr_match` of `rlm_logintime`: the seconds that are left, 0 for no end, -1 for not now.
fn login_time(times: &str, at: Timestamp) -> i64 {
    let minute = |hour: &str| hour[..2].parse::<usize>().unwrap() * 60 + hour[2..].parse::<usize>().unwrap();
    let mut bits = vec![false; 7 * 1440];
    for span in times.split(',') {
        let code = |text: &str| {
            ["Su", "Mo", "Tu", "We", "Th", "Fr", "Sa", "Wk", "Al"].iter().position(|day| *day == text)
        };
        let (mut start, mut rest) = (code(&span[..2]).unwrap(), &span[2..]);
        let mut end = start;
        if let Some(behind) = rest.strip_prefix('-') {
            (end, rest) = (code(&behind[..2]).unwrap(), &behind[2..]);
        }
        (start, end) = match start {
            7 => (1, 5),
            8 => (0, 6),
            _ => (start, end),
        };
        let (from, to) = if rest.is_empty() { (0, 1439) } else { (minute(&rest[..4]), minute(&rest[5..])) };
        let mut day = start;
        loop {
            let mut now = from;
            loop {
                bits[day * 1440 + now] = true;
                if now == to {
                    break;
                }
                now = (now + 1) % 1440;
            }
            if day == end {
                break;
            }
            day = (day + 1) % 7;
        }
    }
    // The epoch was a Thursday.
    let now = usize::try_from((at.timestamp() / 60 + 4 * 1440) % (7 * 1440)).unwrap();
    let (mut total, mut minute) = (0, now);
    while bits[minute] {
        total += 60;
        minute = (minute + 1) % bits.len();
        if minute == now {
            return 0;
        }
    }
    if total == 0 { -1 } else { total }
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
        "Cleartext-Password" | "Auth-Type" | "Reply-Message" | "Login-Time" => {
            read_value(value) == Some(value)
        }
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
