//! Accounts as a file: the columns that are asked for, in their order. No column holds a secret.

use std::sync::Arc;

use actix_web::{HttpResponse, get, web::Data};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use documents::{Align, Column, Format, Table};
use kernel::Locale;
use persistence::accounts::{AccountFilter, AccountView};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::UserQuery;
use crate::{
    compose::Services,
    http::{
        attachment,
        error::{ApiError, ApiErrorCode, FieldProblem},
        input::Query,
        policy::RequestContext,
        server::Edge,
    },
};

/// The most accounts that go into one file.
const MOST: u64 = 10_000;

/// What kind of file, and what is in it.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct UserExportQuery {
    /// What kind of file; `csv` when it is not given.
    #[param(inline)]
    format: Option<FileFormat>,
    /// The columns in their order, between commas: `username`, `first_name`, `last_name`, `matricule`, `email`, `phone`,
    /// `promotion`, `role`, `locale`, `is_active`, `is_radius_activated`, `is_radius_enabled`, `last_login_at`,
    /// `created_at`. When they are not given: the matricule, the names, the promotion, and whether the account is active
    /// and has the Wi-Fi.
    #[validate(length(max = 300))]
    #[param(example = "last_name,first_name,matricule,promotion", max_length = 300)]
    columns: Option<String>,
}

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[schema(as = FileFormat, example = "pdf")]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// Comma-separated values.
    #[default]
    Csv,
    /// A workbook.
    Xlsx,
    /// Pages to print.
    Pdf,
}

impl From<FileFormat> for Format {
    fn from(format: FileFormat) -> Self {
        match format {
            FileFormat::Csv => Self::Csv,
            FileFormat::Xlsx => Self::Xlsx,
            FileFormat::Pdf => Self::Pdf,
        }
    }
}

/// What a cell says of an account.
type Cell = fn(&AccountView, &Place) -> String;

/// Where and for whom the file is made.
struct Place {
    locale: Locale,
    zone: Tz,
}

/// A column that can be asked for.
struct Field {
    name: &'static str,
    fr: &'static str,
    en: &'static str,
    cell: Cell,
}

const fn field(name: &'static str, fr: &'static str, en: &'static str, cell: Cell) -> Field {
    Field { name, fr, en, cell }
}

/// Every column that can be asked for.
const FIELDS: &[Field] = &[
    field("username", "Identifiant", "Username", |view, _| view.user.identifiers.username().to_owned()),
    field("first_name", "Prénom", "First name", |view, _| view.user.first_name.to_string()),
    field("last_name", "Nom", "Last name", |view, _| view.user.last_name.to_string()),
    field("matricule", "Matricule", "Matricule", |view, _| text(view.user.identifiers.matricule())),
    field("email", "E-mail", "Email", |view, _| text(view.user.identifiers.email())),
    field("phone", "Téléphone", "Phone", |view, _| {
        view.user.identifiers.phone().map(|phone| phone.as_str().to_owned()).unwrap_or_default()
    }),
    field("promotion", "Promotion", "Promotion", |view, _| view.promotion_name.clone().unwrap_or_default()),
    field("role", "Rôle", "Role", |view, place| role(view, place.locale)),
    field("locale", "Langue", "Language", |view, _| view.user.locale.tag().to_owned()),
    field("is_active", "Actif", "Active", |view, place| yes_or_no(view.user.is_active, place)),
    field("is_radius_activated", "Wi-Fi déjà activé", "Wi-Fi ever activated", |view, place| {
        yes_or_no(view.wifi_activated, place)
    }),
    field("is_radius_enabled", "Wi-Fi actif", "Wi-Fi enabled", |view, place| {
        yes_or_no(view.wifi_enabled, place)
    }),
    field("last_login_at", "Dernière connexion", "Last sign-in", |view, place| {
        view.user.last_login_at.map(|at| moment(at, place)).unwrap_or_default()
    }),
    field("created_at", "Créé le", "Created", |view, place| moment(view.user.created_at, place)),
];

/// The columns when none are asked for.
const USUAL: &str = "matricule,last_name,first_name,promotion,is_active,is_radius_enabled";

/// Accounts as CSV, XLSX or PDF, by name, at most 10,000.
///
/// The filters are those of the list. In CSV, a cell that a spreadsheet would take for a formula begins with an
/// apostrophe. Moments are in the portal's time zone, words in the caller's language.
#[utoipa::path(
    tag = "Administration",
    operation_id = "export_users",
    params(UserExportQuery, UserQuery),
    responses(
        (
            status = 200,
            description = "The file; its media type is that of the format.",
            content(
                (String = "text/csv"),
                (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
                (Vec<u8> = "application/pdf"),
            )
        ),
        (status = 422, description = "`export_too_large`: narrow the filters. `validation_failed`: there is no such column."),
    )
)]
#[get("/api/v1/admin/users/export")]
pub async fn export_users(
    services: Data<Arc<Services>>,
    edge: Data<Edge>,
    context: RequestContext,
    export: Query<UserExportQuery>,
    filter: Query<UserQuery>,
) -> Result<HttpResponse, ApiError> {
    let format = Format::from(export.0.format.unwrap_or_default());
    let fields = fields(export.0.columns.as_deref().unwrap_or(USUAL))?;
    let names: Vec<&'static str> = fields.iter().map(|field| field.name).collect();
    let notes = notes(&services, &filter.0, context.locale).await?;
    let filter = AccountFilter::from(filter.0);
    let views = services.database.all_accounts(&filter, MOST).await?;
    let views = views.ok_or(ApiErrorCode::ExportTooLarge)?;
    services.identity.note_export(format.as_str(), &names, views.len(), &context.origin).await?;
    let place = Place { locale: context.locale, zone: services.zone };
    let table = table(&fields, &views, notes, &place, edge.ambient.now());
    let file = attachment::make(move || documents::writer(format).write(&table)).await?;
    let name = format!("users.{}", format.as_str());
    Ok(attachment::attachment(&name, format.media_type(), file))
}

fn fields(asked: &str) -> Result<Vec<&'static Field>, ApiError> {
    let mut fields: Vec<&'static Field> = Vec::new();
    for name in asked.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let known = FIELDS.iter().find(|field| field.name == name).ok_or_else(|| {
            let choices = FIELDS.iter().map(|field| field.name.to_owned()).collect();
            ApiError::field("columns", FieldProblem::NotOneOf(choices))
        })?;
        if fields.iter().any(|field| field.name == name) {
            return Err(ApiError::field("columns", FieldProblem::Repeated));
        }
        fields.push(known);
    }
    if fields.is_empty() {
        return Err(ApiError::field("columns", FieldProblem::Missing));
    }
    Ok(fields)
}

fn table(
    fields: &[&'static Field],
    views: &[AccountView],
    notes: Vec<String>,
    place: &Place,
    now: DateTime<Utc>,
) -> Table {
    let in_french = place.locale == Locale::Fr;
    let title = |field: &Field| (if in_french { field.fr } else { field.en }).to_owned();
    Table {
        title: (if in_french { "Utilisateurs" } else { "Users" }).to_owned(),
        notes,
        made_at: now.with_timezone(&place.zone).fixed_offset(),
        locale: place.locale,
        columns: fields.iter().map(|field| Column { title: title(field), align: Align::Left }).collect(),
        rows: views
            .iter()
            .map(|view| fields.iter().map(|field| (field.cell)(view, place)).collect())
            .collect(),
    }
}

/// What the rows were chosen by.
async fn notes(services: &Services, query: &UserQuery, locale: Locale) -> Result<Vec<String>, ApiError> {
    let say = |fr: &str, en: &str| (if locale == Locale::Fr { fr } else { en }).to_owned();
    let mut notes = Vec::new();
    if let Some(search) = query.search.as_deref().map(str::trim).filter(|search| !search.is_empty()) {
        notes.push(format!("{} {search}", say("Recherche :", "Search:")));
    }
    if let Some(id) = query.promotion_id {
        let found = services.radius.find_promotion(kernel::Id::from_uuid(id)).await?;
        let name = found.map_or_else(|| id.to_string(), |view| view.promotion.name);
        notes.push(format!("{} {name}", say("Promotion :", "Promotion:")));
    }
    notes.extend(query.is_active.map(|is| match is {
        true => say("Comptes actifs", "Active accounts"),
        false => say("Comptes désactivés", "Accounts that are switched off"),
    }));
    notes.extend(query.is_radius_enabled.map(|is| match is {
        true => say("Wi-Fi actif", "Wi-Fi enabled"),
        false => say("Wi-Fi inactif", "Wi-Fi not enabled"),
    }));
    if let Some(role) = query.role {
        notes.push(format!("{} {}", say("Rôle :", "Role:"), role_in_words(role.into(), locale)));
    }
    Ok(notes)
}

fn text(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

fn role(view: &AccountView, locale: Locale) -> String {
    role_in_words(view.user.role, locale).to_owned()
}

const fn role_in_words(role: kernel::Role, locale: Locale) -> &'static str {
    match (role, locale) {
        (kernel::Role::Admin, Locale::Fr) => "administrateur",
        (kernel::Role::Admin, Locale::En) => "admin",
        (kernel::Role::Agent, _) => "agent",
        (kernel::Role::User, Locale::Fr) => "utilisateur",
        (kernel::Role::User, Locale::En) => "user",
    }
}

fn yes_or_no(yes: bool, place: &Place) -> String {
    match (yes, place.locale) {
        (true, Locale::Fr) => "oui",
        (true, Locale::En) => "yes",
        (false, Locale::Fr) => "non",
        (false, Locale::En) => "no",
    }
    .to_owned()
}

fn moment(at: DateTime<Utc>, place: &Place) -> String {
    at.with_timezone(&place.zone).format("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::{FIELDS, USUAL, fields};

    #[test]
    fn columns_come_in_the_order_in_which_they_are_asked_for() {
        let names = |asked| fields(asked).unwrap().iter().map(|field| field.name).collect::<Vec<_>>();
        assert_eq!(names("email, last_name"), ["email", "last_name"]);
        assert_eq!(names(USUAL).len(), 6);
        for asked in ["", ",", "email,email", "password", "password_hash", "wifi_secret"] {
            assert!(fields(asked).is_err(), "{asked}");
        }
    }

    #[test]
    fn every_column_has_a_heading_in_both_languages() {
        for field in FIELDS {
            assert!(!field.fr.is_empty() && !field.en.is_empty(), "{}", field.name);
        }
    }
}
