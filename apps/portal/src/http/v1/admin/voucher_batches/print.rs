//! Giving the codes of vouchers out, to be printed.

use std::sync::Arc;

use actix_web::{HttpResponse, post, web::Data};
use billing::{use_cases::manage_vouchers::Printout, voucher::VoucherCode};
use chrono_tz::Tz;
use documents::{Align, Column, Format, Label, Labels, Paper, Table};
use kernel::{
    Ambient, Locale,
    id::{ids::VoucherBatchId, of},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    compose::Services,
    http::{
        attachment,
        error::{ApiError, FieldProblem},
        input::{Json, PathId},
        policy::RequestContext,
        server::Edge,
    },
};

/// How to print.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrintVouchersRequest {
    /// In which form.
    pub form: PrintForm,
    /// The number of the first voucher to print; from the beginning when it is not given.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub first: Option<u32>,
    /// The number of the last voucher to print; to the end when it is not given.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub last: Option<u32>,
    /// The language on the vouchers; the caller's when it is not given.
    #[serde(default)]
    #[schema(example = "fr")]
    pub locale: Option<PrintLocale>,
    /// Why, if the codes were given out before.
    #[serde(default)]
    #[validate(length(min = 3, max = 500))]
    #[schema(example = "the printer ate page 3", min_length = 3, max_length = 500)]
    pub reason: Option<String>,
}

/// In which form codes are given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = "a4")]
#[serde(rename_all = "snake_case")]
pub enum PrintForm {
    /// PDF: sheets of A4 to be cut, 24 vouchers on each.
    A4,
    /// PDF: a roll of 58 mm for a thermal printer, a voucher on each page.
    Roll58,
    /// PDF: a roll of 80 mm.
    Roll80,
    /// Number, code and address as comma-separated values, for a printer's own program.
    Csv,
}

impl PrintForm {
    const fn as_str(self) -> &'static str {
        match self {
            Self::A4 => "a4",
            Self::Roll58 => "roll58",
            Self::Roll80 => "roll80",
            Self::Csv => "csv",
        }
    }

    const fn paper(self) -> Option<Paper> {
        match self {
            Self::A4 => Some(Paper::A4),
            Self::Roll58 => Some(Paper::Roll58),
            Self::Roll80 => Some(Paper::Roll80),
            Self::Csv => None,
        }
    }
}

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrintLocale {
    /// French.
    Fr,
    /// English.
    En,
}

/// Prints the vouchers of a batch that were not redeemed.
///
/// Each has its code, and a QR code that leads to the page where it is redeemed. Whoever has the file has the vouchers: the
/// audit log says who has printed which batch, in which form, and from the second time on, why.
#[utoipa::path(
    tag = "Administration",
    operation_id = "print_vouchers",
    request_body = PrintVouchersRequest,
    params(("id" = Uuid, Path, description = "The batch.")),
    responses(
        (
            status = 200,
            description = "The file; its media type is that of the form.",
            content((Vec<u8> = "application/pdf"), (String = "text/csv"))
        ),
        (status = 404, description = "There is no such batch."),
        (status = 409, description = "`voucher_revoked`, or `voucher_over`: none of them can be redeemed any more."),
        (status = 422, description = "A value is not accepted; `reason` is missing where the codes were given out before."),
    )
)]
#[post("/api/v1/admin/voucher-batches/{id}/print")]
pub async fn print_vouchers(
    services: Data<Arc<Services>>,
    edge: Data<Edge>,
    context: RequestContext,
    id: PathId<of::VoucherBatch>,
    body: Json<PrintVouchersRequest>,
) -> Result<HttpResponse, ApiError> {
    print(&services, &edge, &context, id.0, body.into_inner()).await
}

/// Gives the codes of a batch out as a file, whoever asks.
///
/// # Errors
/// There is no such batch, it is revoked, a reason is missing, or the file cannot be made.
pub async fn print(
    services: &Services,
    edge: &Edge,
    context: &RequestContext,
    id: VoucherBatchId,
    request: PrintVouchersRequest,
) -> Result<HttpResponse, ApiError> {
    let PrintVouchersRequest { form, first, last, locale, reason } = request;
    let numbers = first.unwrap_or(1)..=last.unwrap_or(u32::MAX);
    if numbers.is_empty() {
        let said = ("est avant le premier", "is before the first");
        return Err(ApiError::field("last", FieldProblem::Said(said.0.to_owned(), said.1.to_owned())));
    }
    let reason = reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    let printout =
        services.billing.print_vouchers(&context.origin, id, form.as_str(), numbers, reason).await?;
    let maker = Maker {
        locale: locale.map_or(context.locale, |locale| match locale {
            PrintLocale::Fr => Locale::Fr,
            PrintLocale::En => Locale::En,
        }),
        zone: services.zone,
        redeem_at: edge.settings.redeem_url.clone(),
    };
    let made_at = edge.ambient.clone();
    let file = attachment::make(move || maker.file(&printout, form, &made_at)).await?;
    let format = if form == PrintForm::Csv { Format::Csv } else { Format::Pdf };
    let name = format!("vouchers.{}", format.as_str());
    Ok(attachment::attachment(&name, format.media_type(), file))
}

/// Makes files of codes.
struct Maker {
    locale: Locale,
    zone: Tz,
    redeem_at: String,
}

impl Maker {
    fn file(
        &self,
        printout: &Printout,
        form: PrintForm,
        ambient: &Ambient,
    ) -> Result<Vec<u8>, documents::DocumentError> {
        match form.paper() {
            Some(paper) => self.labels(printout, paper).to_pdf(),
            None => documents::writer(Format::Csv).write(&self.table(printout, ambient)),
        }
    }

    /// Where a voucher is redeemed. The code stands behind the sign that no server sees.
    fn address(&self, code: &VoucherCode) -> String {
        format!("{}#{}", self.redeem_at, code.reveal())
    }

    fn labels(&self, Printout { batch, codes }: &Printout, paper: Paper) -> Labels {
        let label = |(number, code): &(u32, VoucherCode)| Label {
            code: code.printed(&batch.prefix),
            qr: self.address(code),
            number: format!("n° {number}"),
        };
        let mut lines = vec![self.say(
            "Wi-Fi : scannez ou saisissez le code sur la page d'accueil.",
            "Wi-Fi: scan this, or type the code on the welcome page.",
        )];
        if let Some(end) = batch.expires_at {
            let day = end.with_timezone(&self.zone).format("%d/%m/%Y");
            lines.push(format!("{} {day}", self.say("À utiliser avant le", "Use before")));
        }
        Labels {
            title: batch.name.clone(),
            locale: self.locale,
            heading: batch.package.name.clone(),
            price: batch.price.to_string(),
            lines,
            paper,
            labels: codes.iter().map(label).collect(),
        }
    }

    fn table(&self, Printout { batch, codes }: &Printout, ambient: &Ambient) -> Table {
        let column = |title: String| Column { title, align: Align::Left };
        Table {
            title: batch.name.clone(),
            notes: Vec::new(),
            made_at: ambient.now().with_timezone(&self.zone).fixed_offset(),
            locale: self.locale,
            columns: vec![
                column(self.say("Numéro", "Number")),
                column(self.say("Code", "Code")),
                column(self.say("Adresse", "Address")),
            ],
            rows: codes
                .iter()
                .map(|(number, code)| {
                    vec![number.to_string(), code.printed(&batch.prefix), self.address(code)]
                })
                .collect(),
        }
    }

    fn say(&self, fr: &str, en: &str) -> String {
        match self.locale {
            Locale::Fr => fr.to_owned(),
            Locale::En => en.to_owned(),
        }
    }
}
