//! Labels before they are printed: small papers that are all alike but for a code.

use kernel::Locale;

use crate::{DocumentError, pdf};

/// What the labels are printed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// Sheets of A4 (ISO 216), 24 labels on each, to be cut.
    A4,
    /// A roll for a thermal printer that is 58 mm wide and prints on 48 mm, a label on each page.
    Roll58,
    /// A roll that is 80 mm wide and prints on 72 mm.
    Roll80,
}

/// What is on one label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The code, for people to type.
    pub code: String,
    /// What its QR code says.
    pub qr: String,
    /// Its number among all.
    pub number: String,
}

/// Labels, and what is on all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// What they are together, for whoever looks at the file.
    pub title: String,
    /// Their language.
    pub locale: Locale,
    /// What is largest on each, such as the name of what it is good for.
    pub heading: String,
    /// What it costs.
    pub price: String,
    /// More about it; a line each.
    pub lines: Vec<String>,
    /// What they are printed on.
    pub paper: Paper,
    /// Each of them.
    pub labels: Vec<Label>,
}

impl Labels {
    /// The pages, as PDF. It takes time and room: 10,000 labels some six seconds, and a quarter of a gigabyte.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub fn to_pdf(&self) -> Result<Vec<u8>, DocumentError> {
        pdf::labels::write(self)
    }
}
