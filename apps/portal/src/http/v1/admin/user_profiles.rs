//! Packages, for those who decide what is on sale.

use billing::{
    package::{Offer, OfferProblem},
    use_cases::manage_packages::ManagePackageError,
};
use kernel::Money;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::http::{
    error::{ApiError, ApiErrorCode, FieldProblem},
    v1::user_profiles::{AccessPolicyView, TargetWord, ValidityStartWord},
};

pub mod create;
pub mod list;
pub mod retire;
pub mod show;
pub mod update;

/// What an operator decides about a package.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserProfileRequest {
    /// A short name; no other package has it.
    #[validate(length(min = 1, max = 60))]
    #[schema(example = "2H", min_length = 1, max_length = 60)]
    pub name: String,
    /// More about it, for customers.
    #[serde(default)]
    #[validate(length(max = 500))]
    #[schema(example = "Two hours of Wi-Fi", max_length = 500)]
    pub description: String,
    /// The price of one set of credentials.
    #[validate(nested)]
    pub price: MoneyInput,
    /// How long the credentials are good for, in minutes.
    #[validate(range(min = 1, max = 2_635_200))]
    #[schema(example = 120, minimum = 1, maximum = 2_635_200)]
    pub validity_minutes: u32,
    /// When that time begins.
    pub validity_start: ValidityStartWord,
    /// What the credentials allow.
    pub policy: AccessPolicyView,
    /// Where the credentials are enforced.
    pub target: TargetWord,
    /// Whether the credentials stick to the first device.
    #[serde(default)]
    #[schema(example = false)]
    pub mac_binding: bool,
    /// Its place in the list, lowest first.
    #[serde(default)]
    #[schema(example = 1)]
    pub display_order: i32,
}

/// An amount in a currency.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoneyInput {
    /// A plain decimal.
    #[validate(length(min = 1, max = 20))]
    #[schema(example = "1.50", pattern = r"^[0-9]+(\.[0-9]{1,2})?$", max_length = 20)]
    pub amount: String,
    /// The currency's ISO 4217 code, `CDF` or `USD`.
    #[validate(length(equal = 3))]
    #[schema(example = "CDF", min_length = 3, max_length = 3)]
    pub currency: String,
}

impl MoneyInput {
    /// The amount, or which part of it is wrong. `path` is where it stands in the body.
    ///
    /// # Errors
    /// 422 with the field at fault.
    pub fn parse(&self, path: &str) -> Result<Money, ApiError> {
        let codes = kernel::Currency::ALL.map(|currency| currency.code().to_owned()).to_vec();
        let currency = self.currency.parse();
        let currency = currency
            .map_err(|_| ApiError::field(format!("{path}.currency"), FieldProblem::NotOneOf(codes)))?;
        let amount = Money::parse(&self.amount, currency);
        amount.map_err(|_| ApiError::field(format!("{path}.amount"), FieldProblem::Invalid))
    }
}

impl TryFrom<UserProfileRequest> for Offer {
    type Error = ApiError;

    fn try_from(request: UserProfileRequest) -> Result<Self, ApiError> {
        Ok(Self {
            price: request.price.parse("price")?,
            name: request.name,
            description: request.description,
            validity_minutes: request.validity_minutes,
            validity_start: request.validity_start.into(),
            target: request.target.into(),
            policy: request.policy.into(),
            mac_binding: request.mac_binding,
            display_order: request.display_order,
        })
    }
}

impl From<ManagePackageError> for ApiError {
    fn from(error: ManagePackageError) -> Self {
        match error {
            ManagePackageError::NotFound => ApiErrorCode::NotFound.into(),
            ManagePackageError::Offer(OfferProblem { field, .. }) => {
                Self::field(field, FieldProblem::Invalid)
            }
            ManagePackageError::NameTaken => Self::field(
                "name",
                FieldProblem::Said("est déjà pris".to_owned(), "is taken already".to_owned()),
            ),
            ManagePackageError::KeyReused => ApiErrorCode::IdempotencyKeyReused.into(),
            ManagePackageError::Store(error) => error.into(),
        }
    }
}
