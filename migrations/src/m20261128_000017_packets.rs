//! How many packets went through a session, where the server writes that down: FreeRADIUS's own tables have no column for
//! it, so that a server with stock queries leaves these empty.

use sea_orm_migration::prelude::*;

use crate::columns::big_null;

/// This step.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The new columns of a table.
const NEW: [(&str, [&str; 2]); 3] = [
    ("radacct", ["acctinputpackets", "acctoutputpackets"]),
    ("radacct_observations", ["acctinputpackets", "acctoutputpackets"]),
    ("radius_sessions", ["packets_up", "packets_down"]),
];

/// What is kept of an accounting row each time it is written.
const OBSERVED: [&str; 15] = [
    "acctuniqueid",
    "acctsessionid",
    "class",
    "username",
    "nasipaddress",
    "nasportid",
    "callingstationid",
    "framedipaddress",
    "acctstarttime",
    "acctupdatetime",
    "acctstoptime",
    "acctsessiontime",
    "acctinputoctets",
    "acctoutputoctets",
    "acctterminatecause",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, columns) in NEW {
            for column in columns {
                let column = big_null(column);
                manager
                    .alter_table(Table::alter().table(Alias::new(name)).add_column(column).to_owned())
                    .await?;
            }
        }
        let [(_, packets), ..] = NEW;
        observe(manager, &[&OBSERVED[..], &packets].concat()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        observe(manager, &OBSERVED).await?;
        for (name, columns) in NEW {
            for column in columns {
                let column = Alias::new(column);
                manager
                    .alter_table(Table::alter().table(Alias::new(name)).drop_column(column).to_owned())
                    .await?;
            }
        }
        Ok(())
    }
}

/// Has the triggers keep these columns.
async fn observe(manager: &SchemaManager<'_>, columns: &[&str]) -> Result<(), DbErr> {
    let postgres = manager.get_database_backend() == sea_orm::DatabaseBackend::Postgres;
    let sql = if postgres { on_postgres(columns) } else { on_sqlite(columns) };
    manager.get_connection().execute_unprepared(&sql).await.map(drop)
}

fn on_postgres(columns: &[&str]) -> String {
    let value = |column: &&str| match *column {
        address @ ("nasipaddress" | "framedipaddress") => format!("host(NEW.{address})"),
        other => format!("NEW.{other}"),
    };
    let (names, values) = (columns.join(", "), columns.iter().map(value).collect::<Vec<_>>().join(", "));
    // As it was first made, but for the columns.
    format!(
        "DO $outer$
        BEGIN
            EXECUTE format($create$
                CREATE OR REPLACE FUNCTION radacct_observed() RETURNS trigger
                LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
                BEGIN
                    INSERT INTO %I.radacct_observations ({names}, observed_at)
                    VALUES ({values}, clock_timestamp());
                    IF pg_try_advisory_xact_lock(7263114906) THEN
                        PERFORM pg_notify('radacct', '');
                    END IF;
                    RETURN NULL;
                END
                $body$
            $create$, current_schema());
        END
        $outer$"
    )
}

fn on_sqlite(columns: &[&str]) -> String {
    let names = columns.join(", ");
    let values: Vec<String> = columns.iter().map(|column| format!("NEW.{column}")).collect();
    let values = values.join(", ");
    let trigger = |name: &str, event: &str| {
        format!(
            "DROP TRIGGER {name};
            CREATE TRIGGER {name} AFTER {event} ON radacct
            BEGIN
                INSERT INTO radacct_observations ({names}, observed_at)
                VALUES ({values}, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'));
            END;"
        )
    };
    trigger("radacct_observed_insert", "INSERT") + &trigger("radacct_observed_update", "UPDATE")
}
