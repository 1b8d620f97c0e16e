//! billing, in the database.
