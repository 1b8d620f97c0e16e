//! Lists are always asked for and given page by page.

/// Which page of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    page: u32,
    per_page: u32,
}

impl PageRequest {
    /// The largest page that can be asked for.
    pub const MAX_PER_PAGE: u32 = 100;
    /// The size of a page when nothing is asked for.
    pub const DEFAULT_PER_PAGE: u32 = 20;
    /// The last page that can be asked for; behind it a list is narrowed by its filters instead.
    pub const MAX_PAGE: u32 = 100_000;

    /// Page `page`, counted from 1, of `per_page` items; both are brought into their ranges.
    #[must_use]
    pub fn new(page: u32, per_page: u32) -> Self {
        Self { page: page.clamp(1, Self::MAX_PAGE), per_page: per_page.clamp(1, Self::MAX_PER_PAGE) }
    }

    /// The page's number, from 1.
    #[must_use]
    pub const fn page(self) -> u32 {
        self.page
    }

    /// How many items a page holds.
    #[must_use]
    pub const fn per_page(self) -> u32 {
        self.per_page
    }

    /// How many items come before this page.
    #[must_use]
    pub const fn offset(self) -> u64 {
        (self.page as u64 - 1) * self.per_page as u64
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self::new(1, Self::DEFAULT_PER_PAGE)
    }
}

/// One page of a list, with the size of the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// What was asked for.
    pub request: PageRequest,
    /// How many items all pages hold.
    pub total: u64,
}

impl<T> Page<T> {
    /// The same page of other items.
    #[must_use]
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(each).collect(), request: self.request, total: self.total }
    }

    /// How many pages there are.
    #[must_use]
    pub const fn pages(&self) -> u64 {
        self.total.div_ceil(self.request.per_page as u64)
    }
}
