//! What FreeRADIUS's stock accounting queries do to `radacct` (3.2, `mods-config/sql/main/postgresql/queries.conf`), in
//! SQL that both databases take. Each says whether the row took what the packet says.

use kernel::Timestamp;
use sea_orm::ConnectionTrait as _;

use crate::Database;

/// Writes accounting.
pub(super) struct FreeRadius<'a>(pub(super) &'a Database);

/// An accounting packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// `Acct-Unique-Session-Id`.
    pub(super) unique: String,
    /// `User-Name`.
    pub(super) username: String,
    /// `Event-Timestamp`.
    pub(super) at: Timestamp,
    /// `Acct-Session-Time`.
    pub(super) age: i64,
    /// Input octets with Gigawords.
    pub(super) up: u64,
    /// Output octets with Gigawords.
    pub(super) down: u64,
}

const NAS: &str = "10.0.0.1";

impl FreeRadius<'_> {
    async fn run(&self, sql: &str) -> bool {
        self.0.writer().execute_unprepared(sql).await.unwrap().rows_affected() > 0
    }

    fn insert(packet: &Said, start: Timestamp, stop: Option<Timestamp>) -> String {
        let Said { unique, username, at, age, up, down } = packet;
        let (start, at) = (text(start), text(*at));
        let (stop, cause) = match stop {
            Some(stop) => (format!("'{}'", text(stop)), "'User-Request'"),
            None => ("NULL".to_owned(), "NULL"),
        };
        format!(
            "INSERT INTO radacct (acctsessionid, acctuniqueid, username, nasipaddress, nasportid, acctstarttime, \
             acctupdatetime, acctstoptime, acctsessiontime, acctinputoctets, acctoutputoctets, callingstationid, \
             acctterminatecause, framedipaddress) VALUES ('80000001', '{unique}', '{username}', '{NAS}', 'ether2', \
             '{start}', '{at}', {stop}, {age}, {up}, {down}, '02-00-5E-00-53-01', {cause}, '10.5.50.2') \
             ON CONFLICT (acctuniqueid)"
        )
    }

    fn counters(packet: &Said) -> String {
        let Said { at, age, up, down, .. } = packet;
        let at = text(*at);
        format!(
            "acctupdatetime = '{at}', acctsessiontime = {age}, acctinputoctets = {up}, acctoutputoctets = {down}"
        )
    }

    pub(super) async fn start(&self, packet: &Said) -> bool {
        let at = text(packet.at);
        let begins = format!("acctstarttime = '{at}', acctupdatetime = '{at}'");
        let insert = Self::insert(packet, packet.at, None);
        if self.run(&format!("{insert} DO UPDATE SET {begins} WHERE radacct.acctstoptime IS NULL")).await {
            return true;
        }
        self.run(&format!("UPDATE radacct SET {begins} WHERE acctuniqueid = '{}'", packet.unique)).await
    }

    /// As many sessions begin at once.
    pub(super) async fn start_many(&self, sessions: u32, at: Timestamp) {
        let at = text(at);
        self.run(&format!(
            "INSERT INTO radacct (acctsessionid, acctuniqueid, username, nasipaddress, acctstarttime, acctupdatetime, \
             acctsessiontime, acctinputoctets, acctoutputoctets) \
             WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {sessions}) \
             SELECT 's' || i, 'u' || i, 'somebody', '{NAS}', '{at}', '{at}', 0, 0, 0 FROM s"
        ))
        .await;
    }

    pub(super) async fn interim(&self, packet: &Said) -> bool {
        let (counters, unique) = (Self::counters(packet), &packet.unique);
        let open = format!("acctuniqueid = '{unique}' AND acctstoptime IS NULL");
        self.run(&format!("UPDATE radacct SET {counters} WHERE {open}")).await
            || self.run(&format!("{} DO NOTHING", Self::insert(packet, packet.at, None))).await
    }

    pub(super) async fn stop(&self, packet: &Said) -> bool {
        let (counters, unique, at) = (Self::counters(packet), &packet.unique, text(packet.at));
        let ends = format!("{counters}, acctstoptime = '{at}', acctterminatecause = 'User-Request'");
        let start = packet.at - chrono::TimeDelta::seconds(packet.age);
        self.run(&format!(
            "UPDATE radacct SET {ends} WHERE acctuniqueid = '{unique}' AND acctstoptime IS NULL"
        ))
        .await
            || self.run(&format!("{} DO NOTHING", Self::insert(packet, start, Some(packet.at)))).await
            || self.run(&format!("UPDATE radacct SET {ends} WHERE acctuniqueid = '{unique}'")).await
    }

    /// An accounting-on: the NAS has begun anew, and every session of it is over.
    pub(super) async fn on(&self, at: Timestamp) {
        let lasted = match self.0.is_sqlite() {
            true => format!(
                "CAST(strftime('%s', '{}') AS integer) - CAST(strftime('%s', acctstarttime) AS integer)",
                text(at)
            ),
            false => format!("EXTRACT(EPOCH FROM '{}'::timestamptz - acctstarttime)::bigint", text(at)),
        };
        let at = text(at);
        self.run(&format!(
            "UPDATE radacct SET acctstoptime = '{at}', acctupdatetime = '{at}', acctsessiontime = {lasted}, \
             acctterminatecause = 'NAS-Reboot' \
             WHERE acctstoptime IS NULL AND nasipaddress = '{NAS}' AND acctstarttime <= '{at}'"
        ))
        .await;
    }
}

/// A moment as both databases read it, in the one form in which texts compare as moments do.
pub(super) fn text(at: Timestamp) -> String {
    at.format("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}
