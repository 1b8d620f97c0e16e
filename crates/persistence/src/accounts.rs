//! A read-only view across domains: accounts with what identity knows of them and what radius does.

use std::collections::BTreeMap;

use identity::{User, user::fold};
use kernel::{Page, PageRequest, Role, StoreError, id::ids::UserId};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
    prelude::DateTimeUtc,
    sea_query::{Alias, Expr, ExprTrait, LikeExpr, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{Database, error::store_error, identity::users};

/// How many ids go into one statement: fewer than either database takes.
const IDS_AT_ONCE: usize = 1000;

/// Which accounts are wanted. Everything that is given must fit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountFilter {
    /// Words that must all be in a name, the matricule, the email address or the phone number, whatever their case and
    /// accents.
    pub search: Option<String>,
    /// The promotion.
    pub promotion_id: Option<Uuid>,
    /// Whether the account is active.
    pub active: Option<bool>,
    /// Whether it may use the Wi-Fi now.
    pub wifi_enabled: Option<bool>,
    /// The role.
    pub role: Option<Role>,
}

/// An account as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountView {
    /// The account.
    pub user: User,
    /// The name of its promotion.
    pub promotion_name: Option<String>,
    /// Whether it was ever given the Wi-Fi.
    pub wifi_activated: bool,
    /// Whether it may use the Wi-Fi now.
    pub wifi_enabled: bool,
}

#[derive(FromQueryResult)]
struct Wifi {
    user_id: Uuid,
    enabled: bool,
    activated_at: Option<DateTimeUtc>,
}

#[derive(FromQueryResult)]
struct Name {
    id: Uuid,
    name: String,
}

impl Database {
    /// One account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_account(&self, id: UserId) -> Result<Option<AccountView>, StoreError> {
        let row = users::Entity::find_by_id(id.as_uuid()).one(self.reader()).await.map_err(store_error)?;
        Ok(self.views(row.into_iter().collect()).await?.pop())
    }

    /// A page of the accounts that fit a filter, latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_accounts(
        &self,
        filter: &AccountFilter,
        page: PageRequest,
    ) -> Result<Page<AccountView>, StoreError> {
        let found = wanted(filter);
        let total = found.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = found
            .order_by_desc(users::Column::CreatedAt)
            .order_by_desc(users::Column::Id)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(Page { items: self.views(rows).await?, request: page, total })
    }

    /// Every account that fits a filter, by name; `None` when there are more than `most`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all_accounts(
        &self,
        filter: &AccountFilter,
        most: u64,
    ) -> Result<Option<Vec<AccountView>>, StoreError> {
        let rows = wanted(filter)
            .order_by_asc(users::Column::LastName)
            .order_by_asc(users::Column::FirstName)
            .order_by_asc(users::Column::Id)
            .limit(most.saturating_add(1))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        if u64::try_from(rows.len()).is_ok_and(|rows| rows > most) {
            return Ok(None);
        }
        Ok(Some(self.views(rows).await?))
    }

    async fn views(&self, rows: Vec<users::Model>) -> Result<Vec<AccountView>, StoreError> {
        let users: Vec<User> = rows.into_iter().map(User::try_from).collect::<Result<_, _>>()?;
        let ids: Vec<Uuid> = users.iter().map(|user| user.id.as_uuid()).collect();
        let mut promotions: Vec<Uuid> = users.iter().filter_map(|user| user.promotion_id).collect();
        promotions.sort_unstable();
        promotions.dedup();
        let wifi = self.wifi_of(&ids).await?;
        let names = self.promotion_names(&promotions).await?;
        let view = |user: User| {
            let wifi = wifi.get(&user.id.as_uuid());
            AccountView {
                promotion_name: user.promotion_id.and_then(|id| names.get(&id).cloned()),
                wifi_activated: wifi.is_some_and(|wifi| wifi.activated_at.is_some()),
                wifi_enabled: wifi.is_some_and(|wifi| wifi.enabled),
                user,
            }
        };
        Ok(users.into_iter().map(view).collect())
    }

    async fn wifi_of(&self, users: &[Uuid]) -> Result<BTreeMap<Uuid, Wifi>, StoreError> {
        let mut found = BTreeMap::new();
        for some in users.chunks(IDS_AT_ONCE) {
            let query = Query::select()
                .columns(["user_id", "enabled", "activated_at"].map(Alias::new))
                .from(Alias::new("subscribers"))
                .and_where(Expr::col(Alias::new("user_id")).is_in(some.iter().copied()))
                .to_owned();
            let rows = self.rows::<Wifi>(&query).await?;
            found.extend(rows.into_iter().map(|row| (row.user_id, row)));
        }
        Ok(found)
    }

    async fn promotion_names(&self, promotions: &[Uuid]) -> Result<BTreeMap<Uuid, String>, StoreError> {
        let mut found = BTreeMap::new();
        for some in promotions.chunks(IDS_AT_ONCE) {
            let query = Query::select()
                .columns(["id", "name"].map(Alias::new))
                .from(Alias::new("promotions"))
                .and_where(Expr::col(Alias::new("id")).is_in(some.iter().copied()))
                .to_owned();
            let rows = self.rows::<Name>(&query).await?;
            found.extend(rows.into_iter().map(|row| (row.id, row.name)));
        }
        Ok(found)
    }

    async fn rows<R: FromQueryResult>(&self, query: &SelectStatement) -> Result<Vec<R>, StoreError> {
        let reader = self.reader();
        let statement = reader.get_database_backend().build(query);
        R::find_by_statement(statement).all(reader).await.map_err(store_error)
    }
}

fn wanted(filter: &AccountFilter) -> Select<users::Entity> {
    let words = filter.search.as_deref().map(fold).unwrap_or_default();
    let found = words.split_whitespace().fold(Condition::all(), |all, word| {
        let escaped = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        all.add(users::Column::SearchText.like(LikeExpr::new(format!("%{escaped}%")).escape('\\')))
    });
    let enabled = || {
        Query::select()
            .column(Alias::new("user_id"))
            .from(Alias::new("subscribers"))
            .and_where(Expr::col(Alias::new("enabled")).eq(true))
            .and_where(Expr::col(Alias::new("user_id")).is_not_null())
            .to_owned()
    };
    let found = found
        .add_option(filter.promotion_id.map(|id| users::Column::PromotionId.eq(id)))
        .add_option(filter.active.map(|active| users::Column::IsActive.eq(active)))
        .add_option(filter.role.map(|role| users::Column::Role.eq(role.as_str())))
        .add_option(filter.wifi_enabled.map(|is| match is {
            true => users::Column::Id.in_subquery(enabled()),
            false => users::Column::Id.not_in_subquery(enabled()),
        }));
    users::Entity::find().filter(found)
}
