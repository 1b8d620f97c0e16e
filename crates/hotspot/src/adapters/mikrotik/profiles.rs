//! User profiles: where RouterOS keeps rates, timeouts and the number of devices. Every distinct set of them has
//! one profile, whose name says what is in it, so that whoever makes it first makes it for all.

use std::{collections::HashMap, time::Duration};

use kernel::AccessPolicy;
use routeros_api::{
    Sentence,
    value::{format_duration, parse_duration, parse_rate},
};

use super::{
    link::Visit,
    refusals::{self, is_already_there},
};
use crate::ports::RouterError;

const MENU: &str = "/ip/hotspot/user/profile";

/// How often the profile may change under our hands before we let it rest.
const ROUNDS: usize = 3;

/// What of a profile is looked at.
const PROPERTIES: &str = ".id,name,rate-limit,session-timeout,idle-timeout,shared-users";

/// A profile as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Profile {
    pub(super) name: String,
    policy: AccessPolicy,
    values: [(&'static str, String); 4],
}

impl Profile {
    /// The profile of a policy. The cap of bytes is not in it: RouterOS keeps that with the user.
    pub(super) fn of(policy: &AccessPolicy) -> Self {
        let rate = |kbps: Option<u32>| kbps.map_or_else(|| "0".to_owned(), |kbps| format!("{kbps}k"));
        let rates = match (policy.upload_kbps, policy.download_kbps) {
            (None, None) => String::new(),
            // As the router sees it: what it receives is the customer's upload.
            (upload, download) => format!("{}/{}", rate(upload), rate(download)),
        };
        let span = |seconds: u32| format_duration(Duration::from_secs(u64::from(seconds)));
        let devices = policy.simultaneous_use;
        Self {
            name: name(policy),
            policy: AccessPolicy { data_cap_bytes: None, ..policy.clone() },
            values: [
                ("rate-limit", rates),
                ("session-timeout", span(policy.session_timeout_seconds.unwrap_or(0))),
                ("idle-timeout", policy.idle_timeout_seconds.map_or_else(|| "none".to_owned(), span)),
                ("shared-users", devices.map_or_else(|| "unlimited".to_owned(), |count| count.to_string())),
            ],
        }
    }

    /// Makes sure that the router has it as it is to be.
    pub(super) async fn ensure(&self, visit: &Visit<'_>) -> Result<(), RouterError> {
        if visit.link.trusts_profile(&self.name) {
            return Ok(());
        }
        for _ in 0..ROUNDS {
            let command = Sentence::of(format!("{MENU}/print"))
                .with(".proplist", PROPERTIES)
                .matching("name", &self.name);
            let change = match visit.run(command).await?.rows.first() {
                Some(seen) if read(seen) == self.policy => {
                    visit.link.trust_profile(&self.name);
                    return Ok(());
                }
                Some(seen) => {
                    Sentence::of(format!("{MENU}/set")).with(".id", seen.get(".id").unwrap_or_default())
                }
                None => Sentence::of(format!("{MENU}/add")).with("name", &self.name),
            };
            match visit
                .attempt(self.values.iter().fold(change, |change, (name, value)| change.with(name, value)))
                .await
            {
                Ok(_) => {
                    visit.link.trust_profile(&self.name);
                    return Ok(());
                }
                // Another worker was quicker, or somebody has removed it: look again.
                Err(error) if is_already_there(&error) || refusals::is_no_such_item(&error) => {}
                Err(error) => return Err(refusals::read(error)),
            }
        }
        Err(RouterError::Refused(format!("the profile {} does not stay as it is set", self.name)))
    }
}

/// What the profile of this name lets its users do; nothing is limited where there is none.
pub(super) async fn find(visit: &Visit<'_>, name: &str) -> Result<AccessPolicy, RouterError> {
    let print = Sentence::of(format!("{MENU}/print")).with(".proplist", PROPERTIES).matching("name", name);
    let found = visit.read(print, |row| Some(read(row))).await?;
    Ok(found.into_iter().next().unwrap_or_default())
}

/// What each profile lets its users do.
pub(super) async fn list(visit: &Visit<'_>) -> Result<HashMap<String, AccessPolicy>, RouterError> {
    let print = Sentence::of(format!("{MENU}/print")).with(".proplist", PROPERTIES);
    let profile = |row: &Sentence| Some((row.text("name")?.into_owned(), read(row)));
    Ok(visit.read(print, profile).await?.into_iter().collect())
}

/// A profile by what it means, however its values are written. What cannot be expressed, such as bursts, reads as
/// no limit.
fn read(row: &Sentence) -> AccessPolicy {
    let text = |name: &str| row.text(name).unwrap_or_default();
    let seconds = |name: &str| {
        let span = parse_duration(&text(name)).unwrap_or_default().as_secs();
        u32::try_from(span).ok().filter(|seconds| *seconds > 0)
    };
    let (upload, download) = rates(&text("rate-limit")).unwrap_or_default();
    let kbps = |bits: u64| u32::try_from(bits / 1000).ok().filter(|kbps| *kbps > 0);
    AccessPolicy {
        upload_kbps: kbps(upload),
        download_kbps: kbps(download),
        data_cap_bytes: None,
        session_timeout_seconds: seconds("session-timeout"),
        idle_timeout_seconds: seconds("idle-timeout"),
        simultaneous_use: text("shared-users").parse().ok(),
    }
}

/// `portal`, and what is limited: `u` and `d` rates in kilobits per second, `s` session and `i` idle timeout in
/// seconds, `n` devices.
fn name(policy: &AccessPolicy) -> String {
    let parts = [
        ('u', policy.upload_kbps),
        ('d', policy.download_kbps),
        ('s', policy.session_timeout_seconds),
        ('i', policy.idle_timeout_seconds),
        ('n', policy.simultaneous_use.map(u32::from)),
    ];
    let limits: String =
        parts.iter().filter_map(|(letter, limit)| limit.map(|limit| format!("-{letter}{limit}"))).collect();
    if limits.is_empty() { "portal-unlimited".to_owned() } else { format!("portal{limits}") }
}

/// Both rates in bits per second, if nothing but rates is in it; zero is without limit.
fn rates(text: &str) -> Option<(u64, u64)> {
    let (receive, transmit) = text.split_once('/').unwrap_or((text, text));
    Some((parse_rate(receive)?, parse_rate(transmit)?))
}

#[cfg(test)]
mod tests {
    use kernel::AccessPolicy;
    use proptest::prelude::*;
    use routeros_api::Sentence;

    use super::{Profile, read};
    use crate::testing::sample_policy;

    fn row(rates: &str, session: &str, idle: &str, devices: &str) -> Sentence {
        Sentence::of("!re")
            .with("rate-limit", rates)
            .with("session-timeout", session)
            .with("idle-timeout", idle)
            .with("shared-users", devices)
    }

    #[test]
    fn a_profile_is_named_after_what_it_limits() {
        assert_eq!(Profile::of(&sample_policy()).name, "portal-u1024-d4096-s7200-i600-n1");
        assert_eq!(Profile::of(&AccessPolicy::default()).name, "portal-unlimited");
        let capped = AccessPolicy { data_cap_bytes: Some(1), ..AccessPolicy::default() };
        assert_eq!(Profile::of(&capped), Profile::of(&AccessPolicy::default()), "the cap is the user's");
    }

    #[test]
    fn values_are_compared_by_what_they_mean() {
        let wanted = Profile::of(&sample_policy()).policy;
        assert_eq!(read(&row("1024k/4096k", "2h", "10m", "1")), wanted);
        assert_eq!(read(&row("1024000/4096000", "02:00:00", "600s", "1")), wanted);
        for drifted in [
            row("1M/4M", "2h", "10m", "1"),
            row("1024k/4096k 2M/8M", "2h", "10m", "1"),
            row("", "2h", "10m", "1"),
            row("1024k/4096k", "3h", "10m", "1"),
            row("1024k/4096k", "2h", "none", "1"),
            row("1024k/4096k", "2h", "10m", "2"),
        ] {
            assert_ne!(read(&drifted), wanted, "{drifted:?}");
        }
        for unlimited in [row("", "0s", "none", "unlimited"), Sentence::of("!re")] {
            assert_eq!(read(&unlimited), AccessPolicy::default());
        }
    }

    proptest! {
        #[test]
        fn what_is_set_reads_back(
            rates in any::<(Option<u32>, Option<u32>)>(),
            timeouts in any::<(Option<u32>, Option<u32>)>(),
            devices in prop::option::of(1_u16..),
        ) {
            let positive = |limit: Option<u32>| limit.filter(|limit| *limit > 0);
            let policy = AccessPolicy {
                upload_kbps: positive(rates.0),
                download_kbps: positive(rates.1),
                data_cap_bytes: None,
                session_timeout_seconds: positive(timeouts.0),
                idle_timeout_seconds: positive(timeouts.1),
                simultaneous_use: devices,
            };
            let profile = Profile::of(&policy);
            let row = profile.values.iter().fold(Sentence::of("!re"), |row, (name, value)| row.with(name, value));
            prop_assert_eq!(read(&row), policy);
        }
    }
}
