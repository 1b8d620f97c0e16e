//! Access profiles, for those who decide who may do what.

use chrono::{DateTime, Utc};
use radius::{
    AccessProfile,
    access_profile::{Exhaustion, Limits, Quota, TermFault, TermProblem, Terms},
    login_time::LoginTime,
    queries::profiles::ProfileView,
    use_cases::ManageProfileError,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    compose::Services,
    http::error::{ApiError, ApiErrorCode, FieldProblem},
};

pub mod create;
pub mod delete;
pub mod history;
pub mod list;
pub mod show;
pub mod update;

/// The longest timeout, in minutes.
const MAX_MINUTES: u32 = Limits::MAX_TIMEOUT_SECONDS / 60;

/// What an operator decides about an access profile.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessProfileRequest {
    /// A unique name for people.
    #[validate(length(min = 1, max = 60))]
    #[schema(example = "Students", min_length = 1, max_length = 60)]
    pub name: String,
    /// What it is for.
    #[serde(default)]
    #[validate(length(max = 500))]
    #[schema(example = "First and second year", max_length = 500)]
    pub description: String,
    /// Whether there are data limits: `limited` needs one at least, `unlimited` has none.
    pub quota_type: QuotaType,
    /// Upload rate in kilobits per second; none without limit.
    #[serde(default)]
    #[schema(example = 1024, minimum = 1, maximum = 4_000_000)]
    pub upload_kbps: Option<u32>,
    /// Download rate in kilobits per second; none without limit.
    #[serde(default)]
    #[schema(example = 4096, minimum = 1, maximum = 4_000_000)]
    pub download_kbps: Option<u32>,
    /// Bytes per day, both directions together.
    #[serde(default)]
    #[schema(example = 1_073_741_824_u64, minimum = 1, maximum = 1_125_899_906_842_624_u64)]
    pub daily_limit: Option<u64>,
    /// Bytes per week from Monday, not less than per day.
    #[serde(default)]
    #[schema(example = json!(null), minimum = 1, maximum = 1_125_899_906_842_624_u64)]
    pub weekly_limit: Option<u64>,
    /// Bytes per month from the 1st, not less than per week.
    #[serde(default)]
    #[schema(example = 21_474_836_480_u64, minimum = 1, maximum = 1_125_899_906_842_624_u64)]
    pub monthly_limit: Option<u64>,
    /// Bytes over the whole access, not less than per month.
    #[serde(default)]
    #[schema(example = json!(null), minimum = 1, maximum = 1_125_899_906_842_624_u64)]
    pub total_limit: Option<u64>,
    /// The longest session, in minutes.
    #[serde(default)]
    #[validate(range(min = 1, max = 357_912))]
    #[schema(example = 480, minimum = 1, maximum = 357_912)]
    pub session_timeout: Option<u32>,
    /// A session without traffic ends after so many minutes.
    #[serde(default)]
    #[validate(range(min = 1, max = 357_912))]
    #[schema(example = 15, minimum = 1, maximum = 357_912)]
    pub idle_timeout: Option<u32>,
    /// How many devices may be signed in at once.
    #[serde(default)]
    #[schema(example = 2, minimum = 1, maximum = 1_000)]
    pub simultaneous_use: Option<u16>,
    /// At which times of the week people may sign in, in local time: spans of days and hours as FreeRADIUS's
    /// `Login-Time` has them. The last minute belongs to a span; a session ends with it. None for always.
    #[serde(default)]
    #[schema(example = "Wk0800-2000,Sa0900-1300", max_length = 120)]
    pub login_time: Option<String>,
    /// How many days the access lasts from its activation.
    #[schema(example = 180, minimum = 7, maximum = 365)]
    pub validity_days: u16,
    /// What happens when a limit is used up.
    #[serde(default)]
    pub exhaustion: ExhaustionWord,
    /// The upload rate then, in kilobits per second; with `throttle` alone.
    #[serde(default)]
    #[schema(example = json!(null), minimum = 1, maximum = 4_000_000)]
    pub throttle_upload_kbps: Option<u32>,
    /// The download rate then, in kilobits per second; with `throttle` alone.
    #[serde(default)]
    #[schema(example = json!(null), minimum = 1, maximum = 4_000_000)]
    pub throttle_download_kbps: Option<u32>,
    /// Whether it can be given to anybody; `true` when it is not said. Who has it keeps it.
    #[serde(default = "yes")]
    #[schema(example = true)]
    pub is_active: bool,
}

const fn yes() -> bool {
    true
}

/// Whether there are data limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = "limited")]
#[serde(rename_all = "snake_case")]
pub enum QuotaType {
    /// One at least.
    Limited,
    /// None.
    Unlimited,
}

/// What happens when a limit is used up: `block` ends sessions and refuses logins until the period is over,
/// `throttle` lowers the rate until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = Exhaustion, example = "block")]
#[serde(rename_all = "snake_case")]
pub enum ExhaustionWord {
    /// No access until the period is over.
    #[default]
    Block,
    /// Slow access until then.
    Throttle,
}

/// What an access profile says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessProfileTerms)]
pub struct TermsView {
    /// Its name.
    #[schema(example = "Students")]
    name: String,
    /// What it is for.
    #[schema(example = "First and second year")]
    description: String,
    /// Whether there are data limits.
    quota_type: QuotaType,
    /// Upload rate in kilobits per second.
    #[schema(example = 1024)]
    upload_kbps: Option<u32>,
    /// Download rate in kilobits per second.
    #[schema(example = 4096)]
    download_kbps: Option<u32>,
    /// Bytes per day.
    #[schema(example = 1_073_741_824_u64)]
    daily_limit: Option<u64>,
    /// Bytes per week.
    #[schema(example = json!(null))]
    weekly_limit: Option<u64>,
    /// Bytes per month.
    #[schema(example = 21_474_836_480_u64)]
    monthly_limit: Option<u64>,
    /// Bytes over the whole access.
    #[schema(example = json!(null))]
    total_limit: Option<u64>,
    /// The longest session, in minutes.
    #[schema(example = 480)]
    session_timeout: Option<u32>,
    /// Minutes without traffic after which a session ends.
    #[schema(example = 15)]
    idle_timeout: Option<u32>,
    /// How many devices may be signed in at once.
    #[schema(example = 2)]
    simultaneous_use: Option<u16>,
    /// At which times of the week people may sign in, in local time.
    #[schema(example = "Wk0800-2000,Sa0900-1300")]
    login_time: Option<String>,
    /// How many days the access lasts.
    #[schema(example = 180)]
    validity_days: u16,
    /// What happens when a limit is used up.
    exhaustion: ExhaustionWord,
    /// The upload rate then, in kilobits per second.
    #[schema(example = json!(null))]
    throttle_upload_kbps: Option<u32>,
    /// The download rate then, in kilobits per second.
    #[schema(example = json!(null))]
    throttle_download_kbps: Option<u32>,
    /// Whether it can be given to anybody.
    #[schema(example = true)]
    is_active: bool,
}

/// An access profile.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessProfile)]
pub struct AccessProfileView {
    /// Names it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e98")]
    id: Uuid,
    /// Counts the changes of what is enforced, from 1.
    #[schema(example = 1, minimum = 1)]
    version: u32,
    /// What it says.
    #[serde(flatten)]
    terms: TermsView,
    /// How many promotions have it.
    #[schema(example = 3)]
    promotions: u64,
    /// How many people it holds for, by themselves or by their promotion.
    #[schema(example = 412)]
    users: u64,
    /// When it was made.
    #[schema(example = "2026-01-17T12:00:00Z")]
    created_at: DateTime<Utc>,
}

fn said(fr: &str, en: &str) -> FieldProblem {
    FieldProblem::Said(fr.to_owned(), en.to_owned())
}

impl AccessProfileRequest {
    /// The terms; 422 names what does not fit together.
    fn read(self) -> Result<Terms, ApiError> {
        let quota = Quota {
            day: self.daily_limit,
            week: self.weekly_limit,
            month: self.monthly_limit,
            total: self.total_limit,
        };
        match self.quota_type {
            QuotaType::Limited if !quota.is_limited() => {
                let problem = said("demande au moins une limite de volume", "needs one data limit at least");
                return Err(ApiError::field("quota_type", problem));
            }
            QuotaType::Unlimited if quota.is_limited() => {
                let problem = said("ne va pas avec une limite de volume", "does not go with a data limit");
                return Err(ApiError::field("quota_type", problem));
            }
            QuotaType::Limited | QuotaType::Unlimited => {}
        }
        let exhaustion = exhaustion(self.exhaustion, self.throttle_upload_kbps, self.throttle_download_kbps)?;
        let login_time = self.login_time.as_deref().map(login_time).transpose()?;
        let seconds = |minutes: Option<u32>| minutes.map(|minutes| minutes.min(MAX_MINUTES) * 60);
        Ok(Terms {
            name: self.name.trim().to_owned(),
            description: self.description,
            limits: Limits {
                upload_kbps: self.upload_kbps,
                download_kbps: self.download_kbps,
                quota,
                session_timeout_seconds: seconds(self.session_timeout),
                idle_timeout_seconds: seconds(self.idle_timeout),
                simultaneous_use: self.simultaneous_use,
                login_time,
                exhaustion,
            },
            validity_days: self.validity_days,
            active: self.is_active,
        })
    }
}

fn login_time(text: &str) -> Result<LoginTime, ApiError> {
    text.parse().map_err(|_| {
        let problem = said(
            "doit donner des heures de la semaine, comme Wk0800-2000,Sa0900-1300",
            "must be times of the week, such as Wk0800-2000,Sa0900-1300",
        );
        ApiError::field("login_time", problem)
    })
}

fn exhaustion(word: ExhaustionWord, up: Option<u32>, down: Option<u32>) -> Result<Exhaustion, ApiError> {
    match (word, up, down) {
        (ExhaustionWord::Block, None, None) => Ok(Exhaustion::Block),
        (ExhaustionWord::Throttle, Some(upload_kbps), Some(download_kbps)) => {
            Ok(Exhaustion::Throttle { upload_kbps, download_kbps })
        }
        (ExhaustionWord::Throttle, None, _) => {
            Err(ApiError::field("throttle_upload_kbps", FieldProblem::Missing))
        }
        (ExhaustionWord::Throttle, _, None) => {
            Err(ApiError::field("throttle_download_kbps", FieldProblem::Missing))
        }
        (ExhaustionWord::Block, _, _) => {
            let problem = said("ne va pas avec un débit réduit", "does not go with a lower rate");
            Err(ApiError::field("exhaustion", problem))
        }
    }
}

impl From<Terms> for TermsView {
    fn from(terms: Terms) -> Self {
        let Terms { name, description, limits, validity_days, active } = terms;
        let minutes = |seconds: Option<u32>| seconds.map(|seconds| seconds.div_ceil(60));
        let (exhaustion, up, down) = match limits.exhaustion {
            Exhaustion::Block => (ExhaustionWord::Block, None, None),
            Exhaustion::Throttle { upload_kbps, download_kbps } => {
                (ExhaustionWord::Throttle, Some(upload_kbps), Some(download_kbps))
            }
        };
        let Quota { day, week, month, total } = limits.quota;
        Self {
            name,
            description,
            quota_type: if limits.quota.is_limited() { QuotaType::Limited } else { QuotaType::Unlimited },
            upload_kbps: limits.upload_kbps,
            download_kbps: limits.download_kbps,
            daily_limit: day,
            weekly_limit: week,
            monthly_limit: month,
            total_limit: total,
            session_timeout: minutes(limits.session_timeout_seconds),
            idle_timeout: minutes(limits.idle_timeout_seconds),
            simultaneous_use: limits.simultaneous_use,
            login_time: limits.login_time.map(String::from),
            validity_days,
            exhaustion,
            throttle_upload_kbps: up,
            throttle_download_kbps: down,
            is_active: active,
        }
    }
}

impl From<ProfileView> for AccessProfileView {
    fn from(view: ProfileView) -> Self {
        let ProfileView { profile, promotions, users } = view;
        let AccessProfile { id, version, created_at, .. } = profile;
        Self { id: id.as_uuid(), version, terms: profile.terms().into(), promotions, users, created_at }
    }
}

fn fault(fault: &TermFault) -> (String, FieldProblem) {
    let field = fault.field.trim_end_matches("_seconds").to_owned();
    let number = |number: u64| Some(number.to_string());
    let problem = match fault.problem {
        TermProblem::Length(least, most) => {
            let count = |count: usize| u64::try_from(count).ok();
            FieldProblem::Length(count(least), count(most))
        }
        TermProblem::Range(least, most) => FieldProblem::OutOfRange(number(least), number(most)),
        TermProblem::LessThan(shorter) => FieldProblem::Said(
            format!("ne doit pas être inférieur à {shorter}"),
            format!("must not be less than {shorter}"),
        ),
    };
    (field, problem)
}

impl From<ManageProfileError> for ApiError {
    fn from(error: ManageProfileError) -> Self {
        match error {
            ManageProfileError::NotFound => ApiErrorCode::NotFound.into(),
            ManageProfileError::NameTaken => Self::field("name", said("est déjà pris", "is taken already")),
            ManageProfileError::Faults(faults) => {
                let none = Self::new(ApiErrorCode::ValidationFailed);
                faults.iter().map(fault).fold(none, |found, (field, problem)| found.and_field(field, problem))
            }
            ManageProfileError::Held(holders) => {
                let (promotions, users) = (holders.promotions, holders.subscribers);
                Self::new(ApiErrorCode::AccessProfileInUse).and_field(
                    "id",
                    FieldProblem::Said(
                        format!("est donné à {promotions} promotions et {users} utilisateurs"),
                        format!("is given to {promotions} promotions and {users} users"),
                    ),
                )
            }
            ManageProfileError::Store(error) => error.into(),
        }
    }
}

/// A profile as it is now.
async fn shown(services: &Services, id: Uuid) -> Result<AccessProfileView, ApiError> {
    let found = services.radius.find_profile(kernel::Id::from_uuid(id)).await?;
    Ok(found.ok_or(ApiErrorCode::NotFound)?.into())
}
