//! A login session, as a row.

use identity::session::LoginSession;
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "login_sessions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) created_at: DateTimeUtc,
    pub(super) last_used_at: DateTimeUtc,
    pub(super) ip: Option<String>,
    pub(super) user_agent: Option<String>,
    pub(super) revoked_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(belongs_to = "super::users::Entity", from = "Column::UserId", to = "super::users::Column::Id")]
    User,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<&LoginSession> for ActiveModel {
    fn from(session: &LoginSession) -> Self {
        Self {
            id: Set(session.id.as_uuid()),
            user_id: Set(session.user_id.as_uuid()),
            created_at: Set(session.created_at),
            last_used_at: Set(session.last_used_at),
            ip: Set(session.ip.map(|ip| ip.to_string())),
            user_agent: Set(session.user_agent.clone()),
            revoked_at: Set(session.revoked_at),
        }
    }
}
