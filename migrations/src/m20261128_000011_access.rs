//! The tables of who has which access: profiles, promotions, subscribers, and what was decided of them.

use sea_orm_migration::prelude::*;

use crate::columns::{
    big, big_null, flag, id, index, int, json, moment, moment_null, rule, table, text, text_null, unique,
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
        access_profiles(manager).await?;
        promotions(manager).await?;
        subscribers(manager).await?;
        profile_changes(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["profile_changes", "subscribers", "promotions", "access_profiles"] {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}

async fn access_profiles(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("access_profiles")
                .col(id())
                .col(int("version"))
                .col(text("name"))
                .col(text("description"))
                .col(big_null("upload_kbps"))
                .col(big_null("download_kbps"))
                .col(big_null("daily_limit"))
                .col(big_null("weekly_limit"))
                .col(big_null("monthly_limit"))
                .col(big_null("total_limit"))
                .col(big_null("session_timeout_seconds"))
                .col(big_null("idle_timeout_seconds"))
                .col(big_null("simultaneous_use"))
                .col(text("exhaustion"))
                .col(big_null("throttle_upload_kbps"))
                .col(big_null("throttle_download_kbps"))
                .col(int("validity_days"))
                .col(flag("active"))
                .col(moment("created_at"))
                .check(rule("version >= 1"))
                .check(rule("validity_days BETWEEN 7 AND 365"))
                .check(rule("upload_kbps > 0 AND download_kbps > 0"))
                .check(rule("daily_limit > 0 AND weekly_limit > 0 AND monthly_limit > 0 AND total_limit > 0"))
                .check(rule("session_timeout_seconds > 0 AND idle_timeout_seconds > 0 AND simultaneous_use > 0"))
                // A rule with a missing number holds: each pair is said by itself.
                .check(rule("daily_limit <= weekly_limit"))
                .check(rule("daily_limit <= monthly_limit"))
                .check(rule("daily_limit <= total_limit"))
                .check(rule("weekly_limit <= monthly_limit"))
                .check(rule("weekly_limit <= total_limit"))
                .check(rule("monthly_limit <= total_limit"))
                .check(rule(
                    "(exhaustion = 'throttle') = (throttle_upload_kbps IS NOT NULL AND throttle_download_kbps IS NOT NULL)",
                ))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("access_profiles", &["name"])).await
}

async fn promotions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("promotions")
                .col(id())
                .col(text("name"))
                .col(uuid_null("access_profile_id"))
                .col(flag("active"))
                .col(moment("created_at"))
                .foreign_key(
                    ForeignKey::create().from("promotions", "access_profile_id").to("access_profiles", "id"),
                )
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("promotions", &["name"])).await?;
    manager.create_index(index("promotions", &["access_profile_id"])).await
}

async fn subscribers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("subscribers")
                .col(id())
                .col(uuid_null("user_id"))
                // What was sold: where it was put, what its seller knows it by, the name as issued, and what was sold.
                .col(uuid_null("router_id"))
                .col(text_null("marker"))
                .col(text_null("issued_name"))
                .col(json("limits"))
                .col(text("username"))
                .col(text("full_name"))
                .col(text_null("sealed_secret"))
                .col(uuid_null("contact_user_id"))
                .col(text_null("phone"))
                .col(text_null("email"))
                .col(text("locale"))
                .col(flag("account_active"))
                // Said by identity, perhaps before we hear of it ourselves: no foreign key.
                .col(uuid_null("promotion_id"))
                .col(uuid_null("own_profile_id"))
                .col(uuid_null("granted_profile_id"))
                .col(flag("enabled"))
                .col(flag("comes_back"))
                .col(moment_null("activated_at"))
                .col(moment_null("begun_at"))
                .col(moment_null("expires_at"))
                .col(text("quota_state"))
                .col(text_null("quota_period"))
                .col(moment_null("quota_until"))
                .col(moment("created_at"))
                .col(moment_null("archived_at"))
                .col(big("account_revision"))
                .col(big("secret_revision"))
                .check(rule("(user_id IS NULL) <> (router_id IS NULL)"))
                .check(rule(
                    "(router_id IS NULL) = (marker IS NULL) AND (marker IS NULL) = (issued_name IS NULL)",
                ))
                .check(rule(
                    "NOT (enabled AND (archived_at IS NOT NULL OR sealed_secret IS NULL OR username = ''))",
                ))
                .check(rule("(quota_state = 'open') = (quota_period IS NULL)"))
                .foreign_key(
                    ForeignKey::create().from("subscribers", "own_profile_id").to("access_profiles", "id"),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from("subscribers", "granted_profile_id")
                        .to("access_profiles", "id"),
                )
                .to_owned(),
        )
        .await?;
    subscriber_indexes(manager).await
}

async fn subscriber_indexes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager.create_index(unique("subscribers", &["user_id"])).await?;
    for columns in [
        &["promotion_id", "username"] as &[&str],
        &["own_profile_id"],
        &["granted_profile_id"],
        &["router_id"],
        &["username"],
        &["expires_at"],
    ] {
        manager.create_index(index("subscribers", columns)).await?;
    }
    // Copies of accounts may have the same name for a moment, as facts come in any order; the directory may not.
    manager
        .get_connection()
        .execute_unprepared(
            "CREATE UNIQUE INDEX subscribers_enabled_username ON subscribers (username) WHERE enabled",
        )
        .await?;
    // What was sold has its name until it is put away, switched on or off.
    manager
        .get_connection()
        .execute_unprepared(
            "CREATE UNIQUE INDEX subscribers_sold_username ON subscribers (username) \
             WHERE marker IS NOT NULL AND archived_at IS NULL",
        )
        .await?;
    Ok(())
}

async fn profile_changes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("profile_changes")
                .col(id())
                .col(text("kind"))
                .col(text("subject"))
                .col(uuid_null("old_profile_id"))
                .col(uuid_null("new_profile_id"))
                .col(json("before"))
                .col(json("after"))
                .col(text("actor"))
                .col(text_null("reason"))
                .col(moment("at"))
                .to_owned(),
        )
        .await?;
    for columns in [["old_profile_id", "at"], ["new_profile_id", "at"]] {
        manager.create_index(index("profile_changes", &columns)).await?;
    }
    Ok(())
}
