//! How accounts are written on the wire: their fields, read into the domain's types, and what is said of those that are
//! not acceptable.

use identity::{
    Identifiers, Matricule, PersonName, identifiers::IdentifierKind, password_strength::WeakPassword,
    use_cases::create_user::CreateUserError,
};
use kernel::{EmailAddress, Msisdn, id::ids::PromotionId};
use uuid::Uuid;

use crate::{
    compose::Services,
    http::error::{ApiError, FieldProblem},
};

/// A sentence of its own about a field, in both languages.
pub fn said(fr: &str, en: &str) -> FieldProblem {
    FieldProblem::Said(fr.to_owned(), en.to_owned())
}

/// A given or family name.
pub(crate) fn name(field: &'static str, text: &str) -> Result<PersonName, ApiError> {
    PersonName::parse(text).map_err(|_| ApiError::field(field, FieldProblem::Invalid))
}

/// A student or staff number.
pub(crate) fn matricule(text: &str) -> Result<Matricule, ApiError> {
    Matricule::parse(text).map_err(|_| {
        let problem = said(
            "doit être un matricule : 32 lettres, chiffres, `-`, `_`, `/` ou `.` au plus",
            "must be a matricule: up to 32 letters, digits, `-`, `_`, `/` or `.`",
        );
        ApiError::field("matricule", problem)
    })
}

/// An email address.
pub(crate) fn email(text: &str) -> Result<EmailAddress, ApiError> {
    EmailAddress::parse(text).map_err(|_| ApiError::field("email", FieldProblem::NotEmail))
}

/// A phone number.
pub(crate) fn phone(text: &str) -> Result<Msisdn, ApiError> {
    Msisdn::parse(text).map_err(|_| ApiError::field("phone", FieldProblem::NotPhone))
}

/// Matricule, email and phone as far as they are given, of which one is needed; an empty text is none.
pub(crate) fn identifiers([matricule, email, phone]: [&Option<String>; 3]) -> Result<Identifiers, ApiError> {
    fn given(text: &Option<String>) -> Option<&str> {
        text.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }
    let identifiers = Identifiers::new(
        given(matricule).map(self::matricule).transpose()?,
        given(email).map(self::email).transpose()?,
        given(phone).map(self::phone).transpose()?,
    );
    identifiers.map_err(|_| no_identifier())
}

/// A value that may change: an empty text takes it away.
pub(crate) fn changed<T>(
    text: Option<&String>,
    read: impl Fn(&str) -> Result<T, ApiError>,
) -> Result<Option<Option<T>>, ApiError> {
    match text {
        None => Ok(None),
        Some(text) if text.trim().is_empty() => Ok(Some(None)),
        Some(text) => Ok(Some(Some(read(text)?))),
    }
}

/// No name was given, or none would be left.
pub fn no_identifier() -> ApiError {
    let problem = said(
        "ou une adresse e-mail ou un numéro de téléphone est obligatoire",
        "or an email address or a phone number is required",
    );
    ApiError::field("matricule", problem)
}

/// Another account has this name.
pub fn taken(name: IdentifierKind) -> ApiError {
    ApiError::field(name.as_str(), said("appartient déjà à un autre compte", "belongs to another account"))
}

impl From<CreateUserError> for ApiError {
    fn from(error: CreateUserError) -> Self {
        match error {
            CreateUserError::Taken(name) => taken(name),
            CreateUserError::Password(error) => Self::internal(error),
            CreateUserError::Seal(error) => Self::internal(error),
            CreateUserError::Store(error) => error.into(),
        }
    }
}

/// What is wrong with a password, under the field that holds it.
pub fn weak(field: &'static str, weak: WeakPassword) -> ApiError {
    let problem = match weak {
        WeakPassword::TooLong => said("ne doit pas dépasser 128 octets", "must not be longer than 128 bytes"),
        WeakPassword::ControlCharacter => FieldProblem::ControlCharacter,
        WeakPassword::IsName => {
            said("ne doit pas être l'un des identifiants du compte", "must not be one of the account's names")
        }
        WeakPassword::Guessable => said(
            "se devine trop facilement ; prenez au moins 10 caractères",
            "is guessed too easily; take at least 10 characters",
        ),
    };
    ApiError::field(field, problem)
}

/// That both fields hold the same password.
pub(crate) fn same_password(password: &str, confirmation: &str) -> Result<(), ApiError> {
    if password == confirmation {
        return Ok(());
    }
    let problem = said("ne correspond pas au mot de passe", "is not the same as the password");
    Err(ApiError::field("password_confirmation", problem))
}

/// A promotion that people can choose.
pub(crate) async fn open_promotion(services: &Services, id: Option<Uuid>) -> Result<(), ApiError> {
    let Some(id) = id else { return Ok(()) };
    let found = services.radius.find_promotion(PromotionId::from_uuid(id)).await?;
    if found.is_some_and(|view| view.promotion.active) {
        return Ok(());
    }
    let problem = said("n'est pas une promotion ouverte", "is not a promotion that is open");
    Err(ApiError::field("promotion_id", problem))
}
