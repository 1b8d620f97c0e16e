//! What handlers take in: [`Json`] bodies, [`Query`] strings, and the one parameter that a path has
//! ([`PathId`], [`PathText`]). What cannot be read
//! is refused with 400, what can be read and does not fit with 422 and the path of each field at fault.

use std::{future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    error::{PayloadError, QueryPayloadError},
    http::header,
    web::{self, Bytes},
};
use kernel::Id;
use serde::de::{DeserializeOwned, Error as _};
use serde_json::{Value, error::Category};
use validator::Validate;

use super::error::{ApiError, ApiErrorCode, FieldProblem};

/// The path under which the whole body is named.
const BODY: &str = "body";

/// A JSON body that has been validated, with its bytes for the idempotency key.
#[derive(Debug)]
pub struct Json<T> {
    value: T,
    bytes: Bytes,
}

impl<T> Json<T> {
    /// The value.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The body as it was sent.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Json<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(request);
        let bytes = Bytes::from_request(request, payload);
        Box::pin(async move {
            if !is_json {
                return Err(ApiErrorCode::UnsupportedMediaType.into());
            }
            let bytes = bytes.await.map_err(|error| unread(&error))?;
            let value: T = parse(&bytes)?;
            value.validate()?;
            Ok(Self { value, bytes })
        })
    }
}

fn is_json(request: &HttpRequest) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    content_type.and_then(|value| value.to_str().ok()).and_then(|value| value.split(';').next()).is_some_and(
        |media_type| {
            let media_type = media_type.trim().to_ascii_lowercase();
            media_type == "application/json" || media_type.ends_with("+json")
        },
    )
}

/// Why a body could not be read to its end.
fn unread(error: &actix_web::Error) -> ApiError {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => ApiErrorCode::PayloadTooLarge.into(),
        _ if error.as_response_error().status_code() == 413 => ApiErrorCode::PayloadTooLarge.into(),
        _ => ApiErrorCode::MalformedRequest.into(),
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        unfit(&path, error.inner())
    })?;
    json.end().map_err(|error| unfit(".", &error))?;
    match nul_within(bytes) {
        Some(path) => Err(ApiError::field(path, FieldProblem::ControlCharacter)),
        None => Ok(value),
    }
}

fn unfit(path: &str, error: &serde_json::Error) -> ApiError {
    if error.classify() != Category::Data {
        return ApiErrorCode::MalformedRequest.into();
    }
    let message = error.to_string();
    let problem = FieldProblem::of_serde(&message);
    let names_field =
        matches!(problem, FieldProblem::Missing | FieldProblem::Unknown | FieldProblem::Repeated);
    let name = message.split('`').nth(1).filter(|_| names_field);
    let path = match (path, name) {
        (".", None) => BODY.to_owned(),
        (".", Some(name)) => name.to_owned(),
        (path, Some(name)) if !ends_with(path, name) => format!("{path}.{name}"),
        (path, _) => path.to_owned(),
    };
    ApiError::field(path, problem)
}

fn ends_with(path: &str, name: &str) -> bool {
    path.rsplit('.').next() == Some(name)
}

/// The path of a text that holds U+0000, which PostgreSQL cannot keep. JSON can only write it escaped.
fn nul_within(bytes: &[u8]) -> Option<String> {
    if !bytes.windows(6).any(|window| window == b"\\u0000") {
        return None;
    }
    let value: Value = serde_json::from_slice(bytes).ok()?;
    let path = path_of_nul(&value)?;
    Some(if path.is_empty() { BODY.to_owned() } else { path })
}

fn path_of_nul(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| Some(format!("[{index}]{}", below(&path_of_nul(item)?)))),
        Value::Object(fields) => {
            fields.iter().find_map(|(name, field)| Some(format!("{name}{}", below(&path_of_nul(field)?))))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn below(path: &str) -> String {
    if path.is_empty() || path.starts_with('[') { path.to_owned() } else { format!(".{path}") }
}

/// A query string that has been validated. Every parameter is optional; unknown ones are passed over.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(parse_query(request.query_string()).map(Self))
    }
}

fn parse_query<T: DeserializeOwned + Validate>(text: &str) -> Result<T, ApiError> {
    if let Some(pair) = text.split('&').find(|pair| pair.contains("%00")) {
        let name = pair.split('=').next().unwrap_or_default();
        return Err(ApiError::field(name, FieldProblem::ControlCharacter));
    }
    let whole = match read_query::<T>(text) {
        Ok(value) => {
            value.validate()?;
            return Ok(value);
        }
        Err(message) => message,
    };
    // Serde stops at the first fault and does not name it. Since all parameters are optional, each can be tried
    // alone, and all that are at fault can be named.
    let faults: Vec<(&str, String)> = text
        .split('&')
        .filter_map(|pair| Some((pair.split('=').next()?, read_query::<T>(pair).err()?)))
        .collect();
    if faults.is_empty() {
        return Err(unfit(".", &serde_json::Error::custom(whole)));
    }
    let none = ApiError::new(ApiErrorCode::ValidationFailed);
    Err(faults
        .into_iter()
        .fold(none, |found, (name, message)| found.and_field(name, FieldProblem::of_serde(&message))))
}

fn read_query<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    web::Query::<T>::from_query(text).map(web::Query::into_inner).map_err(|error| match error {
        QueryPayloadError::Deserialize(fault) => fault.to_string(),
        other => other.to_string(),
    })
}

/// The id in a route's path.
#[derive(Debug)]
pub struct PathId<T>(pub Id<T>);

impl<T: 'static> FromRequest for PathId<T> {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(path_parameter(request).and_then(|(name, text)| {
            let id = text.parse().map(Self);
            id.map_err(|_| ApiError::field(name, FieldProblem::NotUuid))
        }))
    }
}

/// The text in a route's path, for things that have more than one name.
#[derive(Debug)]
pub struct PathText(pub String);

impl FromRequest for PathText {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(path_parameter(request).and_then(|(name, text)| {
            if text.contains('\0') {
                return Err(ApiError::field(name, FieldProblem::ControlCharacter));
            }
            Ok(Self(text.to_owned()))
        }))
    }
}

/// The one parameter that a route's path has.
fn path_parameter(request: &HttpRequest) -> Result<(&str, &str), ApiError> {
    let parameter = request.match_info().iter().next();
    parameter.ok_or_else(|| ApiError::internal("the route has no parameter in its path"))
}

#[cfg(test)]
mod tests {
    use kernel::Locale;
    use serde::Deserialize;
    use validator::Validate;

    use super::{parse, parse_query};
    use crate::http::error::ApiError;

    #[derive(Debug, Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Form {
        #[validate(length(min = 1))]
        name: String,
        #[serde(default)]
        #[validate(nested)]
        lines: Vec<Line>,
    }

    #[derive(Debug, Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Line {
        #[validate(range(min = 1, max = 100))]
        count: u32,
    }

    #[derive(Debug, Default, Deserialize, Validate)]
    #[serde(default)]
    struct Filter {
        count: Option<u32>,
        id: Option<uuid::Uuid>,
        on: Option<bool>,
        #[validate(range(min = 1, max = 100))]
        limit: Option<u32>,
    }

    fn told(error: &ApiError) -> Vec<String> {
        let fields = error.fields.iter();
        fields
            .flat_map(|(path, problems)| {
                problems.iter().map(move |problem| format!("{path} {}", problem.sentence(Locale::En)))
            })
            .collect()
    }

    #[test]
    fn a_body_that_does_not_fit_names_its_fields() {
        for (body, said) in [
            (r"[]", vec!["body is not acceptable"]),
            (r"{}", vec!["name is required"]),
            (r#"{"name":1}"#, vec!["name must be text"]),
            (r#"{"name":"a","x":1}"#, vec!["x is not known here"]),
            (
                r#"{"name":"a","lines":[{"count":1},{"count":"x"}]}"#,
                vec!["lines[1].count must be a whole number"],
            ),
            (r#"{"name":"a","lines":[{"count":1,"y":1}]}"#, vec!["lines[0].y is not known here"]),
            (r#"{"name":"a","lines":[{}]}"#, vec!["lines[0].count is required"]),
            (r#"{"name":"a\u0000b"}"#, vec!["name holds a character that is not permitted"]),
        ] {
            assert_eq!(told(&parse::<Form>(body.as_bytes()).unwrap_err()), said, "{body}");
        }
    }

    #[test]
    fn every_value_out_of_its_range_is_named() {
        let form: Form = parse(br#"{"name":"","lines":[{"count":0}]}"#).unwrap();
        let error = ApiError::from(form.validate().unwrap_err());
        assert_eq!(
            told(&error),
            ["lines[0].count must be between 1 and 100", "name must have at least 1 characters"]
        );
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        for body in ["", "{", r#"{"name":"a"} {}"#, "name=a"] {
            let error = parse::<Form>(body.as_bytes()).unwrap_err();
            assert_eq!(error.code().as_str(), "malformed_request", "{body}");
        }
    }

    #[test]
    fn all_parameters_at_fault_are_named() {
        let filter: Filter = parse_query("count=3&other=x").unwrap();
        assert_eq!(filter.count, Some(3));
        let error = parse_query::<Filter>("count=x&id=1&on=true").unwrap_err();
        assert_eq!(told(&error), ["count must be a whole number", "id must be a UUID"]);
        let error = parse_query::<Filter>("on=maybe").unwrap_err();
        assert_eq!(told(&error), ["on must be true or false"]);
        let error = parse_query::<Filter>("limit=0").unwrap_err();
        assert_eq!(told(&error), ["limit must be between 1 and 100"]);
        let error = parse_query::<Filter>("count=1&count=2").unwrap_err();
        assert_eq!(told(&error), ["count is given twice"]);
        let error = parse_query::<Filter>("count=%00").unwrap_err();
        assert_eq!(told(&error), ["count holds a character that is not permitted"]);
    }
}
