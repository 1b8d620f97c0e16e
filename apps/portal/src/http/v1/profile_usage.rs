//! What somebody has used of their quotas.

use chrono::{DateTime, Utc};
use radius::{queries::usage, subscriber::Period};
use serde::Serialize;
use utoipa::ToSchema;

pub mod me;

/// What was used of which quota, in bytes of both directions together. A limit that is not set is null, and so is its
/// percentage.
#[derive(Serialize, ToSchema)]
#[schema(as = ProfileUsage)]
pub struct ProfileUsageView {
    /// Since midnight.
    #[schema(example = 524_288_000)]
    used_today: u64,
    /// Since Monday, midnight.
    #[schema(example = 1_073_741_824)]
    used_week: u64,
    /// Since the 1st, midnight.
    #[schema(example = 2_147_483_648_u64)]
    used_month: u64,
    /// Since the access began.
    #[schema(example = 4_294_967_296_u64)]
    used_total: u64,
    /// What may be used in a day.
    #[schema(example = 1_073_741_824)]
    daily_limit: Option<u64>,
    /// What may be used in a week.
    #[schema(example = json!(null))]
    weekly_limit: Option<u64>,
    /// What may be used in a month.
    #[schema(example = 21_474_836_480_u64)]
    monthly_limit: Option<u64>,
    /// What may be used in all.
    #[schema(example = json!(null))]
    total_limit: Option<u64>,
    /// How much of the daily limit is used, in whole percent, at most 100.
    #[schema(example = 48)]
    today_percentage: Option<u8>,
    /// How much of the weekly limit is used.
    #[schema(example = json!(null))]
    week_percentage: Option<u8>,
    /// How much of the monthly limit is used.
    #[schema(example = 10)]
    month_percentage: Option<u8>,
    /// Whole days until the access ends, 0 when it has; null when it does not end or has not begun.
    #[schema(example = 21)]
    expires_in_days: Option<u32>,
    /// When a router or access point last said something of a session; null before the first.
    #[schema(example = "2026-01-17T12:00:00Z")]
    last_updated_at: Option<DateTime<Utc>>,
}

impl From<usage::UsageView> for ProfileUsageView {
    fn from(view: usage::UsageView) -> Self {
        let (used, quota) = (view.used, view.limits.map(|limits| limits.quota).unwrap_or_default());
        let percent = |period: Period| quota.percent(period, used);
        Self {
            used_today: used.day,
            used_week: used.week,
            used_month: used.month,
            used_total: used.total,
            daily_limit: quota.day,
            weekly_limit: quota.week,
            monthly_limit: quota.month,
            total_limit: quota.total,
            today_percentage: percent(Period::Day),
            week_percentage: percent(Period::Week),
            month_percentage: percent(Period::Month),
            expires_in_days: view.expires_in_days,
            last_updated_at: view.updated_at,
        }
    }
}
