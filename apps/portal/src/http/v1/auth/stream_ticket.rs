//! A ticket for a stream.

use std::sync::Arc;

use actix_web::{post, web::Data};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        policy::Caller,
    },
};

/// A ticket for a stream.
#[derive(Serialize, ToSchema)]
#[schema(as = StreamTicket)]
pub struct StreamTicketView {
    /// Opens one stream, once: `new EventSource(address + "?ticket=" + ticket)`.
    #[schema(example = "hpt_3Zf0Jm1qX9bYt6RkVw2uLs8dNc4eGh7iPo5aTrKyQxE")]
    ticket: String,
    /// Until when it is good: 30 seconds.
    #[schema(example = "2026-01-17T12:00:30Z")]
    expires_at: DateTime<Utc>,
}

/// Gives a ticket for a stream: a browser's `EventSource` cannot send a token. It works once and for 30 seconds; a stream
/// that has ended is opened again with a new one.
#[utoipa::path(
    tag = "Authentication",
    operation_id = "issue_stream_ticket",
    responses((status = 200, description = "The ticket.", body = Envelope<StreamTicketView>))
)]
#[post("/api/v1/auth/stream-tickets")]
pub async fn issue_stream_ticket(
    services: Data<Arc<Services>>,
    caller: Caller,
) -> Result<Answer<StreamTicketView>, ApiError> {
    let (ticket, expires_at) = services.identity.issue_stream_ticket(&caller.0).await?;
    Ok(Answer::ok(StreamTicketView { ticket: ticket.expose().to_owned(), expires_at }))
}
