//! A promotion is given access and loses it by a portal that is killed on the way, between two statements or at a commit:
//! then nothing of it has happened or everything, and the same call again does what is left.

use persistence::{on_both_databases, testing::TestDatabase};
use portal::compose::Composition;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    crash_suite::places,
    crowd::{self, Crowd},
    process::{Place, Process, wait_until},
};

on_both_databases!(
    a_portal_that_is_killed_at_a_commit_has_done_nothing_or_everything,
    a_portal_that_is_killed_between_two_statements_has_done_nothing,
);

/// Staff at a portal that may die. Nobody sweeps there: no worker runs.
struct Staff {
    place: Place,
    inside: Composition,
    token: String,
}

impl Staff {
    async fn at(database: TestDatabase) -> Self {
        let place = Place::new(database);
        let _process = place.start_api(&[]).await;
        let token = place.admin().await;
        let inside = place.look_inside().await;
        Self { place, inside, token }
    }

    /// What is answered, if anybody answers.
    async fn ask(&self, crowd: &Crowd, action: &str) -> Option<Value> {
        let (path, body) = (crowd.path(action), json!({}));
        let answer = self.place.send(Method::POST, &path, Some(&self.token), None, Some(&body)).await;
        let (status, answer) = answer?;
        assert_eq!(status, 200, "{answer}");
        Some(answer["data"].clone())
    }

    /// Asks a portal that is to die at a place for both, and says in which of them it did.
    async fn until_it_dies(&self, crowd: &Crowd, place: &str) -> &'static str {
        let mut process = self.place.start_api(&[("CRASH_AT", place)]).await;
        let mut dying = None;
        for action in ["activate", "deactivate"] {
            if self.ask(crowd, action).await.is_none() {
                dying = Some(action);
                break;
            }
        }
        wait_until("the portal is dead", async || process.has_ended().is_some()).await;
        dying.unwrap()
    }

    /// So many rows there are of which this is true.
    async fn count(&self, rows: &str) -> usize {
        self.place.database().texts(&format!("SELECT username FROM {rows}")).await.len()
    }

    /// Every column of every row that an activation writes; without the moments, what is the same whenever it is done.
    async fn written(&self, with_moments: bool) -> Vec<String> {
        let item = match with_moments {
            true => "id || ' ' || username || attribute || op || value",
            false => "username || attribute || op || CASE attribute WHEN 'Expiration' THEN '' ELSE value END",
        };
        let member =
            if with_moments { "id || username || groupname || priority" } else { "username || groupname" };
        let access = match with_moments {
            true => {
                "username || enabled || CAST(activated_at AS text) || CAST(begun_at AS text) || CAST(expires_at AS text)"
            }
            false => "username || enabled",
        };
        let mut rows = Vec::new();
        for (table, row) in
            [("radcheck", item), ("radreply", item), ("radusergroup", member), ("subscribers", access)]
        {
            let sql = format!("SELECT '{table} ' || {row} FROM {table} ORDER BY 1");
            rows.extend(self.place.database().texts(&sql).await);
        }
        rows
    }

    /// Activates what a killed portal may have left, which then is there as it should be; and once more, which changes
    /// nothing.
    async fn heal(&self, crowd: &Crowd, everything: &[String]) {
        self.ask(crowd, "activate").await.unwrap();
        assert_eq!(self.written(false).await, everything);
        let rows = self.written(true).await;
        let again = self.ask(crowd, "activate").await.unwrap();
        assert_eq!(
            (&again["users_enabled"], &again["users_unchanged"]),
            (&json!(0), &json!(crowd.names.len()))
        );
        assert_eq!(self.written(true).await, rows);
    }
}

async fn a_portal_that_is_killed_at_a_commit_has_done_nothing_or_everything(database: TestDatabase) {
    let staff = Staff::at(database).await;
    let crowd = Crowd::gather(&staff.inside, "l1", 40, crowd::limits(2_048)).await;
    let mut everything = Vec::new();
    let places = places(async |environment| {
        let _peaceful = staff.place.start_api(environment).await;
        staff.ask(&crowd, "activate").await.unwrap();
        everything = staff.written(false).await;
        staff.ask(&crowd, "deactivate").await.unwrap();
    })
    .await;
    assert_eq!(places, ["commit:before:1", "commit:after:1", "commit:before:2", "commit:after:2"]);

    for (place, dies_in, enabled) in [
        (&places[0], "activate", 0),
        (&places[1], "activate", 40),
        (&places[2], "deactivate", 40),
        (&places[3], "deactivate", 0),
    ] {
        assert_eq!(staff.until_it_dies(&crowd, place).await, dies_in, "{place}");
        assert_eq!(staff.count("subscribers WHERE enabled").await, enabled, "{place}");
        assert_eq!(staff.count("radcheck WHERE attribute = 'Cleartext-Password'").await, enabled, "{place}");
        let _again = staff.place.start_api(&[]).await;
        staff.heal(&crowd, &everything).await;
        staff.ask(&crowd, "deactivate").await.unwrap();
        assert_eq!(staff.count("radcheck").await, 0, "{place}");
    }
}

async fn a_portal_that_is_killed_between_two_statements_has_done_nothing(database: TestDatabase) {
    let staff = Staff::at(database).await;
    let crowd = Crowd::gather(&staff.inside, "l1", 2_000, crowd::limits(2_048)).await;
    let mut killed = staff.place.start_api(&[]).await;
    let before = staff.size().await;
    let (answer, ()) =
        tokio::join!(staff.ask(&crowd, "activate"), kill_in_the_middle(&staff, before, &mut killed));
    assert_eq!(answer, None, "it was done before it was killed");
    assert_eq!(staff.count("subscribers WHERE enabled").await, 0);
    for table in ["radcheck", "radreply", "radusergroup"] {
        assert_eq!(staff.count(table).await, 0, "{table}");
    }
    let told = "SELECT kind FROM events WHERE kind = 'SubscriberEnabled'";
    assert_eq!(staff.place.database().texts(told).await.len(), 0);

    let _again = staff.place.start_api(&[]).await;
    staff.ask(&crowd, "activate").await.unwrap();
    let everything = staff.written(false).await;
    // Two checks, two replies and a group for each, and who they are.
    assert_eq!(everything.len(), crowd.names.len() * 6);
    staff.heal(&crowd, &everything).await;
    assert_eq!(staff.place.database().texts(told).await.len(), crowd.names.len());
}

impl Staff {
    /// How much the database's files hold of what is being written, committed or not.
    async fn size(&self) -> u64 {
        if self.inside.services.database.is_sqlite() {
            let log = self.place.folder().join("test.db-wal");
            return std::fs::metadata(log).map_or(0, |log| log.len());
        }
        let sql = "SELECT CAST(pg_relation_size('radcheck') AS text)";
        self.place.database().texts(sql).await[0].parse().unwrap()
    }
}

/// Kills a portal as soon as something of what it is at has been written.
async fn kill_in_the_middle(staff: &Staff, before: u64, process: &mut Process) {
    wait_until("something is written", async || staff.size().await > before).await;
    process.kill();
}
