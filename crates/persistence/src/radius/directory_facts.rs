//! What can be seen of FreeRADIUS's side from within the database, for operators: whether the schema is whole, and the
//! traces that a wrong configuration leaves.

use std::collections::BTreeSet;

use kernel::StoreError;
use radius::{
    nas_client::Vendor,
    policy::{PasswordForm, SiteForms, vendor::words},
};
use sea_orm::{FromQueryResult, Statement};

use crate::{Database, error::store_error};

/// So many of the latest rows of a log are looked at for traces.
const LATEST: u32 = 10_000;

/// What can be seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DirectoryFacts {
    /// Indexes and triggers of the schema that are not there, or are switched off.
    pub missing: Vec<&'static str>,
    /// Rows of `radpostauth` for which a server brought a password.
    pub passwords_brought: u64,
    /// Where requests came from according to the latest rows of the logs, and no row of `nas` says so.
    pub unknown_nas: Vec<String>,
    /// Who is signed in with more devices than their Simultaneous-Use allows.
    pub beyond_simultaneous_use: Vec<OpenSessions>,
    /// How many enabled subscribers have a password in another form than the site's.
    pub in_another_form: u64,
    /// How many are sent attributes of another vendor than the site's, by themselves or by their group.
    pub of_another_vendor: u64,
    /// What stands in the check and reply tables.
    pub attributes: Vec<AttributeUse>,
}

/// The devices with which somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSessions {
    /// Who.
    pub username: String,
    /// How many are open.
    pub open: u64,
    /// How many may be.
    pub allowed: u64,
}

/// How an attribute is used in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeUse {
    /// `radcheck`, `radgroupcheck`, `radreply` or `radgroupreply`.
    pub table: &'static str,
    /// The attribute's name.
    pub attribute: String,
    /// The operator.
    pub operator: String,
    /// In how many rows.
    pub rows: u64,
    /// One of the users or groups that have it.
    pub example: String,
}

#[derive(FromQueryResult)]
struct Name {
    name: String,
}

#[derive(FromQueryResult)]
struct Number {
    number: i64,
}

#[derive(FromQueryResult)]
struct Open {
    username: String,
    open: i64,
    allowed: String,
}

#[derive(FromQueryResult)]
struct Used {
    attribute: String,
    op: String,
    rows: i64,
    example: String,
}

impl Database {
    /// Looks at FreeRADIUS's side, which is to be in these forms.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn directory_facts(&self, forms: SiteForms) -> Result<DirectoryFacts, StoreError> {
        let passwords = "SELECT username AS name FROM radpostauth WHERE pass <> ''";
        Ok(DirectoryFacts {
            missing: self.missing_from_directory().await?,
            passwords_brought: u64::try_from(self.names(passwords).await?.len()).unwrap_or(u64::MAX),
            unknown_nas: self.unknown_nas().await?,
            beyond_simultaneous_use: self.beyond_simultaneous_use().await?,
            in_another_form: self.in_another_form(forms.password).await?,
            of_another_vendor: self.of_another_vendor(forms.vendor).await?,
            attributes: self.attributes_in_directory().await?,
        })
    }

    async fn missing_from_directory(&self) -> Result<Vec<&'static str>, StoreError> {
        let mut wanted = vec![
            "radacct_active_session_idx",
            "radacct_bulk_close",
            "radacct_username_open",
            "radacct_username_start",
            "radpostauth_withhold",
        ];
        let there = if self.is_sqlite() {
            wanted.extend(["radacct_observed_insert", "radacct_observed_update"]);
            "SELECT name FROM sqlite_master WHERE type IN ('index', 'trigger')"
        } else {
            wanted.push("radacct_observed");
            "SELECT indexname::text AS name FROM pg_indexes WHERE schemaname = current_schema() \
             UNION ALL SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        };
        let there: BTreeSet<_> = self.names(there).await?.into_iter().collect();
        wanted.retain(|name| !there.contains(*name));
        Ok(wanted)
    }

    async fn unknown_nas(&self) -> Result<Vec<String>, StoreError> {
        let address = if self.is_sqlite() { "nasipaddress" } else { "host(nasipaddress)" };
        let sql = format!(
            "SELECT DISTINCT name FROM ( \
             SELECT {address} AS name FROM (SELECT nasipaddress FROM radacct ORDER BY radacctid DESC LIMIT {LATEST}) a \
             UNION ALL \
             SELECT nasipaddress FROM (SELECT nasipaddress FROM radpostauth ORDER BY id DESC LIMIT {LATEST}) p \
             ) seen WHERE name IS NOT NULL AND name NOT IN (SELECT nasname FROM nas) ORDER BY name"
        );
        self.names(&sql).await
    }

    async fn beyond_simultaneous_use(&self) -> Result<Vec<OpenSessions>, StoreError> {
        const OPEN: &str = "SELECT username, open, allowed FROM ( \
            SELECT a.username, count(DISTINCT coalesce(a.callingstationid, a.acctuniqueid)) AS open, coalesce( \
            (SELECT min(c.value) FROM radcheck c \
                WHERE c.username = a.username AND c.attribute = 'Simultaneous-Use'), \
            (SELECT min(g.value) FROM radusergroup u JOIN radgroupcheck g ON g.groupname = u.groupname \
                WHERE u.username = a.username AND g.attribute = 'Simultaneous-Use')) AS allowed \
            FROM radacct a WHERE a.acctstoptime IS NULL AND a.username IS NOT NULL GROUP BY a.username \
            ) counted WHERE allowed IS NOT NULL ORDER BY username";
        let mut beyond = Vec::new();
        for Open { username, open, allowed } in self.found::<Open>(OPEN).await? {
            let (open, allowed) = (u64::try_from(open).unwrap_or(0), allowed.parse().unwrap_or(u64::MAX));
            if open > allowed {
                beyond.push(OpenSessions { username, open, allowed });
            }
        }
        Ok(beyond)
    }

    async fn in_another_form(&self, form: PasswordForm) -> Result<u64, StoreError> {
        let sql = format!(
            "SELECT count(DISTINCT s.username) AS number FROM subscribers s \
             JOIN radcheck c ON c.username = s.username \
             WHERE s.enabled AND c.attribute LIKE '%-Password' AND c.attribute <> '{}'",
            form.attribute()
        );
        self.number(&sql).await
    }

    async fn of_another_vendor(&self, vendor: Vendor) -> Result<u64, StoreError> {
        let others = Vendor::ALL.into_iter().filter(|other| *other != vendor);
        let named: Vec<_> = others.flat_map(words).map(|name| format!("'{name}'")).collect();
        let named = named.join(", ");
        let sql = format!(
            "SELECT count(DISTINCT s.username) AS number FROM subscribers s WHERE s.enabled AND (s.username IN \
             (SELECT username FROM radreply WHERE attribute IN ({named})) OR s.username IN \
             (SELECT u.username FROM radusergroup u JOIN radgroupreply g ON g.groupname = u.groupname \
              WHERE g.attribute IN ({named})))"
        );
        self.number(&sql).await
    }

    async fn number(&self, sql: &str) -> Result<u64, StoreError> {
        let found = self.found::<Number>(sql).await?;
        Ok(found.first().map_or(0, |row| u64::try_from(row.number).unwrap_or(0)))
    }

    async fn attributes_in_directory(&self) -> Result<Vec<AttributeUse>, StoreError> {
        let tables = [
            ("radcheck", "username"),
            ("radgroupcheck", "groupname"),
            ("radreply", "username"),
            ("radgroupreply", "groupname"),
        ];
        let mut uses = Vec::new();
        for (table, key) in tables {
            let sql = format!(
                "SELECT attribute, op, count(*) AS \"rows\", min({key}) AS example FROM {table} \
                 GROUP BY attribute, op ORDER BY attribute, op"
            );
            for Used { attribute, op, rows, example } in self.found::<Used>(&sql).await? {
                let rows = u64::try_from(rows).unwrap_or(0);
                uses.push(AttributeUse { table, attribute, operator: op, rows, example });
            }
        }
        Ok(uses)
    }

    async fn names(&self, sql: &str) -> Result<Vec<String>, StoreError> {
        Ok(self.found::<Name>(sql).await?.into_iter().map(|row| row.name).collect())
    }

    async fn found<R: FromQueryResult>(&self, sql: &str) -> Result<Vec<R>, StoreError> {
        let reader = self.reader();
        let statement = Statement::from_string(sea_orm::ConnectionTrait::get_database_backend(reader), sql);
        R::find_by_statement(statement).all(reader).await.map_err(store_error)
    }
}
