//! What ought to be counted: what routers have said of their sessions that got through, written down anew from what the
//! simulated router knows of itself, and not from anything that a server or the portal keeps.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Days, Months, NaiveDate};
use kernel::Timestamp;
use simulators::nas::{Account, Told};

/// What the server was told of one session.
struct Known {
    user: String,
    /// How many of the reports that got through have been looked at.
    heard: usize,
    /// What had gone through by when, from the session's beginning on: reports that nothing had overtaken.
    points: BTreeMap<Timestamp, u64>,
    /// What really went through.
    truly: u64,
    over: bool,
}

/// Everything that was said to a server.
#[derive(Default)]
pub struct Model {
    sessions: BTreeMap<u64, Known>,
}

impl Model {
    /// Takes in what got through since the last look. What came together may have been taken in any order, so only the
    /// furthest of it is sure not to have been overtaken.
    pub fn hear(&mut self, accounts: &[Account]) {
        for account in accounts {
            let known = self.sessions.entry(account.serial).or_insert_with(|| Known {
                user: account.user.clone(),
                heard: 0,
                points: BTreeMap::from([(account.began, 0)]),
                truly: 0,
                over: false,
            });
            (known.truly, known.over) = (account.uploaded + account.downloaded, account.over);
            let news = account.told.get(known.heard..).unwrap_or_default();
            known.heard = account.told.len();
            if let Some(furthest) = news.iter().max_by_key(|told| (told.at, sum(told))) {
                known.take(furthest);
            }
        }
    }

    /// What a user's last reports add up to.
    pub fn told(&self, user: &str) -> u64 {
        self.of(user).map(Known::told).sum()
    }

    /// What has gone through a user's sessions, whether anybody was told or not.
    pub fn truly(&self, user: &str) -> u64 {
        self.of(user).map(|known| known.truly).sum()
    }

    /// The least and the most that a user can have used before a moment, by what was said.
    pub fn before(&self, user: &str, moment: Timestamp) -> (u64, u64) {
        let each = self.of(user).map(|known| known.before(moment));
        each.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    /// The most that an open session has yet to say.
    pub fn untold(&self) -> u64 {
        let open = self.sessions.values().filter(|known| !known.over);
        open.map(|known| known.truly - known.told()).max().unwrap_or(0)
    }

    fn of<'a>(&'a self, user: &'a str) -> impl Iterator<Item = &'a Known> {
        self.sessions.values().filter(move |known| known.user == user)
    }
}

impl Known {
    fn take(&mut self, told: &Told) {
        let last = self.points.last_key_value().map(|(at, _)| *at);
        if last.is_none_or(|last| told.at >= last) {
            self.points.insert(told.at, sum(told).max(self.told()));
        }
    }

    fn told(&self) -> u64 {
        self.points.values().copied().max().unwrap_or(0)
    }

    fn before(&self, moment: Timestamp) -> (u64, u64) {
        let least = self.points.range(..=moment).next_back().map_or(0, |(_, used)| *used);
        let most = self.points.range(moment..).next().map_or_else(|| self.told(), |(_, used)| *used);
        (least, most)
    }
}

fn sum(told: &Told) -> u64 {
    told.uploaded + told.downloaded
}

/// What was used on a day, since Monday and since the first, by the calendar on the wall. Nobody has used anything yet
/// on a day to come, unless a clock is off: a week and a month end.
pub fn periods(days: &BTreeMap<NaiveDate, u64>, today: NaiveDate) -> (u64, u64, u64) {
    let monday = today - Days::new(today.weekday().num_days_from_monday().into());
    let first = today.with_day(1).unwrap();
    let next = first + Months::new(1);
    let sum = |from: NaiveDate, to: NaiveDate| days.range(from..to).map(|(_, used)| used).sum();
    (sum(today, today + Days::new(1)), sum(monday, monday + Days::new(7)), sum(first, next))
}
