//! A slip before it is printed: a page for one purchase, such as a receipt.

use kernel::Locale;

use crate::{DocumentError, pdf};

/// What is on a slip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// What it is, such as "Receipt".
    pub title: String,
    /// Its number.
    pub number: String,
    /// Its language.
    pub locale: Locale,
    /// Who gives it, a line each.
    pub from: Vec<String>,
    /// What else is to be said of it: what, and the value.
    pub facts: Vec<(String, String)>,
    /// The headings of what was bought: what, how many, the price of one, the price of all.
    pub headings: [String; 4],
    /// What was bought.
    pub items: Vec<[String; 4]>,
    /// The sums below, the last of which is the total.
    pub sums: Vec<(String, String)>,
    /// What stands at the foot, a line each.
    pub foot: Vec<String>,
}

impl Slip {
    /// The page, as PDF, in A5 (ISO 216).
    ///
    /// # Errors
    /// [`DocumentError`].
    pub fn to_pdf(&self) -> Result<Vec<u8>, DocumentError> {
        pdf::slip::write(self)
    }
}
