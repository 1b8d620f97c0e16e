//! The column types that every table uses, said once, so that a moment or an amount is stored in one way.

use sea_orm_migration::prelude::{
    Alias, ColumnDef, Expr, Index, IndexCreateStatement, IntoIden, Table, TableCreateStatement,
};

/// A new table.
pub(crate) fn table(name: &str) -> TableCreateStatement {
    Table::create().table(Alias::new(name)).to_owned()
}

/// A UUID that names the row.
pub(crate) fn id() -> ColumnDef {
    uuid("id").primary_key().to_owned()
}

/// A UUID that must be given.
pub(crate) fn uuid(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).uuid().not_null().to_owned()
}

/// A UUID that may be missing.
pub(crate) fn uuid_null(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).uuid().null().to_owned()
}

/// A text that must be given.
pub(crate) fn text(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).text().not_null().to_owned()
}

/// A text that may be missing.
pub(crate) fn text_null(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).text().null().to_owned()
}

/// A 64-bit number that must be given: amounts in minor units, sizes, counters.
pub(crate) fn big(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).big_integer().not_null().to_owned()
}

/// A 64-bit number that may be missing.
pub(crate) fn big_null(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).big_integer().null().to_owned()
}

/// A 32-bit number that must be given.
pub(crate) fn int(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).integer().not_null().to_owned()
}

/// A yes or no.
pub(crate) fn flag(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).boolean().not_null().to_owned()
}

/// A moment in UTC that must be given.
pub(crate) fn moment(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).timestamp_with_time_zone().not_null().to_owned()
}

/// A moment in UTC that may be missing.
pub(crate) fn moment_null(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).timestamp_with_time_zone().null().to_owned()
}

/// A day of the calendar that must be given.
pub(crate) fn date(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).date().not_null().to_owned()
}

/// A JSON value.
pub(crate) fn json(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).json_binary().not_null().to_owned()
}

/// An index over columns of a table, named after them.
pub(crate) fn index(table: &str, columns: &[&str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(format!("{table}_{}", columns.join("_"))).table(Alias::new(table));
    for column in columns {
        index.col(Alias::new(*column).into_iden());
    }
    index
}

/// The same, and no two rows have equal values there.
pub(crate) fn unique(table: &str, columns: &[&str]) -> IndexCreateStatement {
    index(table, columns).unique().to_owned()
}

/// A rule that every row of a table must keep, in SQL.
pub(crate) fn rule(sql: &'static str) -> Expr {
    Expr::cust(sql)
}
