//! An entry of FreeRADIUS's own table of its clients, `nas`, as a row. FreeRADIUS reads the secret there, so that it
//! stands there in the clear; ours are known by their description.

use kernel::id::ids::NasClientId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "nas")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(super) id: i32,
    pub(super) nasname: String,
    pub(super) shortname: String,
    pub(super) r#type: String,
    pub(super) secret: String,
    /// A word for the shipped FreeRADIUS configuration: `unsigned` lets requests without a Message-Authenticator in.
    pub(super) community: Option<String>,
    pub(super) description: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What stands where a device's SNMP community would, for one that sends no Message-Authenticator: FreeRADIUS's table has
/// no place of its own for that, and the shipped configuration reads it here.
pub(super) const UNSIGNED: &str = "unsigned";

/// The description by which we know our entry of a NAS client.
pub(super) fn marker(client: NasClientId) -> String {
    format!("portal:{client}")
}
