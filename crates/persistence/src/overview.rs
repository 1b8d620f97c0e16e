//! Read-only views across domains.
