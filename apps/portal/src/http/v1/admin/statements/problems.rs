//! What can be wrong with a statement, for programs and for people.

use billing::{
    statement::reader::{CellProblem, Fault, Unreadable},
    use_cases::import_statement::ImportStatementError,
};

use crate::http::error::{ApiError, ApiErrorCode, FieldProblem};

/// What is wrong with a cell, for programs.
pub(super) const fn word(fault: Fault) -> &'static str {
    match fault {
        Fault::Missing => "missing",
        Fault::NotText => "not_text",
        Fault::TooLong => "too_long",
        Fault::NotAnAmount => "not_an_amount",
        Fault::NotADate => "not_a_date",
        Fault::UnknownCurrency => "unknown_currency",
        Fault::UnknownStatus => "unknown_status",
        Fault::CellCount => "cell_count",
        Fault::SaysTwoThings => "says_two_things",
    }
}

pub(super) fn said(fr: &str, en: &str) -> FieldProblem {
    FieldProblem::Said(fr.to_owned(), en.to_owned())
}

/// What is wrong with a cell, for people.
fn problem(fault: Fault) -> FieldProblem {
    match fault {
        Fault::Missing => FieldProblem::Missing,
        Fault::NotText => FieldProblem::ControlCharacter,
        Fault::TooLong => FieldProblem::Length(None, Some(200)),
        Fault::NotAnAmount => said(
            "doit être un montant sans équivoque, par exemple 1500.00",
            "must be an amount that can be read in one way, such as 1500.00",
        ),
        Fault::NotADate => said(
            "doit être une date, par exemple 2026-01-17 12:30 ou 17/01/2026 12:30",
            "must be a date such as 2026-01-17 12:30 or 17/01/2026 12:30",
        ),
        Fault::UnknownCurrency => FieldProblem::NotOneOf(vec!["CDF".to_owned(), "USD".to_owned()]),
        Fault::UnknownStatus => {
            said("n'est pas un statut connu, par exemple success", "is not a known status such as success")
        }
        Fault::CellCount => {
            said("n'a pas autant de cellules que l'en-tête", "does not have as many cells as the header")
        }
        Fault::SaysTwoThings => said(
            "contredit une ligne précédente sur la même transaction",
            "says something else than an earlier line about the same transaction",
        ),
    }
}

/// The name under which a cell's problem is told: `lines[12].amount`.
fn path(problem: CellProblem) -> String {
    let column = problem.column.map(|column| format!(".{}", column.as_str())).unwrap_or_default();
    format!("lines[{}]{column}", problem.line)
}

impl From<Unreadable> for ApiError {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::TooLarge => ApiErrorCode::PayloadTooLarge.into(),
            Unreadable::TooManyLines => {
                Self::field("body", said("a plus de 20 000 lignes", "has more than 20,000 lines"))
            }
            Unreadable::NoColumn(column) => {
                let (fr, en) = ("est une colonne qui manque", "is a column that is not there");
                Self::field(format!("columns.{}", column.as_str()), said(fr, en))
            }
            Unreadable::TwoColumns(column) => {
                Self::field(format!("columns.{}", column.as_str()), FieldProblem::Repeated)
            }
            Unreadable::OpenQuote(line) => {
                let (fr, en) =
                    ("a un guillemet qui n'est pas fermé", "has a quotation mark that is not closed");
                Self::field(format!("lines[{line}]"), said(fr, en))
            }
        }
    }
}

impl From<ImportStatementError> for ApiError {
    fn from(error: ImportStatementError) -> Self {
        match error {
            ImportStatementError::UnknownGateway => Self::field(
                "gateway",
                said("n'est pas une passerelle utilisée ici", "is not a gateway in use"),
            ),
            ImportStatementError::Unreadable(unreadable) => unreadable.into(),
            ImportStatementError::BadLines(problems, _) => {
                let none = Self::new(ApiErrorCode::ValidationFailed);
                problems.into_iter().fold(none, |told, cell| told.and_field(path(cell), problem(cell.fault)))
            }
            ImportStatementError::NoDays => Self::field("from", FieldProblem::Missing),
            ImportStatementError::DaysDoNotFit(..) => Self::field(
                "to",
                said(
                    "ne convient pas : les lignes doivent être datées entre from et to, au plus 366 jours",
                    "does not fit: the lines must be dated between from and to, at most 366 days",
                ),
            ),
            ImportStatementError::Store(error) => error.into(),
        }
    }
}
