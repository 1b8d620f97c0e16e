//! The form of every JSON answer: `success`, `data`, `meta`, `errors`. A handler returns an [`Answer`] or a
//! [`ListAnswer`] of view types; what goes wrong is an [`ApiError`](super::error::ApiError).

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
};
use kernel::Page;
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::schema::{Object, ObjectBuilder, Type},
};

use super::{error::ApiErrorCode, etag, request_id};

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

fn null() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Null)
        .description(Some("Always null."))
        .build()
}

/// What a handler returns for one thing.
#[derive(Debug)]
pub struct Answer<T> {
    data: T,
    head: Head,
}

/// What a handler returns for one page of a list.
#[derive(Debug)]
pub struct ListAnswer<T> {
    items: Vec<T>,
    pagination: Pagination,
    head: Head,
}

#[derive(Debug, Default)]
struct Head {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    revalidated: bool,
}

impl<T> Answer<T> {
    fn with_status(status: StatusCode, data: T) -> Self {
        let head = Head {
            status,
            ..Head::default()
        };
        Self { data, head }
    }

    /// 200.
    #[must_use]
    pub fn ok(data: T) -> Self {
        Self::with_status(StatusCode::OK, data)
    }

    /// 201, with the path under which the new thing is found.
    #[must_use]
    pub fn created(data: T, location: &str) -> Self {
        Self::with_status(StatusCode::CREATED, data).with_header(header::LOCATION, location)
    }

    /// 202: the work has begun, and `location` shows how it goes on.
    #[must_use]
    pub fn accepted(data: T, location: &str) -> Self {
        Self::with_status(StatusCode::ACCEPTED, data).with_header(header::LOCATION, location)
    }

    /// The same with one more header. A value that no header can carry is left out.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        self.head
            .headers
            .extend(HeaderValue::from_str(value).map(|value| (name, value)));
        self
    }
}

impl<T> ListAnswer<T> {
    /// 200 with one page.
    #[must_use]
    pub fn of(page: Page<T>) -> Self {
        let pagination = Pagination {
            page: page.request.page(),
            per_page: page.request.per_page(),
            total: page.total,
            pages: page.pages(),
        };
        Self {
            items: page.items,
            pagination,
            head: Head::default(),
        }
    }

    /// The same with an entity tag: a caller that has this page already gets 304 without it.
    #[must_use]
    pub fn revalidated(mut self) -> Self {
        self.head.revalidated = true;
        self
    }
}

impl<T: Serialize> Responder for Answer<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let body = Envelope {
            success: true,
            data: self.data,
            meta: Meta {
                request_id: request_id_of(request),
            },
            errors: BTreeMap::new(),
        };
        self.head.into_response().json(body)
    }
}

impl<T: Serialize> Responder for ListAnswer<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let tag = self
            .head
            .revalidated
            .then(|| etag::of(&(&self.items, self.pagination)));
        let mut response = match tag.flatten() {
            Some(tag) if etag::is_known(request, &tag) => {
                return etag::stamp(&mut HttpResponse::NotModified(), tag).finish();
            }
            Some(tag) => {
                let mut response = self.head.into_response();
                etag::stamp(&mut response, tag);
                response
            }
            None => self.head.into_response(),
        };
        response.json(ListEnvelope {
            success: true,
            data: self.items,
            meta: ListMeta {
                request_id: request_id_of(request),
                pagination: self.pagination,
            },
            errors: BTreeMap::new(),
        })
    }
}

impl Head {
    fn into_response(self) -> actix_web::HttpResponseBuilder {
        let mut response = HttpResponse::build(self.status);
        for header in self.headers {
            response.insert_header(header);
        }
        response
    }
}

pub(super) fn request_id_of(request: &HttpRequest) -> String {
    request_id::of(request).map_or_else(String::new, |id| id.to_string())
}
