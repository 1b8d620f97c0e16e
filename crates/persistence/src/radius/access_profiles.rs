//! An access profile, as a row.

use kernel::{Id, StoreError};
use radius::{
    AccessProfile,
    access_profile::{Exhaustion, Limits, Quota},
};
use sea_orm::{ActiveValue::Set, Condition, entity::prelude::*};

use super::number;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_profiles")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) version: i32,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) upload_kbps: Option<i64>,
    pub(super) download_kbps: Option<i64>,
    pub(super) daily_limit: Option<i64>,
    pub(super) weekly_limit: Option<i64>,
    pub(super) monthly_limit: Option<i64>,
    pub(super) total_limit: Option<i64>,
    pub(super) session_timeout_seconds: Option<i64>,
    pub(super) idle_timeout_seconds: Option<i64>,
    pub(super) simultaneous_use: Option<i64>,
    pub(super) login_time: Option<String>,
    pub(super) exhaustion: String,
    pub(super) throttle_upload_kbps: Option<i64>,
    pub(super) throttle_download_kbps: Option<i64>,
    pub(super) validity_days: i32,
    pub(super) active: bool,
    pub(super) created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

const BLOCK: &str = "block";
const THROTTLE: &str = "throttle";

/// Profiles with some quota: [`Quota::is_limited`].
pub(super) fn limited() -> Condition {
    [Column::DailyLimit, Column::WeeklyLimit, Column::MonthlyLimit, Column::TotalLimit]
        .into_iter()
        .fold(Condition::any(), |any, column| any.add(column.is_not_null()))
}

/// An optional number in the other width.
fn maybe<T, U: TryFrom<T>>(value: Option<T>) -> Result<Option<U>, StoreError>
where
    U::Error: std::fmt::Display,
{
    value.map(number).transpose()
}

impl TryFrom<&AccessProfile> for ActiveModel {
    type Error = StoreError;

    fn try_from(profile: &AccessProfile) -> Result<Self, StoreError> {
        let AccessProfile { limits, .. } = profile;
        let Quota { day, week, month, total } = limits.quota;
        let (exhaustion, up, down) = match limits.exhaustion {
            Exhaustion::Block => (BLOCK, None, None),
            Exhaustion::Throttle { upload_kbps, download_kbps } => {
                (THROTTLE, Some(upload_kbps), Some(download_kbps))
            }
        };
        Ok(Self {
            id: Set(profile.id.as_uuid()),
            version: Set(number(profile.version)?),
            name: Set(profile.name.clone()),
            description: Set(profile.description.clone()),
            upload_kbps: Set(maybe(limits.upload_kbps)?),
            download_kbps: Set(maybe(limits.download_kbps)?),
            daily_limit: Set(maybe(day)?),
            weekly_limit: Set(maybe(week)?),
            monthly_limit: Set(maybe(month)?),
            total_limit: Set(maybe(total)?),
            session_timeout_seconds: Set(maybe(limits.session_timeout_seconds)?),
            idle_timeout_seconds: Set(maybe(limits.idle_timeout_seconds)?),
            simultaneous_use: Set(maybe(limits.simultaneous_use)?),
            login_time: Set(limits.login_time.as_ref().map(ToString::to_string)),
            exhaustion: Set(exhaustion.to_owned()),
            throttle_upload_kbps: Set(maybe(up)?),
            throttle_download_kbps: Set(maybe(down)?),
            validity_days: Set(profile.validity_days.into()),
            active: Set(profile.active),
            created_at: Set(profile.created_at),
        })
    }
}

impl TryFrom<Model> for AccessProfile {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let throttled = (maybe(row.throttle_upload_kbps)?, maybe(row.throttle_download_kbps)?);
        let exhaustion = match (row.exhaustion.as_str(), throttled) {
            (BLOCK, _) => Exhaustion::Block,
            (THROTTLE, (Some(upload_kbps), Some(download_kbps))) => {
                Exhaustion::Throttle { upload_kbps, download_kbps }
            }
            _ => return Err(StoreError::corrupt(&row.exhaustion)),
        };
        let login_time = row.login_time.as_deref().map(str::parse).transpose();
        let limits = Limits {
            upload_kbps: maybe(row.upload_kbps)?,
            download_kbps: maybe(row.download_kbps)?,
            quota: Quota {
                day: maybe(row.daily_limit)?,
                week: maybe(row.weekly_limit)?,
                month: maybe(row.monthly_limit)?,
                total: maybe(row.total_limit)?,
            },
            session_timeout_seconds: maybe(row.session_timeout_seconds)?,
            idle_timeout_seconds: maybe(row.idle_timeout_seconds)?,
            simultaneous_use: maybe(row.simultaneous_use)?,
            login_time: login_time.map_err(StoreError::corrupt)?,
            exhaustion,
        };
        Ok(Self {
            id: Id::from_uuid(row.id),
            version: number(row.version)?,
            name: row.name,
            description: row.description,
            limits,
            validity_days: number(row.validity_days)?,
            active: row.active,
            created_at: row.created_at,
        })
    }
}
