//! FreeRADIUS's tables of who may sign in: many rows with each statement. The rows have no entities: the tables are
//! alike but for the name of one column, and nobody reads them here but to compare.

use std::collections::{BTreeSet, HashMap, HashSet};

use async_trait::async_trait;
use kernel::StoreError;
use radius::{
    attribute::Attribute,
    policy::{GroupEntry, GroupName, UserEntry},
    ports::{DirectoryRows, Item, SET, StoredRows},
};
use sea_orm::{
    ConnectionTrait as _, Order, QueryResult,
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

    async fn delete_of(&mut self, Items(table, owner): Items, names: &[&str]) -> Result<(), StoreError> {
        for some in in_chunks(names.to_vec()) {
            let mut delete = Query::delete();
            delete.from_table(Alias::new(table)).and_where(Expr::col(Alias::new(owner)).is_in(some));
            self.connection().execute(&delete).await.map_err(store_error)?;
        }
        Ok(())
    }

    /// The items of these in one table, each with whose it is, in their order.
    async fn items_of(
        &mut self,
        Items(table, owner): Items,
        names: &[&str],
    ) -> Result<Vec<(String, Item)>, StoreError> {
        let mut items = Vec::new();
        for some in in_chunks(names.to_vec()) {
            let mut stored = Query::select();
            stored
                .columns([owner, "attribute", "op", "value"].map(Alias::new))
                .from(Alias::new(table))
                .and_where(Expr::col(Alias::new(owner)).is_in(some))
                .order_by(Alias::new("id"), Order::Asc);
            for row in self.connection().query_all(&stored).await.map_err(store_error)? {
                let column = |index| row.try_get_by_index::<String>(index).map_err(store_error);
                items.push((column(0)?, (column(1)?, column(2)?, column(3)?)));
            }
        }
        Ok(items)
    }

    /// The rows of these in a check and a reply table.
    async fn stored_in(
        &mut self,
        (check, reply): (Items, Items),
        names: &[&str],
    ) -> Result<HashMap<String, StoredRows>, StoreError> {
        let mut stored = HashMap::<String, StoredRows>::new();
        for (name, item) in self.items_of(check, names).await? {
            stored.entry(name).or_default().check.push(item);
        }
        for (name, item) in self.items_of(reply, names).await? {
            stored.entry(name).or_default().reply.push(item);
        }
        Ok(stored)
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

    async fn rewrite_groups(&mut self, groups: &[GroupEntry]) -> Result<(), StoreError> {
        let names: Vec<_> = groups.iter().map(|group| group.name.as_str()).collect();
        for table in [GROUP_CHECK, GROUP_REPLY] {
            self.delete_of(table, &names).await?;
        }
        self.insert_items(GROUP_CHECK, items(groups, |group| (group.name.as_str(), &group.check))).await?;
        self.insert_items(GROUP_REPLY, items(groups, |group| (group.name.as_str(), &group.reply))).await
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

    async fn stored_groups(&mut self, names: &[&str]) -> Result<HashMap<String, StoredRows>, StoreError> {
        self.stored_in((GROUP_CHECK, GROUP_REPLY), names).await
    }

    async fn unused_groups(&mut self) -> Result<BTreeSet<String>, StoreError> {
        let mut unused = BTreeSet::new();
        for Items(table, owner) in [GROUP_CHECK, GROUP_REPLY] {
            let mut found = Query::select();
            found
                .distinct()
                .column(Alias::new(owner))
                .from(Alias::new(table))
                .and_where(Expr::col(Alias::new(owner)).like(format!("{}%", GroupName::PREFIX)))
                .and_where(Expr::exists(others(MEMBERS, table, owner)).not());
            unused.extend(texts(&self.connection().query_all(&found).await.map_err(store_error)?)?);
        }
        unused.retain(|name| GroupName::is_made_here(name));
        Ok(unused)
    }

    async fn delete_unused_groups(&mut self, names: &[&str]) -> Result<u64, StoreError> {
        let mut deleted = 0;
        for Items(table, owner) in [GROUP_CHECK, GROUP_REPLY] {
            for some in in_chunks(names.to_vec()) {
                let mut delete = Query::delete();
                delete
                    .from_table(Alias::new(table))
                    .and_where(Expr::col(Alias::new(owner)).is_in(some))
                    .and_where(Expr::exists(others(MEMBERS, table, owner)).not());
                deleted += self.connection().execute(&delete).await.map_err(store_error)?.rows_affected();
            }
        }
        Ok(deleted)
    }

    async fn write_entries(&mut self, entries: &[UserEntry]) -> Result<(), StoreError> {
        let names: Vec<_> = entries.iter().map(|entry| entry.username.as_str()).collect();
        for table in [CHECK, REPLY, Items(MEMBERS, USERNAME)] {
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

    async fn stored_entries(
        &mut self,
        usernames: &[&str],
    ) -> Result<HashMap<String, StoredRows>, StoreError> {
        let mut stored = self.stored_in((CHECK, REPLY), usernames).await?;
        for some in in_chunks(usernames.to_vec()) {
            let mut members = Query::select();
            members
                .columns([USERNAME, GROUP_NAME].map(Alias::new))
                .from(Alias::new(MEMBERS))
                .and_where(Expr::col(Alias::new(USERNAME)).is_in(some));
            for row in self.connection().query_all(&members).await.map_err(store_error)? {
                let column = |index| row.try_get_by_index::<String>(index).map_err(store_error);
                stored.entry(column(0)?).or_default().groups.push(column(1)?);
            }
        }
        Ok(stored)
    }

    async fn remove_checks(&mut self, usernames: &[&str]) -> Result<(), StoreError> {
        self.delete_of(CHECK, usernames).await
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
            delete
                .from_table(Alias::new(table))
                .and_where(Expr::exists(others(CHECK.0, table, USERNAME)).not());
            swept += self.connection().execute(&delete).await.map_err(store_error)?.rows_affected();
        }
        Ok(swept)
    }
}

/// The first column of rows.
fn texts(rows: &[QueryResult]) -> Result<Vec<String>, StoreError> {
    rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>().map_err(store_error)
}

/// The rows of one table that have the same in a column as a row of another.
fn others(of: &str, as_in: &str, column: &str) -> SelectStatement {
    let named = |table: &str| Expr::col((Alias::new(table).into_iden(), Alias::new(column).into_iden()));
    Query::select().expr(Expr::value(1)).from(Alias::new(of)).and_where(named(of).eq(named(as_in))).to_owned()
}
