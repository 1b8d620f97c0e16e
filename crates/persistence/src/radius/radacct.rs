//! What a RADIUS server writes down of sessions and logins, in FreeRADIUS's own tables. Addresses are of the type `inet`
//! on PostgreSQL, so that the statements are written out.

use std::net::IpAddr;

use async_trait::async_trait;
use kernel::{StoreError, Timestamp};
use radius::{
    accounting::{AccountingRow, Described},
    auth_log::NewAuthEntry,
    ports::{AccountingReads, AccountingRows},
};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value, prelude::DateTimeUtc};

use super::radacct_observations::packets;
use crate::{Database, error::store_error, tx::Tx};

/// A row of `radacct`, as far as we write it.
#[derive(Debug, FromQueryResult)]
struct Row {
    acctuniqueid: String,
    acctsessionid: String,
    class: Option<String>,
    username: Option<String>,
    nasipaddress: String,
    nasportid: Option<String>,
    nasporttype: Option<String>,
    calledstationid: Option<String>,
    callingstationid: Option<String>,
    framedipaddress: Option<String>,
    acctauthentic: Option<String>,
    acctstarttime: Option<DateTimeUtc>,
    acctupdatetime: Option<DateTimeUtc>,
    acctstoptime: Option<DateTimeUtc>,
    acctinterval: Option<i64>,
    acctsessiontime: Option<i64>,
    acctinputoctets: Option<i64>,
    acctoutputoctets: Option<i64>,
    acctinputpackets: Option<i64>,
    acctoutputpackets: Option<i64>,
    acctterminatecause: Option<String>,
}

/// The columns that a row is written into, in the order of [`values`], with the type that PostgreSQL must be told.
const COLUMNS: [(&str, &str); 21] = [
    ("acctuniqueid", "text"),
    ("acctsessionid", "text"),
    ("class", "text"),
    ("username", "text"),
    ("nasipaddress", "inet"),
    ("nasportid", "text"),
    ("nasporttype", "text"),
    ("calledstationid", "text"),
    ("callingstationid", "text"),
    ("framedipaddress", "inet"),
    ("acctauthentic", "text"),
    ("acctstarttime", "timestamptz"),
    ("acctupdatetime", "timestamptz"),
    ("acctstoptime", "timestamptz"),
    ("acctinterval", "bigint"),
    ("acctsessiontime", "bigint"),
    ("acctinputoctets", "bigint"),
    ("acctoutputoctets", "bigint"),
    ("acctinputpackets", "bigint"),
    ("acctoutputpackets", "bigint"),
    ("acctterminatecause", "text"),
];

/// The place of the value with this number, from 1, in a statement.
fn place(backend: DbBackend, number: usize, kind: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("CAST(${number} AS {kind})"),
        _ => format!("${number}"),
    }
}

fn values(row: &AccountingRow) -> Vec<Value> {
    let number = |count: u64| Value::from(i64::try_from(count).unwrap_or(i64::MAX));
    let known = |count: Option<u64>| Value::from(count.and_then(|count| i64::try_from(count).ok()));
    let session = &row.session;
    vec![
        session.unique_id.clone().into(),
        session.session_id.clone().into(),
        session.class.clone().into(),
        session.username.clone().into(),
        session.nas_address.to_string().into(),
        session.nas_port_id.clone().into(),
        session.nas_port_type.clone().into(),
        session.called_station.clone().into(),
        session.calling_station.clone().into(),
        session.address.map(|address| address.to_string()).into(),
        session.authentic.clone().into(),
        row.started_at.into(),
        row.updated_at.into(),
        row.stopped_at.into(),
        row.interval.map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX)).into(),
        number(row.seconds),
        number(row.up),
        number(row.down),
        known(row.packets.up),
        known(row.packets.down),
        row.cause.clone().into(),
    ]
}

impl TryFrom<Row> for AccountingRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let count = |number: Option<i64>| u64::try_from(number.unwrap_or(0)).unwrap_or(0);
        let address = row.framedipaddress.as_deref().map(str::parse).transpose();
        let started_at = row.acctstarttime.or(row.acctupdatetime).or(row.acctstoptime);
        let started_at = started_at.ok_or_else(|| StoreError::corrupt("a session without any moment"))?;
        Ok(Self {
            session: Described {
                unique_id: row.acctuniqueid,
                session_id: row.acctsessionid,
                class: row.class,
                username: row.username.unwrap_or_default(),
                nas_address: row.nasipaddress.parse().map_err(StoreError::corrupt)?,
                nas_port_id: row.nasportid,
                nas_port_type: row.nasporttype,
                called_station: row.calledstationid,
                calling_station: row.callingstationid,
                address: address.map_err(StoreError::corrupt)?,
                authentic: row.acctauthentic,
            },
            started_at,
            updated_at: row.acctupdatetime.unwrap_or(started_at),
            stopped_at: row.acctstoptime,
            interval: row.acctinterval.map(|seconds| u64::try_from(seconds).unwrap_or(0)),
            seconds: count(row.acctsessiontime),
            up: count(row.acctinputoctets),
            down: count(row.acctoutputoctets),
            packets: packets(row.acctinputpackets, row.acctoutputpackets),
            cause: row.acctterminatecause.unwrap_or_default(),
        })
    }
}

#[async_trait]
impl AccountingRows for Tx {
    async fn lock_accounting_row(&mut self, unique_id: &str) -> Result<Option<AccountingRow>, StoreError> {
        let backend = self.connection().get_database_backend();
        let columns = COLUMNS.map(|(name, kind)| match (backend, kind) {
            (DbBackend::Postgres, "inet") => format!("host({name}) AS {name}"),
            _ => name.to_owned(),
        });
        // SQLite's one writer holds everything.
        let held = if backend == DbBackend::Postgres { " FOR UPDATE" } else { "" };
        let sql = format!("SELECT {} FROM radacct WHERE acctuniqueid = $1{held}", columns.join(", "));
        let query = Statement::from_sql_and_values(backend, sql, [unique_id.into()]);
        let row = Row::find_by_statement(query).one(self.connection()).await.map_err(store_error)?;
        row.map(AccountingRow::try_from).transpose()
    }

    async fn insert_accounting_row(&mut self, row: &AccountingRow) -> Result<bool, StoreError> {
        let backend = self.connection().get_database_backend();
        let names = COLUMNS.map(|(name, _)| name).join(", ");
        let places = (1..).zip(COLUMNS).map(|(number, (_, kind))| place(backend, number, kind));
        let places = places.collect::<Vec<_>>().join(", ");
        let sql =
            format!("INSERT INTO radacct ({names}) VALUES ({places}) ON CONFLICT (acctuniqueid) DO NOTHING");
        let insert = Statement::from_sql_and_values(backend, sql, values(row));
        let inserted = self.connection().execute_raw(insert).await.map_err(store_error)?;
        Ok(inserted.rows_affected() == 1)
    }

    async fn update_accounting_row(&mut self, row: &AccountingRow) -> Result<(), StoreError> {
        let backend = self.connection().get_database_backend();
        // The first column says which.
        let sets = (1..).zip(COLUMNS).skip(1);
        let sets = sets.map(|(number, (name, kind))| format!("{name} = {}", place(backend, number, kind)));
        let sets = sets.collect::<Vec<_>>().join(", ");
        let sql = format!("UPDATE radacct SET {sets} WHERE acctuniqueid = {}", place(backend, 1, "text"));
        let update = Statement::from_sql_and_values(backend, sql, values(row));
        self.connection().execute_raw(update).await.map(drop).map_err(store_error)
    }

    async fn close_accounting_rows(
        &mut self,
        nas_address: IpAddr,
        at: Timestamp,
        cause: &str,
    ) -> Result<u64, StoreError> {
        let backend = self.connection().get_database_backend();
        let nas = place(backend, 3, "inet");
        let sql = format!(
            "UPDATE radacct SET acctstoptime = $1, acctterminatecause = $2 \
             WHERE acctstoptime IS NULL AND nasipaddress = {nas} AND acctstarttime <= $1"
        );
        let values = [at.into(), cause.into(), nas_address.to_string().into()];
        let update = Statement::from_sql_and_values(backend, sql, values);
        Ok(self.connection().execute_raw(update).await.map_err(store_error)?.rows_affected())
    }

    async fn insert_auth_entry(&mut self, entry: &NewAuthEntry) -> Result<(), StoreError> {
        let backend = self.connection().get_database_backend();
        let sql = "INSERT INTO radpostauth (username, reply, calledstationid, callingstationid, authdate, class, \
             nasipaddress, framedipaddress, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let values: [Value; 9] = [
            entry.username.clone().into(),
            entry.status.packet().into(),
            entry.called_station.clone().into(),
            entry.calling_station.clone().into(),
            entry.at.into(),
            entry.class.clone().into(),
            entry.nas_address.to_string().into(),
            entry.address.map(|address| address.to_string()).into(),
            entry.reason.clone().into(),
        ];
        let insert = Statement::from_sql_and_values(backend, sql, values);
        self.connection().execute_raw(insert).await.map(drop).map_err(store_error)
    }
}

#[derive(FromQueryResult)]
struct Device {
    callingstationid: Option<String>,
}

#[async_trait]
impl AccountingReads for Database {
    async fn open_devices(&self, username: &str) -> Result<Vec<Option<String>>, StoreError> {
        let sql = "SELECT callingstationid FROM radacct WHERE username = $1 AND acctstoptime IS NULL";
        let query =
            Statement::from_sql_and_values(self.reader().get_database_backend(), sql, [username.into()]);
        let open = Device::find_by_statement(query).all(self.reader()).await.map_err(store_error)?;
        Ok(open.into_iter().map(|device| device.callingstationid).collect())
    }
}
