//! The tables of identity: accounts, permissions of roles, login sessions and their tokens, login failures, and
//! the end of the audit chain.

use sea_orm_migration::prelude::*;

use crate::columns::{
    big, flag, id, index, int, json, moment, moment_null, rule, table, text, text_null, unique, uuid,
    uuid_null,
};

/// This step.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        users(manager).await?;
        permissions(manager).await?;
        login_sessions(manager).await?;
        token_table(manager, table("access_tokens"), "access_tokens").await?;
        let refresh_tokens = table("refresh_tokens").col(moment_null("used_at")).to_owned();
        token_table(manager, refresh_tokens, "refresh_tokens").await?;
        login_failures(manager).await?;
        audit_chain_heads(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in [
            "audit_chain_heads",
            "login_failures",
            "refresh_tokens",
            "access_tokens",
            "login_sessions",
            "role_permissions",
            "permissions",
            "users",
        ] {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}

async fn users(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("users")
                .col(id())
                .col(text("first_name"))
                .col(text("last_name"))
                .col(text_null("matricule"))
                .col(text_null("email"))
                .col(text_null("phone"))
                .col(uuid_null("promotion_id"))
                .col(text("role"))
                .col(text("locale"))
                .col(flag("is_active"))
                .col(moment_null("last_login_at"))
                .col(text("password_hash"))
                .col(moment("created_at"))
                .check(rule("matricule IS NOT NULL OR email IS NOT NULL OR phone IS NOT NULL"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("users", &["email"])).await?;
    manager.create_index(unique("users", &["phone"])).await?;
    // A matricule keeps its case, which does not distinguish.
    manager
        .get_connection()
        .execute_unprepared("CREATE UNIQUE INDEX users_matricule ON users (lower(matricule))")
        .await?;
    Ok(())
}

async fn permissions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager.create_table(table("permissions").col(text("name").primary_key()).to_owned()).await?;
    manager
        .create_table(
            table("role_permissions")
                .col(text("role"))
                .col(text("permission"))
                .primary_key(Index::create().col("role").col("permission"))
                .foreign_key(
                    ForeignKey::create().from("role_permissions", "permission").to("permissions", "name"),
                )
                .to_owned(),
        )
        .await
}

async fn login_sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("login_sessions")
                .col(id())
                .col(uuid("user_id"))
                .col(moment("created_at"))
                .col(moment("last_used_at"))
                .col(text_null("ip"))
                .col(text_null("user_agent"))
                .col(moment_null("revoked_at"))
                .foreign_key(ForeignKey::create().from("login_sessions", "user_id").to("users", "id"))
                .to_owned(),
        )
        .await?;
    manager.create_index(index("login_sessions", &["user_id"])).await
}

/// What both kinds of token have, added to their table.
async fn token_table(
    manager: &SchemaManager<'_>,
    mut columns: TableCreateStatement,
    name: &'static str,
) -> Result<(), DbErr> {
    columns
        .col(text("hash").primary_key())
        .col(uuid("session_id"))
        .col(moment("expires_at"))
        .foreign_key(ForeignKey::create().from(name, "session_id").to("login_sessions", "id"));
    manager.create_table(columns).await?;
    manager.create_index(index(name, &["session_id"])).await?;
    manager.create_index(index(name, &["expires_at"])).await
}

async fn login_failures(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("login_failures")
                .col(id())
                .col(text("key"))
                .col(json("recent"))
                .col(int("locks"))
                .col(moment_null("last_failure_at"))
                .col(moment_null("locked_until"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("login_failures", &["key"])).await?;
    manager.create_index(index("login_failures", &["locked_until"])).await
}

/// One row, there from the start, so that whoever seals has something to lock.
async fn audit_chain_heads(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("audit_chain_heads")
                .col(int("id").primary_key())
                .col(big("sequence"))
                .col(text("hash"))
                .check(rule("id = 1"))
                .to_owned(),
        )
        .await?;
    let genesis =
        format!("INSERT INTO audit_chain_heads (id, sequence, hash) VALUES (1, 0, '{}')", "0".repeat(64));
    manager.get_connection().execute_unprepared(&genesis).await?;
    Ok(())
}
