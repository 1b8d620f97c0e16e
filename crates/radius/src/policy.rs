//! From a profile and what is left of its quotas to RADIUS attributes, and from a login to its answer.
//!
//! Pure: the directory writes what [`compile`](self) gives, the embedded server and `explain` ask the same code.
