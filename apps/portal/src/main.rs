//! x
fn main(){ println!("{}", portal::http::openapi::document().to_pretty_json().unwrap()); }
