//! User profiles: where RouterOS keeps rates, timeouts and the number of devices. Every distinct set of them has
//! one profile, whose name says what is in it, so that whoever makes it first makes it for all.

use std::{collections::BTreeMap, time::Duration};

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

/// A profile as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Profile {
    pub(super) name: String,
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
                .with(".proplist", ".id,name,rate-limit,session-timeout,idle-timeout,shared-users")
                .matching("name", &self.name);
            let change = match visit.run(command).await?.rows.first() {
                Some(seen) if self.is_met_by(seen) => {
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

    /// Whether a profile on the router does what this one does, however its values are written.
    fn is_met_by(&self, seen: &Sentence) -> bool {
        self.values.iter().all(|(name, wanted)| {
            let found = seen.text(name).unwrap_or_default();
            match *name {
                "rate-limit" => rates(&found) == rates(wanted),
                "shared-users" => found == wanted.as_str(),
                _ => span(&found) == span(wanted),
            }
        })
    }
}

/// What the profiles of a router allow, by their names, without the cap, which is the user's. One of ours that somebody
/// has changed is not trusted any more: the next user that is set makes it right.
pub(super) async fn list(visit: &Visit<'_>) -> Result<BTreeMap<String, AccessPolicy>, RouterError> {
    let command = Sentence::of(format!("{MENU}/print"))
        .with(".proplist", "name,rate-limit,session-timeout,idle-timeout,shared-users");
    let profile = |row: &Sentence| Some((row.text("name")?.into_owned(), policy_of(row)));
    let profiles: BTreeMap<_, _> = visit.read(command, profile).await?.into_iter().collect();
    for (name, policy) in &profiles {
        if named(name).is_some_and(|named| named != *policy) {
            visit.link.distrust_profile(name);
        }
    }
    Ok(profiles)
}

/// What a profile allows. What cannot be read is taken for no limit.
fn policy_of(row: &Sentence) -> AccessPolicy {
    let text = |name: &str| row.text(name).unwrap_or_default();
    let seconds = |name: &str| {
        let seconds = u32::try_from(span(&text(name)).as_secs()).ok();
        seconds.filter(|seconds| *seconds > 0)
    };
    let (upload, download) = rates(&text("rate-limit")).unwrap_or((0, 0));
    let kbps = |bps: u64| u32::try_from(bps / 1000).ok().filter(|kbps| *kbps > 0);
    AccessPolicy {
        upload_kbps: kbps(upload),
        download_kbps: kbps(download),
        data_cap_bytes: None,
        session_timeout_seconds: seconds("session-timeout"),
        idle_timeout_seconds: seconds("idle-timeout"),
        simultaneous_use: text("shared-users").parse().ok(),
    }
}

/// What one of our profiles allows, read off its name; `None` for a profile of others.
pub(super) fn named(profile: &str) -> Option<AccessPolicy> {
    let mut policy = AccessPolicy::default();
    for part in profile.strip_prefix("portal-")?.split('-').filter(|part| *part != "unlimited") {
        let (letter, number) = part.split_at_checked(1)?;
        let number: u32 = number.parse().ok()?;
        match letter {
            "u" => policy.upload_kbps = Some(number),
            "d" => policy.download_kbps = Some(number),
            "s" => policy.session_timeout_seconds = Some(number),
            "i" => policy.idle_timeout_seconds = Some(number),
            "n" => policy.simultaneous_use = Some(u16::try_from(number).ok()?),
            _ => return None,
        }
    }
    Some(policy)
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

/// No timeout is written as nothing, `none` or no time at all.
fn span(text: &str) -> Duration {
    parse_duration(text).unwrap_or_default()
}

/// Both rates in bits per second, if nothing but rates is in it; zero is without limit.
fn rates(text: &str) -> Option<(u64, u64)> {
    if text.is_empty() {
        return Some((0, 0));
    }
    let (receive, transmit) = text.split_once('/').unwrap_or((text, text));
    Some((parse_rate(receive)?, parse_rate(transmit)?))
}

#[cfg(test)]
mod tests {
    use kernel::AccessPolicy;
    use routeros_api::Sentence;

    use super::{Profile, named, policy_of};
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
    fn a_profile_reads_back_from_its_name_and_from_its_values() {
        let set = AccessPolicy { data_cap_bytes: None, ..sample_policy() };
        assert_eq!(named("portal-u1024-d4096-s7200-i600-n1"), Some(set.clone()));
        assert_eq!(policy_of(&row("1024k/4096k", "2h", "10m", "1")), set);
        assert_eq!(named("portal-unlimited"), Some(AccessPolicy::default()));
        assert_eq!(policy_of(&row("", "0s", "none", "unlimited")), AccessPolicy::default());
        for others in ["default", "portal-x1", "portal-u", "portal-vip"] {
            assert_eq!(named(others), None, "{others}");
        }
    }

    #[test]
    fn values_are_compared_by_what_they_mean() {
        let profile = Profile::of(&sample_policy());
        assert!(profile.is_met_by(&row("1024k/4096k", "2h", "10m", "1")));
        assert!(profile.is_met_by(&row("1024000/4096000", "02:00:00", "600s", "1")));
        for drifted in [
            row("1M/4M", "2h", "10m", "1"),
            row("1024k/4096k 2M/8M", "2h", "10m", "1"),
            row("", "2h", "10m", "1"),
            row("1024k/4096k", "3h", "10m", "1"),
            row("1024k/4096k", "2h", "none", "1"),
            row("1024k/4096k", "2h", "10m", "2"),
        ] {
            assert!(!profile.is_met_by(&drifted), "{drifted:?}");
        }
        let unlimited = Profile::of(&AccessPolicy::default());
        assert!(unlimited.is_met_by(&row("", "0s", "none", "unlimited")));
        assert!(unlimited.is_met_by(&Sentence::of("!re").with("shared-users", "unlimited")));
    }
}
