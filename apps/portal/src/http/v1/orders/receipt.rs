//! The receipt of a paid order.

use std::sync::Arc;

use actix_web::{HttpResponse, get, web::Data};
use billing::{
    Order, Payment, PaymentStatus,
    payment::Means,
    queries::OrderDetails,
    receipt::{FiscalMark, Receipt, Seller},
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use documents::{Format, Slip};
use kernel::Locale;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    compose::Services,
    http::{
        attachment,
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathText,
        money::MoneyView,
        policy::Buyer,
    },
};

/// A receipt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Receipt)]
pub struct ReceiptView {
    /// Names the receipt.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e98")]
    id: Uuid,
    /// Its number, without gaps at its site.
    #[schema(example = "REC-MAIN-000042")]
    number: String,
    /// The site where it was sold.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e95")]
    site_id: Uuid,
    /// The order that was paid.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    order_id: Uuid,
    /// The payment that has paid it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e93")]
    payment_id: Uuid,
    /// How much was paid, tax included.
    total: MoneyView,
    /// The tax in it.
    tax: MoneyView,
    /// The tax's rate, in hundredths of a percent, as it was when the order was placed.
    #[schema(example = 1600, minimum = 0, maximum = 10000)]
    tax_basis_points: u16,
    /// Who sold, as it was then.
    seller: SellerView,
    /// What a fiscal device has said of it; null, as none is connected yet.
    fiscal: Option<FiscalMarkView>,
    /// When it was issued.
    #[schema(example = "2026-01-17T12:00:00Z")]
    issued_at: DateTime<Utc>,
}

/// What a fiscal device has said of a receipt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FiscalMark)]
pub struct FiscalMarkView {
    /// The device's number.
    #[schema(example = "CD01000001")]
    device: String,
    /// The code that it gave.
    #[schema(example = "TEST-ABCD-EFGH")]
    code: String,
    /// Its counters.
    #[schema(example = "12/345 FV")]
    counters: String,
    /// When it spoke.
    #[schema(example = "2026-01-17T12:00:00Z")]
    at: DateTime<Utc>,
    /// What its QR code says.
    #[schema(example = "CD01000001;TEST;A1234567B")]
    qr: String,
}

/// Who sells.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Seller)]
pub struct SellerView {
    /// The seller's name; empty while nobody has said it.
    #[schema(example = "Campus Wi-Fi SARL")]
    name: String,
    /// Where the seller is.
    #[schema(example = "12, avenue de la Paix, Kinshasa")]
    address: String,
    /// The seller's number at the tax office.
    #[schema(example = "A1234567B")]
    tax_id: Option<String>,
}

/// The receipt of a paid order.
#[utoipa::path(
    tag = "Orders",
    operation_id = "show_receipt",
    params(("order" = String, Path, description = "The order's id or number.", example = "ORD-20260117-000042")),
    responses(
        (status = 200, description = "The receipt.", body = Envelope<ReceiptView>),
        (status = 404, description = "The caller has no such order, or it was paid before there were receipts."),
        (status = 409, description = "`order_not_paid`."),
    )
)]
#[get("/api/v1/orders/{order}/receipt")]
pub async fn show_receipt(
    services: Data<Arc<Services>>,
    buyer: Buyer,
    order: PathText,
) -> Result<Answer<ReceiptView>, ApiError> {
    let order = services.billing.order(buyer.0, &order.0).await?.ok_or(ApiErrorCode::NotFound)?.order;
    Ok(Answer::ok(receipt_of(&services, &order).await?.into()))
}

/// The receipt of a paid order as PDF, in the customer's language.
#[utoipa::path(
    tag = "Orders",
    operation_id = "download_receipt",
    params(("order" = String, Path, description = "The order's id or number.", example = "ORD-20260117-000042")),
    responses(
        (status = 200, description = "A page of A5.", body = Vec<u8>, content_type = "application/pdf"),
        (status = 404, description = "The caller has no such order, or it was paid before there were receipts."),
        (status = 409, description = "`order_not_paid`."),
    )
)]
#[get("/api/v1/orders/{order}/receipt/pdf")]
pub async fn download_receipt(
    services: Data<Arc<Services>>,
    buyer: Buyer,
    order: PathText,
) -> Result<HttpResponse, ApiError> {
    let order = services.billing.order(buyer.0, &order.0).await?.ok_or(ApiErrorCode::NotFound)?;
    printed(&services, order).await
}

/// The receipt of an order as PDF, whoever asks.
///
/// # Errors
/// The order is not paid, or the file cannot be made.
pub async fn printed(services: &Services, order: OrderDetails) -> Result<HttpResponse, ApiError> {
    let receipt = receipt_of(services, &order.order).await?;
    let paid_by = order.payments.into_iter().find(|payment| payment.id == receipt.payment_id);
    let words = Words { locale: order.order.contact.locale, zone: services.zone };
    let slip = words.slip(&receipt, &order.order, paid_by.as_ref());
    let file = attachment::make(move || slip.to_pdf()).await?;
    Ok(attachment::attachment(&format!("{}.pdf", receipt.text), Format::Pdf.media_type(), file))
}

/// An order's receipt. One that was paid before there were receipts has none.
async fn receipt_of(services: &Services, order: &Order) -> Result<Receipt, ApiError> {
    let missing = if order.status.is_paid() { ApiErrorCode::NotFound } else { ApiErrorCode::OrderNotPaid };
    services.billing.receipt_of(order.id).await?.ok_or_else(|| missing.into())
}

/// Writes a receipt down in a language and a zone.
struct Words {
    locale: Locale,
    zone: Tz,
}

impl Words {
    fn slip(&self, receipt: &Receipt, order: &Order, paid_by: Option<&Payment>) -> Slip {
        let heading = |fr, en| self.say(fr, en).to_owned();
        let mut facts = vec![
            (heading("Date", "Date"), self.moment(receipt.issued_at)),
            (heading("Commande", "Order"), order.number.clone()),
        ];
        facts.extend(
            order.contact.phone.as_ref().map(|phone| (heading("Client", "Customer"), phone.masked())),
        );
        facts.extend(paid_by.map(|payment| (heading("Payé par", "Paid by"), self.means(payment))));
        let item = [
            format!("Wi-Fi {}", order.package.name),
            order.quantity.get().to_string(),
            order.unit_price.to_string(),
            order.total.to_string(),
        ];
        Slip {
            title: heading("Reçu", "Receipt"),
            number: receipt.text.clone(),
            locale: self.locale,
            from: from(&receipt.seller, self.say("NIF :", "Tax number:")),
            facts,
            headings: [
                heading("Désignation", "What"),
                heading("Qté", "Qty"),
                heading("Prix", "Price"),
                heading("Montant", "Amount"),
            ],
            items: vec![item],
            sums: self.sums(receipt),
            foot: vec![heading(
                "Conservez ce reçu. Merci de votre achat.",
                "Keep this receipt. Thank you for your purchase.",
            )],
        }
    }

    /// The total, and before it what is tax and what is not, where there is any.
    fn sums(&self, receipt: &Receipt) -> Vec<(String, String)> {
        let mut sums = Vec::new();
        if receipt.tax_rate.get() > 0
            && let Ok(net) = receipt.tax.checked_neg().and_then(|tax| receipt.total.checked_add(tax))
        {
            let (whole, part) = (receipt.tax_rate.get() / 100, receipt.tax_rate.get() % 100);
            let rate = if part == 0 { format!("{whole} %") } else { format!("{whole}.{part:02} %") };
            sums.push((self.say("Hors TVA", "Without VAT").to_owned(), net.to_string()));
            sums.push((format!("{} {rate}", self.say("TVA", "VAT")), receipt.tax.to_string()));
        }
        sums.push((self.say("Total", "Total").to_owned(), receipt.total.to_string()));
        sums
    }

    fn means(&self, payment: &Payment) -> String {
        let by_phone = payment.phone();
        let by_phone = by_phone.filter(|_| payment.status == PaymentStatus::Success);
        match (payment.means(), by_phone) {
            (Means::MobileMoney, Some(phone)) => {
                format!("{} {}", self.say("mobile money", "mobile money"), phone.masked())
            }
            (Means::MobileMoney, None) => self.say("mobile money", "mobile money").to_owned(),
            (Means::Credit, _) => self.say("crédit du client", "customer's credit").to_owned(),
            (Means::Voucher, _) => self.say("voucher", "voucher").to_owned(),
            (Means::Agent, _) => self.say("espèces, chez un agent", "cash, at an agent's").to_owned(),
        }
    }

    fn moment(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%d/%m/%Y %H:%M").to_string()
    }

    const fn say(&self, fr: &'static str, en: &'static str) -> &'static str {
        match self.locale {
            Locale::Fr => fr,
            Locale::En => en,
        }
    }
}

/// Who gives the receipt.
fn from(seller: &Seller, tax_number: &str) -> Vec<String> {
    let address: Vec<&str> = seller.address_lines().collect();
    // One that was kept when there was no bound goes on in the last line.
    let (own, rest) = address.split_at(address.len().min(Seller::MOST_ADDRESS_LINES - 1));
    let mut lines = vec![seller.name.clone()];
    lines.extend(own.iter().map(|line| (*line).to_owned()));
    lines.push(rest.join(", "));
    lines.extend(seller.tax_id.as_ref().map(|id| format!("{tax_number} {id}")));
    lines.retain(|line| !line.trim().is_empty());
    lines
}

impl From<Receipt> for ReceiptView {
    fn from(receipt: Receipt) -> Self {
        Self {
            id: receipt.id.as_uuid(),
            number: receipt.text,
            site_id: receipt.site_id.as_uuid(),
            order_id: receipt.order_id.as_uuid(),
            payment_id: receipt.payment_id.as_uuid(),
            total: receipt.total.into(),
            tax: receipt.tax.into(),
            tax_basis_points: receipt.tax_rate.get(),
            seller: receipt.seller.into(),
            fiscal: receipt.fiscal.map(Into::into),
            issued_at: receipt.issued_at,
        }
    }
}

impl From<FiscalMark> for FiscalMarkView {
    fn from(mark: FiscalMark) -> Self {
        let FiscalMark { device, code, counters, at, qr } = mark;
        Self { device, code, counters, at, qr }
    }
}

impl From<Seller> for SellerView {
    fn from(Seller { name, address, tax_id }: Seller) -> Self {
        Self { name, address, tax_id }
    }
}
