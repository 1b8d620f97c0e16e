//! What can be wrong with one value, in French and English, and how the words of serde and validator become that.

use std::fmt::Write as _;

use kernel::Locale;
use serde_json::Value;
use validator::{ValidationError, ValidationErrors, ValidationErrorsKind};

use super::ApiError;

/// How chrono's messages about a text that is no moment begin.
const CHRONO: [&str; 4] = [
    "input contains invalid characters",
    "input is out of range",
    "premature end of input",
    "trailing input",
];
/// How the standard library's messages about a text that is no whole number begin.
const INTEGER: [&str; 4] = [
    "invalid digit found in string",
    "cannot parse integer from empty string",
    "number too large to fit in target type",
    "number too small to fit in target type",
];

/// What is wrong with one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldProblem {
    /// It is required and not there.
    Missing,
    /// There is no such field here.
    Unknown,
    /// It is there twice.
    Repeated,
    /// It should be text.
    NotText,
    /// It should be a whole number.
    NotInteger,
    /// It should be true or false.
    NotBoolean,
    /// It should be a UUID.
    NotUuid,
    /// It should be a moment as RFC 3339 writes it.
    NotTimestamp,
    /// It should be an email address.
    NotEmail,
    /// It should be a phone number in the international form (E.164).
    NotPhone,
    /// It should be one of these.
    NotOneOf(Vec<String>),
    /// It should lie between these, as far as they are there.
    OutOfRange(Option<String>, Option<String>),
    /// It should have so many characters, as far as the numbers are there.
    Length(Option<u64>, Option<u64>),
    /// It holds a character that no text may hold.
    ControlCharacter,
    /// A sentence of its own, in French and English.
    Said(String, String),
    /// It is not acceptable, and there is no more to say.
    Invalid,
}

impl FieldProblem {
    /// The sentence for people; the field's name stands before it.
    #[must_use]
    pub fn sentence(&self, locale: Locale) -> String {
        let (fr, en) = match self {
            Self::Missing => ("est obligatoire", "is required"),
            Self::Unknown => ("n'existe pas ici", "is not known here"),
            Self::Repeated => ("est donné deux fois", "is given twice"),
            Self::NotText => ("doit être un texte", "must be text"),
            Self::NotInteger => ("doit être un nombre entier", "must be a whole number"),
            Self::NotBoolean => ("doit être true ou false", "must be true or false"),
            Self::NotUuid => ("doit être un UUID", "must be a UUID"),
            Self::NotTimestamp => (
                "doit être une date et heure RFC 3339, par exemple 2026-01-17T12:00:00Z",
                "must be an RFC 3339 timestamp such as 2026-01-17T12:00:00Z",
            ),
            Self::NotEmail => ("doit être une adresse e-mail", "must be an email address"),
            Self::NotPhone => (
                "doit être un numéro de téléphone international, par exemple +243812345678",
                "must be an international phone number such as +243812345678",
            ),
            Self::ControlCharacter => {
                ("contient un caractère interdit", "holds a character that is not permitted")
            }
            Self::Invalid => ("n'est pas acceptable", "is not acceptable"),
            Self::Said(fr, en) => (fr.as_str(), en.as_str()),
            Self::NotOneOf(choices) => return one_of(choices, locale),
            Self::OutOfRange(least, most) => return range(least.as_deref(), most.as_deref(), locale),
            Self::Length(least, most) => return length(*least, *most, locale),
        };
        match locale {
            Locale::Fr => fr.to_owned(),
            Locale::En => en.to_owned(),
        }
    }

    /// From the message of serde's error. Its words are stable: they are what its own formats are tested by.
    pub(in crate::http) fn of_serde(message: &str) -> Self {
        let expected = message.split("expected ").nth(1).unwrap_or_default();
        let begins = |words: &[&str]| words.iter().any(|word| message.starts_with(word));
        let wants = |words: &[&str]| words.iter().any(|word| expected.contains(word));
        if begins(&["missing field"]) {
            Self::Missing
        } else if begins(&["unknown field"]) {
            Self::Unknown
        } else if begins(&["duplicate field"]) {
            Self::Repeated
        } else if begins(&["unknown variant"]) {
            Self::NotOneOf(quoted(expected))
        } else if begins(&["UUID parsing failed"]) || wants(&["UUID"]) {
            Self::NotUuid
        } else if begins(&CHRONO) || wants(&["RFC 3339"]) {
            Self::NotTimestamp
        } else if begins(&["provided string was not `true` or `false`"]) || wants(&["a boolean"]) {
            Self::NotBoolean
        } else if begins(&INTEGER) || wants(&["u8", "u16", "u32", "u64", "i16", "i32", "i64"]) {
            Self::NotInteger
        } else if wants(&["a string", "a borrowed string"]) {
            Self::NotText
        } else {
            Self::Invalid
        }
    }

    fn of_validator(error: &ValidationError) -> Self {
        let bound = |name: &str| error.params.get(name).filter(|value| !value.is_null());
        let number = |name: &str| bound(name).and_then(Value::as_u64);
        let text = |name: &str| {
            bound(name).map(|value| match value.as_f64() {
                Some(_) => value.to_string().trim_end_matches(".0").to_owned(),
                None => value.to_string(),
            })
        };
        match error.code.as_ref() {
            "range" => Self::OutOfRange(text("min"), text("max")),
            "length" => match number("equal") {
                Some(exactly) => Self::Length(Some(exactly), Some(exactly)),
                None => Self::Length(number("min"), number("max")),
            },
            "email" => Self::NotEmail,
            "phone" => Self::NotPhone,
            "required" => Self::Missing,
            "non_control_character" => Self::ControlCharacter,
            _ => Self::Invalid,
        }
    }
}

/// The texts between backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn one_of(choices: &[String], locale: Locale) -> String {
    let choices = choices.join(", ");
    match locale {
        Locale::Fr => format!("doit être l'une de ces valeurs : {choices}"),
        Locale::En => format!("must be one of: {choices}"),
    }
}

fn range(least: Option<&str>, most: Option<&str>, locale: Locale) -> String {
    match (least, most, locale) {
        (Some(least), Some(most), Locale::Fr) => format!("doit être entre {least} et {most}"),
        (Some(least), Some(most), Locale::En) => format!("must be between {least} and {most}"),
        (Some(least), None, Locale::Fr) => format!("doit être au moins {least}"),
        (Some(least), None, Locale::En) => format!("must be at least {least}"),
        (None, Some(most), Locale::Fr) => format!("doit être au plus {most}"),
        (None, Some(most), Locale::En) => format!("must be at most {most}"),
        (None, None, locale) => FieldProblem::Invalid.sentence(locale),
    }
}

fn length(least: Option<u64>, most: Option<u64>, locale: Locale) -> String {
    match (least, most, locale) {
        (Some(least), Some(most), Locale::Fr) if least == most => {
            format!("doit avoir exactement {least} caractères")
        }
        (Some(least), Some(most), Locale::En) if least == most => {
            format!("must have exactly {least} characters")
        }
        (Some(least), Some(most), Locale::Fr) => format!("doit avoir entre {least} et {most} caractères"),
        (Some(least), Some(most), Locale::En) => format!("must have between {least} and {most} characters"),
        (Some(least), None, Locale::Fr) => format!("doit avoir au moins {least} caractères"),
        (Some(least), None, Locale::En) => format!("must have at least {least} characters"),
        (None, Some(most), Locale::Fr) => format!("doit avoir au plus {most} caractères"),
        (None, Some(most), Locale::En) => format!("must have at most {most} characters"),
        (None, None, locale) => FieldProblem::Invalid.sentence(locale),
    }
}

impl From<ValidationErrors> for ApiError {
    fn from(errors: ValidationErrors) -> Self {
        flatten(Self::new(super::ApiErrorCode::ValidationFailed), "", &errors)
    }
}

fn flatten(mut found: ApiError, parent: &str, errors: &ValidationErrors) -> ApiError {
    for (name, kind) in errors.errors() {
        let path = if parent.is_empty() { name.to_string() } else { format!("{parent}.{name}") };
        found = match kind {
            ValidationErrorsKind::Field(errors) => errors
                .iter()
                .fold(found, |found, error| found.and_field(&path, FieldProblem::of_validator(error))),
            ValidationErrorsKind::Struct(errors) => flatten(found, &path, errors),
            ValidationErrorsKind::List(items) => items.iter().fold(found, |found, (index, errors)| {
                let mut item = path.clone();
                // Writing to a String cannot fail.
                write!(item, "[{index}]").ok();
                flatten(found, &item, errors)
            }),
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use kernel::Locale;
    use serde::Deserialize;

    use super::FieldProblem;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only how it fails is looked at")]
    struct Form {
        text: String,
        count: u32,
        on: bool,
        id: uuid::Uuid,
        at: chrono::DateTime<chrono::Utc>,
        operator: Operator,
    }

    #[derive(Debug, Deserialize)]
    enum Operator {
        AM,
        OM,
    }

    #[test]
    fn the_words_of_serde_are_understood() {
        let whole = serde_json::json!({
            "text": "a", "count": 1, "on": true, "id": "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90",
            "at": "2026-01-17T12:00:00Z", "operator": "AM",
        });
        assert!(serde_json::from_value::<Form>(whole.clone()).is_ok());
        for (field, value, problem) in [
            ("text", serde_json::json!(1), FieldProblem::NotText),
            ("count", serde_json::json!("x"), FieldProblem::NotInteger),
            ("count", serde_json::json!(-1), FieldProblem::NotInteger),
            ("count", serde_json::json!(1.5), FieldProblem::NotInteger),
            ("on", serde_json::json!("x"), FieldProblem::NotBoolean),
            ("id", serde_json::json!("x"), FieldProblem::NotUuid),
            ("id", serde_json::json!(1), FieldProblem::NotUuid),
            ("at", serde_json::json!("yesterday"), FieldProblem::NotTimestamp),
            ("at", serde_json::json!(1), FieldProblem::NotTimestamp),
            (
                "operator",
                serde_json::json!("XX"),
                FieldProblem::NotOneOf(vec!["AM".to_owned(), "OM".to_owned()]),
            ),
            ("other", serde_json::json!(1), FieldProblem::Unknown),
        ] {
            let mut broken = whole.clone();
            broken[field] = value;
            let message = serde_json::from_value::<Form>(broken).unwrap_err().to_string();
            assert_eq!(FieldProblem::of_serde(&message), problem, "{message}");
        }
        let message = serde_json::from_str::<Form>("{}").unwrap_err().to_string();
        assert_eq!(FieldProblem::of_serde(&message), FieldProblem::Missing);
        let message = serde_json::from_str::<Form>(r#"{"text":"","text":""}"#).unwrap_err().to_string();
        assert_eq!(FieldProblem::of_serde(&message), FieldProblem::Repeated);
    }

    #[test]
    fn bounds_are_named_in_the_callers_language() {
        let problem = FieldProblem::OutOfRange(Some("1".to_owned()), Some("100".to_owned()));
        assert_eq!(problem.sentence(Locale::Fr), "doit être entre 1 et 100");
        assert_eq!(
            FieldProblem::Length(Some(8), None).sentence(Locale::En),
            "must have at least 8 characters"
        );
    }
}
