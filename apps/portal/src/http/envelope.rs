//! The form of every JSON answer: `success`, `data`, `meta`, `errors`. A handler returns an [`Answer`], a
//! [`ListAnswer`], a [`CursorAnswer`] or [`NoContent`]; what goes wrong is an [`ApiError`](super::error::ApiError).

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::schema::{Object, ObjectBuilder, Type},
};

use super::error::ApiErrorCode;

mod answer;

pub use answer::{Answer, CursorAnswer, ListAnswer, NoContent};

/// An answer with one thing in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Envelope<T> {
    /// Always true.
    #[schema(example = true)]
    pub success: bool,
    /// What was asked for.
    pub data: T,
    /// About the answer itself.
    pub meta: Meta,
    /// Always empty.
    #[schema(example = json!({}))]
    pub errors: BTreeMap<String, Vec<String>>,
}

/// An answer with one page of a list in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListEnvelope<T> {
    /// Always true.
    #[schema(example = true)]
    pub success: bool,
    /// The items of this page.
    pub data: Vec<T>,
    /// About the answer itself.
    pub meta: ListMeta,
    /// Always empty.
    #[schema(example = json!({}))]
    pub errors: BTreeMap<String, Vec<String>>,
}

/// An answer with one stretch of a list in it that is read on with a cursor.
#[derive(Debug, Serialize, ToSchema)]
pub struct CursorEnvelope<T> {
    /// Always true.
    #[schema(example = true)]
    pub success: bool,
    /// The items of this stretch.
    pub data: Vec<T>,
    /// About the answer itself.
    pub meta: CursorMeta,
    /// Always empty.
    #[schema(example = json!({}))]
    pub errors: BTreeMap<String, Vec<String>>,
}

/// An answer that says what went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorEnvelope {
    /// Always false.
    #[schema(example = false)]
    pub success: bool,
    /// Always null.
    #[schema(schema_with = null)]
    pub data: (),
    /// About the answer itself.
    pub meta: ErrorMeta,
    /// What is wrong with which field, in the caller's language. A field is named by its path: `phone`,
    /// `items[0].quantity`; `body` is the whole body.
    #[schema(example = json!({"quantity": ["doit être au moins 1"]}))]
    pub errors: BTreeMap<String, Vec<String>>,
}

/// About an answer with one thing.
#[derive(Debug, Serialize, ToSchema)]
pub struct Meta {
    /// Names the request, for questions to the operator.
    #[schema(example = "0197f2a4-6a1e-4c53-9b7e-2f5d8c1a3e90")]
    pub request_id: String,
}

/// About an answer with a page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListMeta {
    /// Names the request, for questions to the operator.
    #[schema(example = "0197f2a4-6a1e-4c53-9b7e-2f5d8c1a3e90")]
    pub request_id: String,
    /// Which page this is.
    pub pagination: Pagination,
}

/// About an answer with a stretch of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct CursorMeta {
    /// Names the request, for questions to the operator.
    #[schema(example = "0197f2a4-6a1e-4c53-9b7e-2f5d8c1a3e90")]
    pub request_id: String,
    /// How to read on.
    pub pagination: CursorPagination,
}

/// About an answer that says what went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorMeta {
    /// Names the request, for questions to the operator.
    #[schema(example = "0197f2a4-6a1e-4c53-9b7e-2f5d8c1a3e90")]
    pub request_id: String,
    /// What went wrong, for programs.
    pub code: ApiErrorCode,
    /// What went wrong, for people, in the caller's language.
    #[schema(example = "Certaines valeurs ne sont pas acceptées.")]
    pub message: String,
}

/// Which page of a list an answer holds.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Pagination {
    /// The page's number, from 1.
    #[schema(example = 1, minimum = 1)]
    pub page: u32,
    /// How many items a page holds at most.
    #[schema(example = 20, minimum = 1, maximum = 100)]
    pub per_page: u32,
    /// How many items all pages hold.
    #[schema(example = 42)]
    pub total: u64,
    /// How many pages there are.
    #[schema(example = 3)]
    pub pages: u64,
}

/// How to read on in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CursorPagination {
    /// Where the next stretch begins; null when this is the last.
    #[schema(example = "AAZIcZ8kAAABl_KkahxTm34vXYwaPpA")]
    pub next_cursor: Option<String>,
    /// Where the stretch before begins; null where a list is read in one direction.
    #[schema(example = json!(null))]
    pub prev_cursor: Option<String>,
    /// How many items a stretch holds at most.
    #[schema(example = 20, minimum = 1, maximum = 100)]
    pub per_page: u32,
}

fn null() -> Object {
    ObjectBuilder::new().schema_type(Type::Null).description(Some("Always null.")).build()
}
