//! What radius does when others tell it something.

use std::sync::Arc;

use kernel::Consumer;

use crate::use_cases::Radius;

/// Every consumer of this domain.
#[must_use]
pub fn all(_radius: &Arc<Radius>) -> Vec<Arc<dyn Consumer>> {
    vec![]
}
