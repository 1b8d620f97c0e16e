//! Receipts: one for each order that is paid, numbered without gaps at each site.

use kernel::{
    Money, Timestamp,
    id::ids::{OrderId, PaymentId, ReceiptId, SiteId},
};
use serde::{Deserialize, Serialize};

use crate::basis_points::BasisPoints;

/// Who sells at a site, as it stands on receipts, and the tax that prices there include.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Seller {
    /// The seller's name.
    pub name: String,
    /// Where the seller is; several lines are parted by line breaks.
    pub address: String,
    /// The seller's number at the tax office.
    pub tax_id: Option<String>,
    /// The rate of the tax that prices include; none of it at first.
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
    #[test]
    fn numbers_are_for_people() {
        assert_eq!(super::receipt_number("main", 42), "REC-MAIN-000042");
    }
}
