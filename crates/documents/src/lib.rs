//! Tables as files that people keep, print and open in other programs; and labels to print.
//!
//! A [`Table`] is all text and knows nothing of what it is about. [`writer`] gives the port through which it becomes a
//! file in one of the [`Format`]s; each format is a module of its own, and nobody outside knows the libraries behind
//! them. To add a format: a variant, a module with a [`TableWriter`], and a line in [`writer`]. [`Labels`] and
//! [`Slip`]s are printed, and nothing else.
//!
//! The pages are laid out by hand on krilla. A typesetting engine would do that by itself, and cost every clean build two
//! minutes for the sake of one table.

use thiserror::Error;

mod comma_separated;
mod labels;
mod pdf;
mod slip;
mod spreadsheet;
mod table;

pub use labels::{Label, Labels, Paper};
pub use slip::Slip;
pub use table::{Align, Column, Table};

/// What a table can become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Comma-separated values (RFC 4180), in UTF-8.
    Csv,
    /// An Office Open XML workbook (ISO/IEC 29500).
    Xlsx,
    /// Pages to print, A4.
    Pdf,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Xlsx, Self::Pdf];

    /// The format's name, which is also the ending of its files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Pdf => "pdf",
        }
    }

    /// The media type of its files.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pdf => "application/pdf",
        }
    }
}

/// Why a table did not become a file.
#[derive(Debug, Error)]
pub enum DocumentError {
    /// The comma-separated values could not be written.
    #[error("the CSV cannot be written: {0}")]
    Csv(String),
    /// The workbook could not be written.
    #[error("the workbook cannot be written: {0}")]
    Xlsx(String),
    /// The pages could not be made.
    #[error("the PDF cannot be made: {0}")]
    Pdf(String),
}

/// Makes a file of a table.
pub trait TableWriter {
    /// The bytes of the file. It takes time: a page costs about a millisecond.
    ///
    /// # Errors
    /// [`DocumentError`].
    fn write(&self, table: &Table) -> Result<Vec<u8>, DocumentError>;
}

/// What writes files of a format.
#[must_use]
pub fn writer(format: Format) -> Box<dyn TableWriter> {
    match format {
        Format::Csv => Box::new(comma_separated::Csv),
        Format::Xlsx => Box::new(spreadsheet::Xlsx),
        Format::Pdf => Box::new(pdf::Pdf),
    }
}
