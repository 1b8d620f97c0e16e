//! FreeRADIUS's tables of who may sign in: many rows with each statement. The rows have no entities: the tables are
//! alike but for the name of one column, and nobody reads them here but to compare.

use std::collections::HashSet;

use async_trait::async_trait;
use kernel::StoreError;
use radius::{
    attribute::Attribute,
    policy::{GroupEntry, UserEntry},
    ports::DirectoryRows,
};
use sea_orm::{
    ConnectionTrait as _, QueryResult,
    sea_query::{Alias, Expr, ExprTrait as _, IntoIden as _, Query, SelectStatement},
};

use crate::{Tx, error::store_error, tx::in_chunks};

/// A table of attributes, and the column that says whose they are.
#[derive(Clone, Copy)]
struct Items(&'static str, &'static str);

const CHECK: Items = Items("radcheck", USERNAME);
const REPLY: Items = Items("radreply", USERNAME);
const GROUP_CHECK: Items = Items("radgroupcheck", GROUP_NAME);
const GROUP_REPLY: Items = Items("radgroupreply", GROUP_NAME);

const MEMBERS: &str = "radusergroup";
const USERNAME: &str = "username";
const GROUP_NAME: &str = "groupname";

/// What FreeRADIUS is to do with an item: set it. Any other operator rejects a user or drops a reply.
const SET: &str = ":=";

impl Tx {
    async fn insert_items(
        &mut self,
        Items(table, owner): Items,
        items: Vec<(&str, &Attribute)>,
    ) -> Result<(), StoreError> {
        for some in in_chunks(items) {
            let mut insert = Query::insert();
            insert.into_table(Alias::new(table)).columns([owner, "attribute", "op", "value"].map(Alias::new));
            for (of, item) in some {
                let row = [of, item.name, SET, item.value.as_str()].map(Expr::value);
                insert.values(row).map_err(StoreError::corrupt)?;
            }
            self.connection().execute(&insert).await.map_err(store_error)?;
        }
        Ok(())
    }

    async fn delete_of(&mut self, table: &str, usernames: &[&str]) -> Result<(), StoreError> {
        for some in in_chunks(usernames.to_vec()) {
            let mut delete = Query::delete();
            delete.from_table(Alias::new(table)).and_where(Expr::col(Alias::new(USERNAME)).is_in(some));
            self.connection().execute(&delete).await.map_err(store_error)?;
        }
        Ok(())
    }
}

/// The items of all, each with whose it is.
fn items<'a, T>(
    all: &'a [T],
    of: impl Fn(&'a T) -> (&'a str, &'a [Attribute]),
) -> Vec<(&'a str, &'a Attribute)> {
    all.iter().map(of).flat_map(|(name, items)| items.iter().map(move |item| (name, item))).collect()
}

#[async_trait]
impl DirectoryRows for Tx {
    async fn write_groups(&mut self, groups: &[GroupEntry]) -> Result<(), StoreError> {
        let names: Vec<_> = groups.iter().map(|group| group.name.as_str()).collect();
        let missing = self.missing_groups(&names).await?;
        let new: Vec<_> = groups
            .iter()
            .filter(|group| missing.iter().any(|name| name == group.name.as_str()))
            .cloned()
            .collect();
        self.insert_items(GROUP_CHECK, items(&new, |group| (group.name.as_str(), &group.check))).await?;
        self.insert_items(GROUP_REPLY, items(&new, |group| (group.name.as_str(), &group.reply))).await
    }

    async fn missing_groups(&mut self, names: &[&str]) -> Result<Vec<String>, StoreError> {
        let Items(table, owner) = GROUP_REPLY;
        let mut there = Query::select();
        there
            .distinct()
            .column(Alias::new(owner))
            .from(Alias::new(table))
            .and_where(Expr::col(Alias::new(owner)).is_in(names.iter().copied()));
        let rows = self.connection().query_all(&there).await.map_err(store_error)?;
        let there: HashSet<String> = texts(&rows)?.into_iter().collect();
        Ok(names.iter().filter(|name| !there.contains(**name)).map(|name| (*name).to_owned()).collect())
    }

    async fn write_entries(&mut self, entries: &[UserEntry]) -> Result<(), StoreError> {
        let names: Vec<_> = entries.iter().map(|entry| entry.username.as_str()).collect();
        for table in [CHECK.0, REPLY.0, MEMBERS] {
            self.delete_of(table, &names).await?;
        }
        self.insert_items(CHECK, items(entries, |entry| (entry.username.as_str(), &entry.check))).await?;
        self.insert_items(REPLY, items(entries, |entry| (entry.username.as_str(), &entry.reply))).await?;
        let members: Vec<_> = entries
            .iter()
            .filter_map(|entry| Some((entry.username.as_str(), entry.group.as_ref()?.as_str())))
            .collect();
        for some in in_chunks(members) {
            let mut insert = Query::insert();
            insert
                .into_table(Alias::new(MEMBERS))
                .columns([USERNAME, GROUP_NAME, "priority"].map(Alias::new));
            for (username, group) in some {
                let row = [Expr::value(username), Expr::value(group), Expr::value(1)];
                insert.values(row).map_err(StoreError::corrupt)?;
            }
            self.connection().execute(&insert).await.map_err(store_error)?;
        }
        Ok(())
    }

    async fn remove_checks(&mut self, usernames: &[&str]) -> Result<(), StoreError> {
        self.delete_of(CHECK.0, usernames).await
    }

    async fn online(&mut self, usernames: &[&str]) -> Result<Vec<String>, StoreError> {
        let mut online = Vec::new();
        for some in in_chunks(usernames.to_vec()) {
            let open = Query::select()
                .distinct()
                .column(Alias::new(USERNAME))
                .from(Alias::new("radacct"))
                .and_where(Expr::col(Alias::new(USERNAME)).is_in(some))
                .and_where(Expr::col(Alias::new("acctstoptime")).is_null())
                .to_owned();
            online.extend(texts(&self.connection().query_all(&open).await.map_err(store_error)?)?);
        }
        Ok(online)
    }

    async fn sweep_directory(&mut self) -> Result<u64, StoreError> {
        let mut swept = 0;
        for table in [REPLY.0, MEMBERS] {
            let mut delete = Query::delete();
            delete.from_table(Alias::new(table)).and_where(Expr::exists(checks_of(table)).not());
            swept += self.connection().execute(&delete).await.map_err(store_error)?.rows_affected();
        }
        Ok(swept)
    }
}

/// The first column of rows.
fn texts(rows: &[QueryResult]) -> Result<Vec<String>, StoreError> {
    rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>().map_err(store_error)
}

/// What a row of another table's user is checked by.
fn checks_of(table: &str) -> SelectStatement {
    let column = |table: &str| Expr::col((Alias::new(table).into_iden(), Alias::new(USERNAME).into_iden()));
    Query::select()
        .expr(Expr::value(1))
        .from(Alias::new(CHECK.0))
        .and_where(column(CHECK.0).eq(column(table)))
        .to_owned()
}
