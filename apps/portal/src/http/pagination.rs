//! Which page of a list a request asks for.

use kernel::PageRequest;
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

/// The parameters of every list. A list with filters takes a second `Query` beside this one.
#[derive(Debug, Clone, Copy, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The page's number, from 1.
    #[validate(range(min = 1, max = 100_000))]
    #[param(minimum = 1, maximum = 100_000, default = 1, example = 1)]
    pub page: Option<u32>,
    /// How many items a page holds.
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub per_page: Option<u32>,
}

impl PageQuery {
    /// The page, once the query has been validated.
    #[must_use]
    pub fn request(self) -> PageRequest {
        PageRequest::new(self.page.unwrap_or(1), self.per_page.unwrap_or(PageRequest::DEFAULT_PER_PAGE))
    }
}
