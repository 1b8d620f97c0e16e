//! What the directory's tables carry of a subscriber and of its profile.

use std::fmt;

use kernel::Locale;

use super::{
    PasswordForm,
    fitness::{self, Unfit},
    vendor::{self, Rates},
};
use crate::{
    access_profile::{AccessProfile, Exhaustion, Limits},
    attribute::{ACCT_INTERIM_INTERVAL, Attribute, IDLE_TIMEOUT, REPLY_MESSAGE, SESSION_TIMEOUT},
    nas_client::Vendor,
    subscriber::{Period, Subscriber},
    usage::Used,
};

/// How often a NAS reports what a session has used, in seconds.
pub const INTERIM_SECONDS: u32 = 300;

/// In which forms the tables of a site say things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SiteForms {
    /// Whose attributes.
    pub vendor: Vendor,
    /// How secrets are carried.
    pub password: PasswordForm,
}

/// The group of a version of a profile: `ap-<12 hex digits of its id>-v<version>`, with `-throttled` for those whose
/// rate is low, and with the vendor's name if it is not MikroTik's. A group is never changed; a profile's next version
/// has another, and so has it when the site's vendor becomes another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupName(String);

impl GroupName {
    /// The group of a profile as it is now.
    #[must_use]
    pub fn of(profile: &AccessProfile, throttled: bool, vendor: Vendor) -> Self {
        // The last digits are the ones drawn by lot: ids that are made soon after each other begin alike.
        let id = profile.id.as_uuid().simple().to_string();
        let digits = id.get(20..).unwrap_or(&id);
        let mut name = format!("{}{digits}-v{}", Self::PREFIX, profile.version);
        if throttled {
            name.push_str("-throttled");
        }
        if vendor != Vendor::default() {
            name.push('-');
            name.push_str(vendor.as_str());
        }
        Self(name)
    }

    /// What every name begins with.
    pub const PREFIX: &'static str = "ap-";

    /// Whether a group's name is one that is made here: others are left alone.
    #[must_use]
    pub fn is_made_here(name: &str) -> bool {
        let rest = name.strip_prefix(Self::PREFIX).and_then(|rest| rest.split_once("-v"));
        let Some((digits, rest)) = rest else { return false };
        let hexadecimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let (version, rest) = rest.split_at(rest.find('-').unwrap_or(rest.len()));
        let vendor = rest.strip_prefix("-throttled").unwrap_or(rest);
        digits.len() == 12
            && digits.bytes().all(hexadecimal)
            && version.parse::<u32>().is_ok()
            && (vendor.is_empty() || vendor.strip_prefix('-').and_then(Vendor::parse).is_some())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A group in the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupEntry {
    /// Its name.
    pub name: GroupName,
    /// What is checked and not sent.
    pub check: Vec<Attribute>,
    /// What is sent.
    pub reply: Vec<Attribute>,
}

/// A subscriber in the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserEntry {
    /// The folded name.
    pub username: String,
    /// What is checked and not sent.
    pub check: Vec<Attribute>,
    /// What is sent.
    pub reply: Vec<Attribute>,
    /// The group that the rest is in; none for somebody who has limits of their own.
    pub group: Option<GroupName>,
}

/// Where somebody's limits come from.
#[derive(Debug, Clone, Copy)]
pub enum Ground<'a> {
    /// A profile, whose group carries them.
    Profile(&'a AccessProfile),
    /// What was sold: they stand with the subscriber.
    Sold(&'a Limits),
}

impl Ground<'_> {
    /// The limits.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        match self {
            Self::Profile(profile) => &profile.limits,
            Self::Sold(limits) => limits,
        }
    }
}

/// The groups of a profile as it is now: one, and where the rate falls at the end of a quota another one for then.
#[must_use]
pub fn groups(profile: &AccessProfile, vendor: Vendor) -> Vec<GroupEntry> {
    let group = |throttled| GroupEntry {
        name: GroupName::of(profile, throttled, vendor),
        check: common_checks(&profile.limits),
        reply: common_replies(&profile.limits, throttled, vendor),
    };
    match profile.limits.exhaustion {
        Exhaustion::Block => vec![group(false)],
        Exhaustion::Throttle { .. } => vec![group(false), group(true)],
    }
}

/// A subscriber's own rows.
///
/// # Errors
/// [`Unfit`] when FreeRADIUS would reject, mangle or execute them.
pub fn user(
    subscriber: &Subscriber,
    secret: &str,
    ground: Ground<'_>,
    used: Used,
    forms: SiteForms,
) -> Result<UserEntry, Unfit> {
    check(subscriber, secret, forms.password)?;
    let limits = ground.limits();
    let used_up = limits.quota.used_up(used);
    let sealing = subscriber.sealed_secret.as_ref().map_or("", |sealed| sealed.as_str());
    let mut entry = UserEntry {
        username: subscriber.username.clone(),
        check: vec![forms.password.check_item(secret, sealing)],
        reply: Vec::new(),
        group: None,
    };
    // Epoch seconds: FreeRADIUS reads any other form in its own time zone, or rejects the user.
    entry.check.extend(subscriber.expires_at.map(|end| Attribute::new("Expiration", end.timestamp().max(0))));
    let throttled = match (limits.exhaustion, used_up) {
        (Exhaustion::Block, Some(period)) => {
            entry.check.push(Attribute::new("Auth-Type", "Reject"));
            entry.reply.push(used_up_message(period, subscriber.contact.locale));
            false
        }
        (Exhaustion::Throttle { .. }, period) => period.is_some(),
        (Exhaustion::Block, None) => false,
    };
    if let Ground::Profile(profile) = ground {
        entry.group = Some(GroupName::of(profile, throttled, forms.vendor));
    } else {
        entry.check.extend(common_checks(limits));
        entry.reply.extend(common_replies(limits, throttled, forms.vendor));
    }
    entry.reply.extend(quota_left(limits, used, forms.vendor));
    Ok(entry)
}

/// Whether a name and a secret can stand in the tables.
///
/// # Errors
/// [`Unfit`].
pub fn check(subscriber: &Subscriber, secret: &str, form: PasswordForm) -> Result<(), Unfit> {
    fitness::check_name(&subscriber.username)?;
    match fitness::check_secret(secret) {
        // A hash has no quotes.
        Err(Unfit::SecretQuoted) if !form.is_clear() => Ok(()),
        checked => checked,
    }
}

/// What is checked of everybody with these limits.
fn common_checks(limits: &Limits) -> Vec<Attribute> {
    let devices = limits.simultaneous_use.map(|devices| Attribute::new("Simultaneous-Use", devices));
    let times = limits.login_time.as_ref().map(|times| Attribute::new("Login-Time", times));
    devices.into_iter().chain(times).collect()
}

/// What is sent to everybody with these limits. The session timeout is always there: FreeRADIUS shortens it to what is
/// left until `Expiration`, and without one would send that however long it is.
pub(super) fn common_replies(limits: &Limits, throttled: bool, vendor: Vendor) -> Vec<Attribute> {
    let mut replies = vec![Attribute::new(SESSION_TIMEOUT, longest_session(limits))];
    let idle = limits.idle_timeout_seconds.map(|seconds| seconds.min(Limits::MAX_TIMEOUT_SECONDS));
    replies.extend(idle.map(|seconds| Attribute::new(IDLE_TIMEOUT, seconds)));
    replies.push(Attribute::new(ACCT_INTERIM_INTERVAL, INTERIM_SECONDS));
    replies.extend(vendor::rates(vendor, rates(limits, throttled)));
    replies
}

/// How long a session may last whose access does not end before, in seconds.
pub(crate) fn longest_session(limits: &Limits) -> u32 {
    limits.session_timeout_seconds.unwrap_or(u32::MAX).min(Limits::MAX_TIMEOUT_SECONDS)
}

/// The rates that hold: the lower of the plan's own and the throttle's, where both are set.
pub(crate) fn rates(limits: &Limits, throttled: bool) -> Rates {
    let own = Rates { up: limits.upload_kbps, down: limits.download_kbps };
    match limits.exhaustion {
        Exhaustion::Throttle { upload_kbps, download_kbps } if throttled => Rates {
            up: Some(own.up.map_or(upload_kbps, |up| up.min(upload_kbps))),
            down: Some(own.down.map_or(download_kbps, |down| down.min(download_kbps))),
        },
        _ => own,
    }
}

/// What a session may still use. Not where the rate falls instead: the NAS would end a session that is to go on. Never
/// nothing, which a NAS takes for no limit: who has nothing left is refused.
pub(super) fn quota_left(limits: &Limits, used: Used, vendor: Vendor) -> Vec<Attribute> {
    match (limits.exhaustion, limits.quota.left(used)) {
        (Exhaustion::Block, Some(left)) if left > 0 => vendor::quota(vendor, left),
        _ => Vec::new(),
    }
}

/// What somebody is told whose quota is used up.
pub(super) fn used_up_message(period: Period, locale: Locale) -> Attribute {
    let text = match (locale, period) {
        (Locale::Fr, Period::Day) => "Votre volume du jour est épuisé.",
        (Locale::Fr, Period::Week) => "Votre volume de la semaine est épuisé.",
        (Locale::Fr, Period::Month) => "Votre volume du mois est épuisé.",
        (Locale::Fr, Period::Total) => "Votre volume est épuisé.",
        (Locale::En, Period::Day) => "Your volume for today is used up.",
        (Locale::En, Period::Week) => "Your volume for this week is used up.",
        (Locale::En, Period::Month) => "Your volume for this month is used up.",
        (Locale::En, Period::Total) => "Your volume is used up.",
    };
    Attribute::new(REPLY_MESSAGE, text)
}
