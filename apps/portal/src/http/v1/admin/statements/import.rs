//! Taking a gateway's statement in.

use std::sync::Arc;

use actix_web::{post, web::Data};
use billing::{
    statement::columns::ColumnNames,
    use_cases::import_statement::{ImportStatement, Imported},
};
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

use super::{ImportedStatementView, problems::said};
use crate::{
    compose::Services,
    http::{
        csv_body::CsvBody,
        envelope::{Answer, Envelope},
        error::{ApiError, FieldProblem},
        input::Query,
        policy::RequestContext,
        v1::admin::agreements::{currency, day},
    },
};

/// How the file is to be read.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// The gateway whose account the file is. It must be given.
    #[param(example = "serdipay", required = true)]
    pub gateway: Option<String>,
    /// Import the lines that can be read and leave the others out; else one bad line refuses the whole file.
    #[param(example = false)]
    pub partial: Option<bool>,
    /// The currency, where the file has no column for it.
    #[param(example = "CDF")]
    pub currency: Option<String>,
    /// The file's own names of columns: `amount:Valeur,date:Jour`. Many names are known in English and French.
    #[validate(length(max = 500))]
    #[param(example = "amount:Valeur", max_length = 500)]
    pub columns: Option<String>,
    /// The first day that the file covers; the day of its earliest line when it is not given.
    #[param(example = "2026-01-17", value_type = Option<chrono::NaiveDate>)]
    pub from: Option<String>,
    /// The last, inclusive; likewise.
    #[param(example = "2026-01-17", value_type = Option<chrono::NaiveDate>)]
    pub to: Option<String>,
}

/// Imports a gateway's statement: a header, then a line for each payment, with commas or semicolons between cells,
/// in UTF-8. Needed are a date, an amount, a currency and a transaction or session id; a reference (ours), a phone,
/// a status and a fee are read where they are. What the lines mean is found out in the background. The same file
/// again changes nothing.
#[utoipa::path(
    tag = "Administration",
    operation_id = "import_statement",
    params(ImportQuery),
    request_body(content = String, content_type = "text/csv", description = "The file, at most 5 MiB and 20,000 lines.", example = "Transaction ID,Session ID,Date,Amount,Currency,Status\nSERD1,700000042,17/01/2026 12:30,1500,CDF,success\n"),
    responses(
        (status = 201, description = "The statement. Its lines are compared in the background.", body = Envelope<ImportedStatementView>, headers(("Location" = String, description = "Where to find it."))),
        (status = 200, description = "The statement of the first time: an equal file was imported before, and nothing has changed.", body = Envelope<ImportedStatementView>),
        (status = 413, description = "`payload_too_large`: the file has more than 5 MiB."),
        (status = 422, description = "Lines, columns or parameters that cannot be read, as `lines[12].amount`, `columns.date` or `gateway`. Nothing was imported."),
    )
)]
#[post("/api/v1/admin/statements")]
pub async fn import_statement(
    services: Data<Arc<Services>>,
    context: RequestContext,
    query: Query<ImportQuery>,
    body: CsvBody,
) -> Result<Answer<ImportedStatementView>, ApiError> {
    let ImportQuery { gateway, partial, currency: code, columns, from, to } = query.0;
    let gateway = gateway.ok_or_else(|| ApiError::field("gateway", FieldProblem::Missing))?;
    let columns = columns.as_deref().map(ColumnNames::parse).transpose().map_err(|_| {
        let (fr, en) =
            ("doit avoir la forme amount:Valeur,date:Jour", "must have the form amount:Valeur,date:Jour");
        ApiError::field("columns", said(fr, en))
    })?;
    let command = ImportStatement {
        gateway,
        bytes: &body.0,
        partial: partial.unwrap_or(false),
        currency: code.as_deref().map(currency).transpose()?,
        columns: columns.unwrap_or_default(),
        from: from.as_deref().map(|text| day("from", text)).transpose()?,
        to: to.as_deref().map(|text| day("to", text)).transpose()?,
    };
    let imported: Imported = services.billing.import_statement(&context.origin, command).await?;
    let location = format!("/api/v1/admin/statements/{}", imported.statement.id);
    let repeated = imported.repeated;
    let view = ImportedStatementView::from(imported);
    Ok(if repeated { Answer::ok(view) } else { Answer::created(view, &location) })
}
