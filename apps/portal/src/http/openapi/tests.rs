//! The document is whole: every route has a row in the policy table and the other way round, and whatever a
//! client reads has a description.

use std::{collections::BTreeSet, fs, path::Path};

use actix_web::{
    App, HttpResponse,
    test::{self, TestRequest},
};
use serde_json::Value;
use utoipa_actix_web::AppExt as _;

use super::{document, operations};
use crate::http::{error::ApiErrorCode, policy::rules::RULES};

/// Routes that serve pages, not the API.
const PAGES: [&str; 2] = ["/docs", "/docs/{_:.*}"];

fn json() -> Value {
    serde_json::to_value(document()).unwrap()
}

/// Every operation as `METHOD path` and its JSON.
fn all_operations() -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (path, item) in &mut document().paths.paths {
        for (method, operation) in operations(item) {
            found.push((format!("{method} {path}"), serde_json::to_value(operation).unwrap()));
        }
    }
    found
}

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let routes: BTreeSet<String> = all_operations().into_iter().map(|(route, _)| route).collect();
    let rows = RULES.iter().filter(|rule| !PAGES.contains(&rule.pattern));
    let rows: BTreeSet<String> = rows.map(|rule| format!("{} {}", rule.method, rule.pattern)).collect();
    assert_eq!(routes, rows);
}

#[actix_web::test]
async fn no_route_hides_another() {
    let app = App::new().into_utoipa_app().configure(crate::http::routes).into_app().wrap_fn(|request, _| {
        let pattern = request.match_pattern().unwrap_or_default();
        std::future::ready(Ok(request.into_response(HttpResponse::Ok().body(pattern))))
    });
    let service = test::init_service(app).await;
    for rule in RULES {
        let path: String = rule
            .pattern
            .split('/')
            .map(|part| if part.starts_with('{') { "some" } else { part })
            .collect::<Vec<_>>()
            .join("/");
        let request = TestRequest::default().method(rule.method.clone()).uri(&path).to_request();
        let found = test::call_and_read_body(&service, request).await;
        assert_eq!(found, rule.pattern, "{path} is taken for another route: put it before that one");
    }
}

#[test]
fn every_operation_says_what_it_does_and_answers() {
    let tags: BTreeSet<String> = json()["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap().to_owned())
        .collect();
    let mut ids = BTreeSet::new();
    for (route, operation) in all_operations() {
        assert!(operation["summary"].is_string(), "{route} has no summary");
        let id = operation["operationId"].as_str().unwrap_or_default();
        assert!(ids.insert(id.to_owned()), "{route}: operationId {id} is used twice");
        let tag = operation["tags"][0].as_str().unwrap_or_default();
        assert!(tags.contains(tag), "{route} has the tag `{tag}`, which is not described");
        assert!(operation["security"].is_array(), "{route} does not say who may call it");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{route}: {parameter}");
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            let described = response["$ref"].is_string() || response["description"] != "";
            assert!(described, "{route}: the response {status} has no description");
        }
    }
}

#[test]
fn every_field_has_a_description_and_an_example() {
    let document = json();
    let mut silent = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let parts = schema["allOf"].as_array().into_iter().flatten().chain([schema]);
        for (field, property) in parts.filter_map(|part| part["properties"].as_object()).flatten() {
            let refers = property.to_string().contains("$ref");
            let speaks = property.to_string().contains("\"description\"") || property["$ref"].is_string();
            let shown = ["example", "examples", "default"].iter().any(|key| property.get(key).is_some());
            if !speaks || !(shown || refers || property["type"] == "null") {
                silent.push(format!("{name}.{field}"));
            }
        }
    }
    assert_eq!(silent, [""; 0], "each needs a doc comment and `#[schema(example = …)]`");
}

#[test]
fn no_two_schemas_share_a_name() {
    let mut names = BTreeSet::new();
    let mut twice = Vec::new();
    for file in rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        for name in schemas_in(&fs::read_to_string(file).unwrap()) {
            if !names.insert(name.clone()) {
                twice.push(name);
            }
        }
    }
    assert!(names.contains("Envelope"), "the search finds no schemas");
    assert_eq!(twice, [""; 0], "the later schema silently replaces the earlier");
}

#[test]
fn the_codes_of_errors_are_those_that_are_sent() {
    let sent: Vec<&str> = ApiErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    let document = json();
    assert_eq!(document["components"]["schemas"]["ApiErrorCode"]["enum"], serde_json::json!(sent));
}

#[test]
fn references_lead_somewhere() {
    let document = json();
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer} is not there");
    }
}

/// The names of the schemas that a file derives: that of the type, or the one it gives itself.
fn schemas_in(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for derived in text.split("#[derive(").skip(1) {
        let (traits, rest) = derived.split_once(")]").unwrap();
        if !traits.contains("ToSchema") {
            continue;
        }
        let (attributes, item) = rest
            .split_once("struct ")
            .filter(|(before, _)| !before.contains("enum "))
            .or_else(|| rest.split_once("enum "))
            .unwrap();
        let own = attributes.split("schema(as = ").nth(1);
        let name = own.unwrap_or(item).split(|c: char| !c.is_alphanumeric()).next();
        names.push(name.unwrap().to_owned());
    }
    names
}

fn rust_files(directory: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
    files
}
