//! Packages, for those who decide what is on sale.

use billing::{
    package::{Offer, OfferProblem},
    site::WantedPlace,
    use_cases::manage_packages::ManagePackageError,
};
use kernel::Money;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    compose::Services,
    http::{
        error::{ApiError, ApiErrorCode, FieldProblem},
        v1::{
            place::wanted_place,
            user_profiles::{AccessPolicyView, TargetWord, ValidityStartWord},
        },
    },
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
    /// The site where the credentials are used, unless an order says otherwise.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub site_id: Option<Uuid>,
    /// The router that they are put on, unless an order says otherwise.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub router_id: Option<Uuid>,
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

impl UserProfileRequest {
    /// The offer, or what is wrong with it.
    ///
    /// # Errors
    /// 422 with the field at fault.
    pub async fn read(self, services: &Services) -> Result<Offer, ApiError> {
        let target = self.target.into();
        let WantedPlace { named: place, served } =
            wanted_place(services, self.site_id, self.router_id).await?;
        if let Some(place) = place {
            place.check(target, &served)?;
        }
        Ok(Offer {
            price: self.price.parse("price")?,
            name: self.name,
            description: self.description,
            validity_minutes: self.validity_minutes,
            validity_start: self.validity_start.into(),
            target,
            policy: self.policy.into(),
            mac_binding: self.mac_binding,
            display_order: self.display_order,
            place,
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
            ManagePackageError::KeyReused(_) => ApiErrorCode::IdempotencyKeyReused.into(),
            ManagePackageError::Store(error) => error.into(),
        }
    }
}
