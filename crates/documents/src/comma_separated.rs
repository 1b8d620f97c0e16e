//! Comma-separated values, for programs and spreadsheets.

use std::borrow::Cow;

use crate::{DocumentError, Table, TableWriter};

/// Says to spreadsheets that the text is UTF-8, which they do not guess.
const BYTE_ORDER_MARK: &str = "\u{feff}";

pub(crate) struct Csv;

impl TableWriter for Csv {
    fn write(&self, table: &Table) -> Result<Vec<u8>, DocumentError> {
        let mut file = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(BYTE_ORDER_MARK.as_bytes().to_vec());
        let failed = |error: csv::Error| DocumentError::Csv(error.to_string());
        let titles = table.columns.iter().map(|column| harmless(&column.title).into_owned());
        file.write_record(titles).map_err(failed)?;
        for row in &table.rows {
            file.write_record(row.iter().map(|cell| harmless(cell).into_owned())).map_err(failed)?;
        }
        file.into_inner().map_err(|error| DocumentError::Csv(error.to_string()))
    }
}

/// A cell that no spreadsheet takes for a formula: one that begins like one gets an apostrophe before it (OWASP, "CSV
/// Injection"). So does a phone number, which then keeps its `+` as well.
fn harmless(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::{Csv, harmless};
    use crate::{TableWriter as _, table::sample};

    #[test]
    fn what_looks_like_a_formula_is_text() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("+243812345678", "'+243812345678"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("22-017", "22-017"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell), written);
        }
    }

    #[test]
    fn rows_follow_their_headings() {
        let file = String::from_utf8(Csv.write(&sample(4)).unwrap()).unwrap();
        let mut lines = file.split("\r\n");
        assert_eq!(lines.next(), Some("\u{feff}Nom,Matricule,Adresse e-mail,Numéro"));
        assert!(lines.nth(3).unwrap().starts_with("'=1+1,2024-ISC-0003,"), "{file}");
        assert_eq!(lines.next(), Some(""));
    }
}
