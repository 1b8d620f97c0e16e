//! The authentication log (`radpostauth`), and what goes on.

use async_trait::async_trait;
use chrono::{DurationRound as _, TimeDelta};
use kernel::{StoreError, Timestamp};
use radius::{
    auth_log::{AuthEntry, AuthFilter, AuthStatus, MinuteOfLogins, Rates, Throughput},
    ports::AuthLogReads,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement,
    entity::prelude::*,
};

use super::radius_servers;
use crate::{Database, error::store_error, search::contains};

mod radpostauth {
    //! How a login was answered, as a row.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "radpostauth")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(super) id: i64,
        pub(super) username: String,
        pub(super) reply: Option<String>,
        pub(super) calledstationid: Option<String>,
        pub(super) callingstationid: Option<String>,
        pub(super) authdate: DateTimeUtc,
        pub(super) nasipaddress: Option<String>,
        pub(super) framedipaddress: Option<String>,
        pub(super) reason: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use radpostauth::Column;

impl From<radpostauth::Model> for AuthEntry {
    fn from(row: radpostauth::Model) -> Self {
        let said = |text: Option<String>| text.filter(|text| !text.is_empty());
        Self {
            id: row.id,
            at: row.authdate,
            username: row.username,
            status: AuthStatus::of_packet(row.reply.as_deref()),
            reason: said(row.reason),
            calling_station: said(row.callingstationid),
            called_station: said(row.calledstationid),
            nas_address: said(row.nasipaddress),
            address: said(row.framedipaddress),
        }
    }
}

/// The same as [`AuthFilter::wants`].
fn condition(filter: &AuthFilter) -> Condition {
    let AuthFilter { status, username, ip, from, to } = filter;
    let accepted = Column::Reply.eq(AuthStatus::Accepted.packet());
    let status = status.map(|status| match status {
        AuthStatus::Accepted => Condition::all().add(accepted),
        AuthStatus::Rejected => {
            Condition::any().add(Column::Reply.ne(AuthStatus::Accepted.packet())).add(Column::Reply.is_null())
        }
    });
    let ip = ip.map(|ip| {
        let ip = ip.to_string();
        Condition::any().add(Column::Nasipaddress.eq(&ip)).add(Column::Framedipaddress.eq(&ip))
    });
    Condition::all()
        .add_option(status)
        .add_option(username.as_deref().map(|part| contains((radpostauth::Entity, Column::Username), part)))
        .add_option(ip)
        .add_option(from.map(|from| Column::Authdate.gte(from)))
        .add_option(to.map(|to| Column::Authdate.lt(to)))
}

#[derive(FromQueryResult)]
struct Login {
    authdate: DateTimeUtc,
    reply: Option<String>,
}

#[derive(FromQueryResult)]
struct Traffic {
    acctupdatetime: Option<DateTimeUtc>,
    acctstoptime: Option<DateTimeUtc>,
    acctsessiontime: Option<i64>,
    acctinputoctets: Option<i64>,
    acctoutputoctets: Option<i64>,
}

#[async_trait]
impl AuthLogReads for Database {
    async fn auth_entries_before(
        &self,
        filter: &AuthFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuthEntry>, StoreError> {
        let wanted = condition(filter).add_option(before.map(|before| Column::Id.lt(before)));
        let rows = radpostauth::Entity::find()
            .filter(wanted)
            .order_by_desc(Column::Id)
            .limit(u64::from(limit))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(AuthEntry::from).collect())
    }

    async fn auth_entries_behind(&self, place: i64, limit: u32) -> Result<Vec<AuthEntry>, StoreError> {
        let rows = radpostauth::Entity::find()
            .filter(Column::Id.gt(place))
            .order_by_asc(Column::Id)
            .limit(u64::from(limit))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(AuthEntry::from).collect())
    }

    async fn end_of_auth_log(&self) -> Result<i64, StoreError> {
        let last = radpostauth::Entity::find().order_by_desc(Column::Id).one(self.reader()).await;
        Ok(last.map_err(store_error)?.map_or(0, |row| row.id))
    }

    async fn prune_auth_log(&self, before: Timestamp) -> Result<u64, StoreError> {
        let unseen = radius_servers::Entity::delete_many().filter(radius_servers::Column::SeenAt.lt(before));
        unseen.exec(self.writer()).await.map_err(store_error)?;
        let old = radpostauth::Entity::delete_many().filter(Column::Authdate.lt(before));
        Ok(old.exec(self.writer()).await.map_err(store_error)?.rows_affected)
    }

    async fn rates(&self, now: Timestamp, minutes: u16) -> Result<Rates, StoreError> {
        let this = now.duration_trunc(TimeDelta::minutes(1)).map_err(StoreError::corrupt)?;
        let first = this - TimeDelta::minutes(i64::from(minutes.max(1)) - 1);
        let mut of_minutes: Vec<_> = (0..minutes.max(1))
            .map(|number| MinuteOfLogins {
                at: first + TimeDelta::minutes(number.into()),
                accepted: 0,
                rejected: 0,
            })
            .collect();
        for Login { authdate, reply } in self.logins_since(first).await? {
            let minute = usize::try_from((authdate - first).num_minutes()).ok();
            if let Some(minute) = minute.and_then(|minute| of_minutes.get_mut(minute)) {
                match AuthStatus::of_packet(reply.as_deref()) {
                    AuthStatus::Accepted => minute.accepted += 1,
                    AuthStatus::Rejected => minute.rejected += 1,
                }
            }
        }
        let (active_sessions, at_present, last_hour) = self.throughput(now).await?;
        Ok(Rates { minutes: of_minutes, active_sessions, now: at_present, last_hour })
    }
}

impl Database {
    async fn logins_since(&self, first: Timestamp) -> Result<Vec<Login>, StoreError> {
        radpostauth::Entity::find()
            .select_only()
            .columns([Column::Authdate, Column::Reply])
            .filter(Column::Authdate.gte(first))
            .into_model()
            .all(self.reader())
            .await
            .map_err(store_error)
    }

    /// How many sessions are open, and what goes through them. A row says what went through since its session began, so
    /// that it is taken to have come evenly.
    async fn throughput(&self, now: Timestamp) -> Result<(u64, Throughput, Throughput), StoreError> {
        let backend = self.reader().get_database_backend();
        let an_hour_ago = now - TimeDelta::seconds(HOUR);
        let sql = "SELECT acctupdatetime, acctstoptime, acctsessiontime, acctinputoctets, acctoutputoctets FROM radacct \
             WHERE acctstoptime IS NULL OR acctstoptime >= $1";
        let query = Statement::from_sql_and_values(backend, sql, [an_hour_ago.into()]);
        let sessions = Traffic::find_by_statement(query).all(self.reader()).await.map_err(store_error)?;
        let active = sessions.iter().filter(|session| session.acctstoptime.is_none()).count();
        let (mut at_present, mut hour) = (Throughput::default(), Throughput::default());
        for session in &sessions {
            let open_and_heard_of =
                session.acctstoptime.is_none() && session.heard_since(now - TimeDelta::seconds(SILENT));
            if open_and_heard_of {
                session.add(&mut at_present, 1, 1);
            }
            session.add(&mut hour, session.seconds_since(an_hour_ago), HOUR);
        }
        Ok((active as u64, at_present, hour))
    }
}

/// An hour, and after how long without a report nothing is taken to go through a session: three reports were due.
const HOUR: i64 = 3_600;
const SILENT: i64 = 900;

impl Traffic {
    fn lasted(&self) -> i64 {
        self.acctsessiontime.unwrap_or(0).max(1)
    }

    fn heard_since(&self, moment: Timestamp) -> bool {
        self.acctupdatetime.is_some_and(|at| at >= moment)
    }

    /// How many of the seconds that its counters tell of lie behind a moment.
    fn seconds_since(&self, moment: Timestamp) -> i64 {
        let heard = self.acctupdatetime.or(self.acctstoptime);
        heard.map_or(0, |at| (at - moment).num_seconds().clamp(0, self.lasted()))
    }

    /// Adds what went through in so many seconds, spread over others.
    fn add(&self, sum: &mut Throughput, seconds: i64, over: i64) {
        let share = |octets: Option<i64>| {
            let whole = i128::from(octets.unwrap_or(0).max(0)) * i128::from(seconds);
            u64::try_from(whole / (i128::from(self.lasted()) * i128::from(over))).unwrap_or(u64::MAX)
        };
        sum.up = sum.up.saturating_add(share(self.acctinputoctets));
        sum.down = sum.down.saturating_add(share(self.acctoutputoctets));
    }
}
