//! Plans, carried out on a router of a few lines: nothing is left to plan afterwards, and what is not ours is as it
//! was.

use std::collections::BTreeMap;

use kernel::{
    AccessPolicy, Ambient, Id, Timestamp,
    id::ids::{HotspotUserId, RouterId},
    testing::Surroundings,
};
use proptest::prelude::*;

use super::{Action, Drift, OurRows, RouterPlan, cap_fits, left_of, plan};
use crate::{
    hotspot_user::{HotspotUser, HotspotUserStatus},
    ports::SeenUser,
    testing::sample_user,
};

struct Case {
    ambient: Ambient,
    router: RouterId,
    users: Vec<HotspotUser>,
    used: BTreeMap<HotspotUserId, u64>,
    router_has: Vec<SeenUser>,
}

impl Case {
    fn new() -> Self {
        let ambient = Surroundings::new().ambient();
        let router = Id::generate(&ambient);
        Self { ambient, router, users: Vec::new(), used: BTreeMap::new(), router_has: Vec::new() }
    }

    fn user(&mut self, status: HotspotUserStatus) -> HotspotUser {
        let user = HotspotUser { status, router_id: self.router, ..sample_user(&self.ambient) };
        self.users.push(user.clone());
        user
    }

    fn now(&self) -> Timestamp {
        self.ambient.now()
    }

    fn plan(&self) -> RouterPlan {
        let rows = OurRows { router_id: self.router, users: &self.users, used: &self.used };
        plan(rows, &self.router_has, self.now())
    }

    fn actions(&self) -> Vec<(String, Action)> {
        self.plan().changes.into_iter().map(|change| (change.username, change.action)).collect()
    }

    /// Does what the jobs do.
    fn carry_out(&mut self, plan: &RouterPlan) {
        for change in &plan.changes {
            let user = self.users.iter().find(|user| user.id == change.hotspot_user_id).unwrap().clone();
            let used = self.used.get(&user.id).copied().unwrap_or(0);
            let there = self.router_has.iter().position(|seen| seen.name == change.username);
            if let Action::Remove(marker) = &change.action {
                assert!(self.router_has[there.unwrap()].is_ours(marker));
                self.router_has.remove(there.unwrap());
                continue;
            }
            let before = there.map(|place| self.router_has.remove(place));
            let kept = before.and_then(|seen| seen.policy.data_cap_bytes);
            let cap = match cap_fits(user.policy.data_cap_bytes, used, kept) {
                true => kept,
                false => left_of(user.policy.data_cap_bytes, used),
            };
            let disabled = user.status == HotspotUserStatus::Suspended;
            let policy = AccessPolicy { data_cap_bytes: cap, ..user.policy.clone() };
            self.router_has.push(SeenUser { disabled, policy, ..seen(&user) });
        }
    }
}

/// A user as the router has it when all is well.
fn seen(user: &HotspotUser) -> SeenUser {
    SeenUser {
        name: user.username.clone(),
        comment: user.marker.as_str().to_owned(),
        disabled: user.status == HotspotUserStatus::Suspended,
        policy: user.policy.clone(),
    }
}

#[test]
fn what_is_missing_is_made_and_what_is_over_is_removed() {
    let mut case = Case::new();
    let (active, suspended) = (case.user(HotspotUserStatus::Active), case.user(HotspotUserStatus::Suspended));
    let expired = case.user(HotspotUserStatus::Expired);
    case.router_has = vec![seen(&expired)];
    let mut actions = case.actions();
    actions.sort_by_key(|(_, action)| action.as_str());
    let made: Vec<_> = actions[..2].iter().map(|(name, _)| name.clone()).collect();
    assert!(made.contains(&active.username) && made.contains(&suspended.username));
    assert_eq!(actions[2], (expired.username, Action::Remove(expired.marker)));
}

#[test]
fn somebody_elses_user_of_the_same_name_on_another_server_of_the_router_is_not_in_the_way() {
    let mut case = Case::new();
    let active = case.user(HotspotUserStatus::Active);
    let twin = SeenUser { comment: "front desk".to_owned(), ..seen(&active) };
    for router_has in [vec![seen(&active), twin.clone()], vec![twin, seen(&active)]] {
        case.router_has = router_has;
        assert_eq!(case.plan(), RouterPlan::default());
    }
}

#[test]
fn what_is_on_its_way_is_left_alone() {
    let mut case = Case::new();
    let pending = case.user(HotspotUserStatus::Pending);
    assert_eq!(case.plan(), RouterPlan::default());
    case.router_has = vec![seen(&pending), SeenUser { name: "first name".to_owned(), ..seen(&pending) }];
    assert_eq!(case.plan(), RouterPlan::default());
}

#[test]
fn a_user_that_came_after_the_list_is_not_missing() {
    let mut case = Case::new();
    let listed_at = case.now();
    case.user(HotspotUserStatus::Active);
    case.users[0].activated_at = Some(listed_at + chrono::TimeDelta::milliseconds(1));
    assert_eq!(case.plan(), RouterPlan::default());
    case.users[0].activated_at = Some(listed_at - chrono::TimeDelta::minutes(1));
    assert_eq!(case.actions(), [(case.users[0].username.clone(), Action::Create)]);
}

/// What an operator does to an entry.
type Change = fn(&mut SeenUser);

#[test]
fn every_difference_is_named() {
    let mut case = Case::new();
    let user = case.user(HotspotUserStatus::Active);
    let differences: [(Drift, Change); 5] = [
        (Drift::Switch, |seen| seen.disabled = true),
        (Drift::Policy, |seen| seen.policy.upload_kbps = None),
        (Drift::Cap, |seen| seen.policy.data_cap_bytes = None),
        (Drift::Cap, |seen| seen.policy.data_cap_bytes = Some(1)),
        (Drift::Comment, |seen| seen.comment.push_str(" good customer")),
    ];
    for (drift, change) in differences {
        let mut entry = seen(&user);
        change(&mut entry);
        case.router_has = vec![entry];
        assert_eq!(case.actions(), [(user.username.clone(), Action::Correct(vec![drift]))]);
    }
}

#[test]
fn what_is_left_of_a_cap_is_as_good_as_all_of_it() {
    let mut case = Case::new();
    let user = case.user(HotspotUserStatus::Active);
    let sold = user.policy.data_cap_bytes.unwrap();
    case.used.insert(user.id, sold / 2);
    for (cap, fits) in
        [(sold, true), (sold / 2, true), (sold * 3 / 4, true), (sold + 1, false), (sold / 2 - 1, false)]
    {
        let mut entry = seen(&user);
        entry.policy.data_cap_bytes = Some(cap);
        case.router_has = vec![entry];
        assert_eq!(case.plan().changes.is_empty(), fits, "{cap}");
    }
    assert_eq!(left_of(Some(sold), sold * 2), Some(1));
}

#[test]
fn a_second_entry_of_one_user_and_one_that_moved_away_are_removed() {
    let mut case = Case::new();
    let user = case.user(HotspotUserStatus::Active);
    let twin = SeenUser { name: "copy".to_owned(), ..seen(&user) };
    let mut moved = case.user(HotspotUserStatus::Active);
    moved.router_id = Id::generate(&case.ambient);
    case.users[1] = moved.clone();
    case.router_has = vec![seen(&user), twin, seen(&moved)];
    let mut removed: Vec<_> = case.actions();
    removed.sort_by_key(|(name, _)| name.clone());
    assert_eq!(removed.len(), 2);
    assert!(removed.contains(&("copy".to_owned(), Action::Remove(user.marker))));
    assert!(removed.contains(&(moved.username, Action::Remove(moved.marker))));
}

#[test]
fn a_name_that_somebody_else_has_is_told_and_left_to_them() {
    let mut case = Case::new();
    let user = case.user(HotspotUserStatus::Active);
    case.router_has = vec![SeenUser { comment: "by hand".to_owned(), ..seen(&user) }];
    let plan = case.plan();
    assert!(plan.changes.is_empty());
    assert_eq!(plan.taken, [(user.id, user.username.clone())]);
    assert_eq!(plan.unknown, [(user.username, "by hand".to_owned())]);
}

/// How an entry on the router differs from what it should be.
#[derive(Debug, Clone)]
enum Found {
    Right,
    Missing,
    Off,
    Unlimited,
    Capped(u64),
    Noted,
    Renamed,
    Foreign,
}

fn found() -> impl Strategy<Value = Found> {
    prop_oneof![
        Just(Found::Right),
        Just(Found::Missing),
        Just(Found::Off),
        Just(Found::Unlimited),
        (0..6_000_000_000_u64).prop_map(Found::Capped),
        Just(Found::Noted),
        Just(Found::Renamed),
        Just(Found::Foreign),
    ]
}

proptest! {
    #[test]
    fn a_plan_that_was_carried_out_leaves_nothing_to_plan(
        users in prop::collection::vec((0..6_usize, any::<bool>(), found(), 0..6_000_000_000_u64), 0..12),
        others in 0..4_usize,
    ) {
        let mut case = Case::new();
        for (status, elsewhere, found, used) in users {
            let mut user = case.user(HotspotUserStatus::ALL[status]);
            if elsewhere {
                user.router_id = Id::generate(&case.ambient);
                *case.users.last_mut().unwrap() = user.clone();
            }
            case.used.insert(user.id, used);
            let mut entry = seen(&user);
            match found {
                Found::Missing => continue,
                Found::Right => {}
                Found::Off => entry.disabled = !entry.disabled,
                Found::Unlimited => entry.policy = AccessPolicy::default(),
                Found::Capped(cap) => entry.policy.data_cap_bytes = Some(cap),
                Found::Noted => entry.comment = format!("VIP {}", entry.comment),
                Found::Renamed => entry.name.push('x'),
                Found::Foreign => entry.comment = "by hand".to_owned(),
            }
            case.router_has.push(entry);
        }
        for other in 0..others {
            let user = HotspotUser { username: format!("other{other}"), ..sample_user(&case.ambient) };
            // With a marker that is no row's of ours, or with none.
            let comment = if other % 2 == 0 { user.marker.as_str().to_owned() } else { String::new() };
            case.router_has.push(SeenUser { comment, ..seen(&user) });
        }
        let not_ours = |case: &Case| {
            let ours = |seen: &&SeenUser| case.users.iter().any(|user| seen.is_ours(&user.marker));
            case.router_has.iter().filter(|seen| !ours(seen)).cloned().collect::<Vec<_>>()
        };
        let before = not_ours(&case);
        let first = case.plan();
        prop_assert_eq!(first.unknown.len(), before.len());
        case.carry_out(&first);
        prop_assert_eq!(not_ours(&case), before);
        prop_assert_eq!(case.plan().changes, []);
    }
}
