//! Entity tags (RFC 9110, section 8.8): a caller that has a list already gets 304 instead of the same again.
//!
//! The tags are weak: two answers with the same data differ in their request id, so that they are equivalent
//! but not the same bytes.

use actix_web::{
    HttpRequest, HttpResponseBuilder,
    http::header::{self, HeaderMap},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The tag of some data; `None` if the data have no JSON form.
pub(super) fn of(data: &impl Serialize) -> Option<String> {
    let json = serde_json::to_vec(data).ok()?;
    let digest = Sha256::digest(json);
    Some(format!("W/\"{}\"", hex::encode(digest.get(..16)?)))
}

/// Whether the caller has data with this tag already.
pub(super) fn is_known(request: &HttpRequest, tag: &str) -> bool {
    matches(request.headers(), tag)
}

fn matches(headers: &HeaderMap, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    headers
        .get_all(header::IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|candidate| candidate.trim() == "*" || opaque(candidate) == opaque(tag))
}

/// Puts the tag on an answer, and tells caches to ask again each time.
pub(super) fn stamp(response: &mut HttpResponseBuilder, tag: String) -> &mut HttpResponseBuilder {
    response.insert_header((header::ETAG, tag)).insert_header((header::CACHE_CONTROL, "no-cache"))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderValue, IF_NONE_MATCH};

    use super::{matches, of};

    #[test]
    fn equal_data_have_equal_tags_and_others_do_not() {
        assert_eq!(of(&["2H", "1DAY"]), of(&["2H", "1DAY"]));
        assert_ne!(of(&["2H", "1DAY"]), of(&["1DAY", "2H"]));
    }

    #[test]
    fn a_tag_is_found_among_several_and_behind_a_star() {
        let tag = of(&1).unwrap();
        for (header, known) in [
            (tag.clone(), true),
            (tag.trim_start_matches("W/").to_owned(), true),
            (format!("\"other\", {tag}"), true),
            ("*".to_owned(), true),
            ("\"other\"".to_owned(), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, HeaderValue::from_str(&header).unwrap());
            assert_eq!(matches(&headers, &tag), known, "{header}");
        }
    }
}
