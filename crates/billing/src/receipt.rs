//! Receipts: one for each order that is paid, numbered without gaps at each site.

use kernel::{
    Money, Timestamp,
    id::ids::{OrderId, PaymentId, ReceiptId, SiteId},
};
use serde::{Deserialize, Serialize};

use crate::basis_points::BasisPoints;

/// Who sells, as it stands on receipts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Seller {
    /// The seller's name.
    pub name: String,
    /// Where the seller is; several lines are parted by line breaks.
    pub address: String,
    /// The seller's number at the tax office.
    pub tax_id: Option<String>,
}

impl Seller {
    /// An address has as many lines as this at most: with more, a page would be full before what was bought.
    pub const MOST_ADDRESS_LINES: usize = 6;

    /// The address line by line, without those that are blank.
    pub fn address_lines(&self) -> impl Iterator<Item = &str> {
        self.address.lines().map(str::trim).filter(|line| !line.is_empty())
    }
}

/// Who sells at a site, and the tax that prices there include.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SiteSeller {
    /// Who sells.
    #[serde(flatten)]
    pub seller: Seller,
    /// The rate of the tax that prices include; none of it at first. Receipts have that of their order.
    pub tax_rate: BasisPoints,
}

/// What a fiscal device has said of a receipt, where one is used (in DR Congo: the normalised invoice). Nothing fills it
/// in yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiscalMark {
    /// The device's number.
    pub device: String,
    /// The code that it gave.
    pub code: String,
    /// Its counters.
    pub counters: String,
    /// When it spoke.
    pub at: Timestamp,
    /// What its QR code says.
    pub qr: String,
}

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Names it.
    pub id: ReceiptId,
    /// The site where it was sold.
    pub site_id: SiteId,
    /// Its number there, from 1 and without gaps.
    pub number: i64,
    /// The number with the site's code, for people.
    pub text: String,
    /// The order that was paid.
    pub order_id: OrderId,
    /// The payment that has paid it.
    pub payment_id: PaymentId,
    /// How much was paid, tax included.
    pub total: Money,
    /// The tax in it.
    pub tax: Money,
    /// The tax's rate, as it was when the order was placed.
    pub tax_rate: BasisPoints,
    /// Who sold, as it was then.
    pub seller: Seller,
    /// What a fiscal device has said.
    pub fiscal: Option<FiscalMark>,
    /// When it was issued: when the order was paid.
    pub issued_at: Timestamp,
}

/// A receipt's number for people.
#[must_use]
pub fn receipt_number(site_code: &str, number: i64) -> String {
    format!("REC-{}-{number:06}", site_code.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::Seller;

    #[test]
    fn numbers_are_for_people() {
        assert_eq!(super::receipt_number("main", 42), "REC-MAIN-000042");
    }

    #[test]
    fn blank_lines_of_an_address_are_none() {
        let address = "\n12, avenue de la Paix \r\n \n\nKinshasa\n".to_owned();
        let seller = Seller { address, ..Seller::default() };
        assert_eq!(seller.address_lines().collect::<Vec<_>>(), ["12, avenue de la Paix", "Kinshasa"]);
    }
}
