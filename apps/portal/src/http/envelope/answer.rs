//! What a handler returns when all went well: one thing ([`Answer`]), a page or stretch of a list ([`ListAnswer`],
//! [`CursorAnswer`]), or nothing ([`NoContent`]). Each finds the request's id by itself.

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, Responder,
    body::BoxBody,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
};
use kernel::Page;
use serde::Serialize;

use super::{
    CursorEnvelope, CursorMeta, CursorPagination, Envelope, ListEnvelope, ListMeta, Meta, Pagination,
};
use crate::http::{etag, request_id};

/// One thing.
#[derive(Debug)]
pub struct Answer<T> {
    data: T,
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl<T> Answer<T> {
    fn with_status(status: StatusCode, data: T) -> Self {
        Self { data, status, headers: Vec::new() }
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
        self.headers.extend(HeaderValue::from_str(value).map(|value| (name, value)));
        self
    }
}

impl<T: Serialize> Responder for Answer<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        for header in self.headers {
            response.insert_header(header);
        }
        response.json(Envelope {
            success: true,
            data: self.data,
            meta: Meta { request_id: request_id::text_of(request) },
            errors: BTreeMap::new(),
        })
    }
}

/// One page of a list.
#[derive(Debug)]
pub struct ListAnswer<T> {
    items: Vec<T>,
    pagination: Pagination,
    revalidated: bool,
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
        Self { items: page.items, pagination, revalidated: false }
    }

    /// The same with an entity tag: a caller that has this page already gets 304 without it.
    #[must_use]
    pub fn revalidated(mut self) -> Self {
        self.revalidated = true;
        self
    }
}

impl<T: Serialize> ListAnswer<T> {
    fn tag(&self) -> Option<String> {
        self.revalidated.then(|| etag::of(&(&self.items, self.pagination))).flatten()
    }
}

impl<T: Serialize> Responder for ListAnswer<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponseBuilder::new(StatusCode::OK);
        if let Some(tag) = self.tag() {
            if etag::is_known(request, &tag) {
                return etag::stamp(&mut HttpResponse::NotModified(), tag).finish();
            }
            etag::stamp(&mut response, tag);
        }
        response.json(ListEnvelope {
            success: true,
            data: self.items,
            meta: ListMeta { request_id: request_id::text_of(request), pagination: self.pagination },
            errors: BTreeMap::new(),
        })
    }
}

/// One stretch of a list that is read on with a cursor.
#[derive(Debug)]
pub struct CursorAnswer<T> {
    items: Vec<T>,
    pagination: CursorPagination,
}

impl<T> CursorAnswer<T> {
    /// 200 with one stretch; `next_cursor` where there is more.
    #[must_use]
    pub fn of(items: Vec<T>, next_cursor: Option<String>, per_page: u32) -> Self {
        Self { items, pagination: CursorPagination { next_cursor, prev_cursor: None, per_page } }
    }
}

impl<T: Serialize> Responder for CursorAnswer<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().json(CursorEnvelope {
            success: true,
            data: self.items,
            meta: CursorMeta { request_id: request_id::text_of(request), pagination: self.pagination },
            errors: BTreeMap::new(),
        })
    }
}

/// 204: it is done, and there is nothing to say.
#[derive(Debug)]
pub struct NoContent;

impl Responder for NoContent {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{
        Responder as _,
        http::header::{ETAG, IF_NONE_MATCH},
        test::TestRequest,
    };
    use kernel::{Page, PageRequest};

    use super::ListAnswer;

    fn answer() -> ListAnswer<&'static str> {
        let request = PageRequest::default();
        ListAnswer::of(Page { items: vec!["2H", "1DAY"], request, total: 2 }).revalidated()
    }

    #[test]
    fn who_has_the_list_already_does_not_get_it_again() {
        let first = answer().respond_to(&TestRequest::get().to_http_request());
        let tag = first.headers().get(ETAG).unwrap().clone();
        let again = TestRequest::get().insert_header((IF_NONE_MATCH, tag.clone())).to_http_request();
        let second = answer().respond_to(&again);
        assert_eq!(second.status(), 304);
        assert_eq!(second.headers().get(ETAG), Some(&tag));
    }
}
