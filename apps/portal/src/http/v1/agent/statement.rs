//! The history of a wallet, to look at and as a file.

use std::sync::Arc;

use actix_web::{HttpResponse, get, web::Data};
use billing::queries::agents::{
    AgentTotals, Turnover, WalletEntry, WalletFilter, WalletReason, WalletStatement,
};
use chrono::{DateTime, Utc};
use documents::{Align, Column, Format, Table};
use kernel::{Locale, Money, id::ids::UserId};
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

use super::WalletStatementView;
use crate::{
    compose::Services,
    http::{
        attachment,
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::Query,
        policy::{Caller, RequestContext},
        server::Edge,
        v1::admin::users::export::FileFormat,
    },
};

/// The most entries that are told at once.
const MOST: u64 = 10_000;

/// Which part of a wallet's history.
#[derive(Debug, Default, Clone, Copy, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct StatementQuery {
    /// Only at this moment or later.
    #[param(example = "2026-01-17T00:00:00Z")]
    pub from: Option<DateTime<Utc>>,
    /// Only before this moment.
    #[param(example = "2026-01-18T00:00:00Z")]
    pub to: Option<DateTime<Utc>>,
}

/// What kind of file.
#[derive(Debug, Default, Clone, Copy, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct StatementFormatQuery {
    /// What kind of file; `csv` when it is not given.
    #[param(inline)]
    format: Option<FileFormat>,
}

/// The history of the caller's wallet, oldest first, at most 10,000 entries.
#[utoipa::path(
    tag = "Agents",
    operation_id = "show_wallet_statement",
    params(StatementQuery),
    responses(
        (status = 200, description = "The history.", body = Envelope<WalletStatementView>),
        (status = 422, description = "`export_too_large`: narrow the time."),
    )
)]
#[get("/api/v1/agent/statement")]
pub async fn show_wallet_statement(
    services: Data<Arc<Services>>,
    caller: Caller,
    query: Query<StatementQuery>,
) -> Result<Answer<WalletStatementView>, ApiError> {
    Ok(Answer::ok(statement(&services, caller.0.user_id, query.0).await?.into()))
}

/// The history of the caller's wallet as CSV, XLSX or PDF.
#[utoipa::path(
    tag = "Agents",
    operation_id = "export_wallet_statement",
    params(StatementQuery, StatementFormatQuery),
    responses(
        (
            status = 200,
            description = "The file; its media type is that of the format.",
            content(
                (String = "text/csv"),
                (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
                (Vec<u8> = "application/pdf"),
            )
        ),
        (status = 422, description = "`export_too_large`: narrow the time."),
    )
)]
#[get("/api/v1/agent/statement/export")]
pub async fn export_wallet_statement(
    services: Data<Arc<Services>>,
    edge: Data<Edge>,
    caller: Caller,
    context: RequestContext,
    query: Query<StatementQuery>,
    format: Query<StatementFormatQuery>,
) -> Result<HttpResponse, ApiError> {
    file(&services, &edge, context.locale, caller.0.user_id, (query.0, format.0)).await
}

/// A wallet's history.
///
/// # Errors
/// It is longer than is told at once.
pub async fn statement(
    services: &Services,
    agent_id: UserId,
    query: StatementQuery,
) -> Result<WalletStatement, ApiError> {
    let filter = WalletFilter { agent_id, from: query.from, to: query.to };
    let statement = services.billing.wallet_statement(&filter, MOST).await?;
    statement.ok_or_else(|| ApiErrorCode::ExportTooLarge.into())
}

/// A wallet's history as a file.
///
/// # Errors
/// It is longer than is told at once, or the file cannot be made.
pub async fn file(
    services: &Services,
    edge: &Edge,
    locale: Locale,
    agent_id: UserId,
    (query, format): (StatementQuery, StatementFormatQuery),
) -> Result<HttpResponse, ApiError> {
    let statement = statement(services, agent_id, query).await?;
    let agent = services.identity.user(agent_id).await?;
    let name =
        agent.map_or_else(|| agent_id.to_string(), |user| format!("{} {}", user.first_name, user.last_name));
    let maker = Maker { locale, zone: services.zone };
    let table = maker.table(&name, query, &statement, edge.ambient.now());
    let format = Format::from(format.format.unwrap_or_default());
    let file = attachment::make(move || documents::writer(format).write(&table)).await?;
    let name = format!("statement.{}", format.as_str());
    Ok(attachment::attachment(&name, format.media_type(), file))
}

/// Writes a history down in a language and a zone.
struct Maker {
    locale: Locale,
    zone: chrono_tz::Tz,
}

impl Maker {
    fn table(
        &self,
        name: &str,
        query: StatementQuery,
        statement: &WalletStatement,
        now: DateTime<Utc>,
    ) -> Table {
        let column = |fr, en, align| Column { title: self.say(fr, en).to_owned(), align };
        Table {
            title: format!("{} – {name}", self.say("Relevé d'agent", "Agent's statement")),
            notes: self.notes(query, statement),
            made_at: now.with_timezone(&self.zone).fixed_offset(),
            locale: self.locale,
            columns: vec![
                column("Date", "Date", Align::Left),
                column("Opération", "What", Align::Left),
                column("Commission", "Commission", Align::Right),
                column("Montant", "Amount", Align::Right),
                column("Solde", "Balance", Align::Right),
            ],
            rows: statement.entries.iter().map(|(entry, left)| self.row(entry, *left)).collect(),
        }
    }

    fn notes(&self, query: StatementQuery, statement: &WalletStatement) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(from) = query.from {
            notes.push(format!("{} {}", self.say("À partir du", "From"), self.moment(from)));
        }
        if let Some(to) = query.to {
            notes.push(format!("{} {}", self.say("Jusqu'au", "Until"), self.moment(to)));
        }
        let before = |money: &Money| format!("{} {money}", self.say("Solde initial :", "Balance before:"));
        notes.extend(statement.before.iter().map(before));
        for AgentTotals { sold, taken_back } in &statement.totals {
            let words = [self.say("Ventes :", "Sales:"), self.say("Reprises :", "Taken back:")];
            let of_both = words.into_iter().zip([sold, taken_back]);
            let some = of_both.filter(|(_, turnover)| turnover.times > 0);
            notes.extend(some.map(|(word, turnover)| format!("{word} {}", self.sum(turnover))));
        }
        notes
    }

    fn row(&self, entry: &WalletEntry, left: Money) -> Vec<String> {
        let (what, commission) = match &entry.reason {
            WalletReason::Cash(note) if entry.amount.minor() < 0 => {
                (format!("{} {note}", self.say("Retrait :", "Withdrawal:")), None)
            }
            WalletReason::Cash(note) => (format!("{} {note}", self.say("Dépôt :", "Top-up:")), None),
            WalletReason::Sale(number, commission) => {
                (format!("{} {number}", self.say("Vente", "Sale")), Some(*commission))
            }
            WalletReason::Refund(number, commission) => {
                (format!("{} {number}", self.say("Remboursement", "Refund")), Some(*commission))
            }
            WalletReason::VouchersReturned(package, count, commission) => {
                let back = self.say("repris", "taken back");
                (format!("{} {back}", vouchers(*count, package)), Some(*commission))
            }
            WalletReason::Vouchers(package, count, commission) => {
                (vouchers(*count, package), Some(*commission))
            }
        };
        let commission = commission.map(|money| money.to_string()).unwrap_or_default();
        vec![self.moment(entry.at), what, commission, entry.amount.to_string(), left.to_string()]
    }

    fn sum(&self, Turnover { times, price, commission }: &Turnover) -> String {
        match self.locale {
            Locale::Fr => format!("{times}, pour {price}, dont commission {commission}"),
            Locale::En => format!("{times}, for {price}, of which commission {commission}"),
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

/// Some vouchers, in either language.
fn vouchers(count: u32, package: &str) -> String {
    let word = if count == 1 { "voucher" } else { "vouchers" };
    format!("{count} {word} {package}")
}
