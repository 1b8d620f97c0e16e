//! Who is told of what, kept as a document that changes with the code.

use std::path::Path;

use kernel::testing::Surroundings;
use persistence::{Subscriptions, testing::TestDatabase};
use portal::{
    compose::Composition,
    config::{Layers, Settings},
};

const INTRODUCTION: &str = "# Who is told of what\n\n\
    Every event with the consumers that act on it, made from the code by a test. \
    `UPDATE_FLOWS=1 cargo test -p portal-tests flows` adopts a change.\n\n\
    | event | consumers |\n|---|---|\n";

#[tokio::test]
async fn the_choreography_is_as_documented() {
    let database = TestDatabase::sqlite();
    let world = database.folder().join("fake-world").display().to_string();
    let variables = [("DATABASE_URL", database.url().to_owned()), ("FAKE_WORLD_PATH", world)];
    let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let settings = Settings::read(&Layers::new(None, variables)).unwrap();
    let composition = Composition::new(settings, Surroundings::new().ambient()).await.unwrap();
    let consumers = composition.background.consumers();
    let mut document = INTRODUCTION.to_owned();
    for (event, names) in Subscriptions::of(consumers.iter().map(AsRef::as_ref)).iter() {
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        document.push_str(&format!("| `{event}` | {} |\n", names.join(", ")));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/flows.md");
    if std::env::var("UPDATE_FLOWS").is_ok() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &document).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        kept, document,
        "docs/flows.md is out of date: UPDATE_FLOWS=1 cargo test -p portal-tests flows"
    );
}
