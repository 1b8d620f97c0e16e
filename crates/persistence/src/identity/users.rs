//! An account, as a row. Its matricule keeps its case and is compared without it.

use identity::{Identifiers, Matricule, PersonName, User, WifiSecret, password::PasswordHash};
use kernel::{EmailAddress, Id, Locale, Msisdn, StoreError};
use sea_orm::{
    ActiveValue::Set,
    Condition,
    entity::prelude::*,
    sea_query::{ExprTrait, Func},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) matricule: Option<String>,
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) promotion_id: Option<Uuid>,
    pub(super) role: String,
    pub(super) locale: String,
    pub(super) is_active: bool,
    pub(super) last_login_at: Option<DateTimeUtc>,
    pub(super) password_hash: String,
    pub(super) created_at: DateTimeUtc,
    pub(super) revision: i64,
    pub(super) wifi_secret: String,
    /// The names, spelt for searches.
    pub(super) search_text: String,
    /// Whether others have been told of the account.
    pub(super) announced: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The rows that have any of these names; `None` when there is no name to look for.
pub(super) fn named(
    matricule: Option<&Matricule>,
    email: Option<&EmailAddress>,
    phone: Option<&Msisdn>,
) -> Option<Condition> {
    let folded = || Expr::expr(Func::lower(Expr::col((Entity, Column::Matricule))));
    let any = Condition::any()
        .add_option(matricule.map(|matricule| folded().eq(matricule.folded())))
        .add_option(email.map(|email| Column::Email.eq(email.as_str())))
        .add_option(phone.map(|phone| Column::Phone.eq(phone.as_str())));
    (!any.is_empty()).then_some(any)
}

impl From<&User> for ActiveModel {
    fn from(user: &User) -> Self {
        let names = &user.identifiers;
        Self {
            id: Set(user.id.as_uuid()),
            first_name: Set(user.first_name.to_string()),
            last_name: Set(user.last_name.to_string()),
            matricule: Set(names.matricule().map(Matricule::to_string)),
            email: Set(names.email().map(EmailAddress::to_string)),
            phone: Set(names.phone().map(Msisdn::to_string)),
            promotion_id: Set(user.promotion_id),
            role: Set(user.role.as_str().to_owned()),
            locale: Set(user.locale.tag().to_owned()),
            is_active: Set(user.is_active),
            last_login_at: Set(user.last_login_at),
            password_hash: Set(user.password_hash.as_str().to_owned()),
            created_at: Set(user.created_at),
            revision: Set(user.revision),
            wifi_secret: Set(user.wifi_secret.as_str().to_owned()),
            search_text: Set(user.search_text()),
            announced: Set(true),
        }
    }
}

impl TryFrom<Model> for User {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let matricule = row.matricule.as_deref().map(Matricule::parse).transpose();
        let email = row.email.as_deref().map(EmailAddress::parse).transpose();
        let phone = row.phone.as_deref().map(Msisdn::parse).transpose();
        let identifiers = Identifiers::new(
            matricule.map_err(StoreError::corrupt)?,
            email.map_err(StoreError::corrupt)?,
            phone.map_err(StoreError::corrupt)?,
        );
        Ok(Self {
            id: Id::from_uuid(row.id),
            first_name: PersonName::parse(&row.first_name).map_err(StoreError::corrupt)?,
            last_name: PersonName::parse(&row.last_name).map_err(StoreError::corrupt)?,
            identifiers: identifiers.map_err(StoreError::corrupt)?,
            promotion_id: row.promotion_id,
            role: row.role.parse().map_err(StoreError::corrupt)?,
            locale: Locale::parse(&row.locale).ok_or_else(|| StoreError::corrupt(&row.locale))?,
            is_active: row.is_active,
            last_login_at: row.last_login_at,
            password_hash: PasswordHash::from_stored(row.password_hash),
            wifi_secret: WifiSecret::parse(&row.wifi_secret)
                .ok_or_else(|| StoreError::corrupt(&row.wifi_secret))?,
            revision: row.revision,
            created_at: row.created_at,
        })
    }
}
