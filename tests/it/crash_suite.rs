//! What tests of crashes share. A story is told once in peace, and every place that the portal comes by is written down;
//! then it is told once for each of these places, with a portal that is killed right there.

use std::{collections::BTreeSet, sync::Arc};

use tokio::{runtime::Handle, sync::Semaphore, task::JoinSet};

/// The settings that a portal is started with.
pub type Environment<'a> = &'a [(&'a str, &'a str)];

/// The places that a portal comes by in a story, in their order: before and after each commit and each call outside.
pub async fn places(story: impl AsyncFnOnce(Environment<'_>)) -> Vec<String> {
    let trace = tempfile::NamedTempFile::new().unwrap();
    story(&[("CRASH_TRACE", trace.path().to_str().unwrap())]).await;
    let mut known = BTreeSet::new();
    let trace = std::fs::read_to_string(trace.path()).unwrap();
    let places: Vec<_> = trace.lines().filter(|place| known.insert(*place)).map(str::to_owned).collect();
    assert!(!places.is_empty(), "the portal is not built with its crash points");
    places
}

/// Tells a story in a world of its own for each place, of which there are more than `many`; so many `at_once`.
pub async fn survive_everywhere<World: Send + 'static>(
    (many, at_once): (usize, usize),
    world: impl AsyncFn() -> Option<World>,
    story: impl AsyncFn(World, Environment<'_>) + Copy + Send + 'static,
) {
    let Some(first) = world().await else { return };
    let places = places(async |environment| story(first, environment).await).await;
    assert!(places.len() > many, "the portal comes by few places: {places:?}");
    let room = Arc::new(Semaphore::new(at_once));
    let mut stories = JoinSet::new();
    for place in places {
        let permit = room.clone().acquire_owned().await.unwrap();
        let world = world().await.unwrap();
        let runtime = Handle::current();
        stories.spawn_blocking(move || {
            runtime.block_on(story(world, &[("CRASH_AT", &place)]));
            drop(permit);
        });
    }
    // All come to their end before the first failure is told: their threads need this runtime.
    let mut failures = Vec::new();
    while let Some(ended) = stories.join_next().await {
        failures.extend(ended.err());
    }
    assert!(failures.is_empty(), "{failures:?}");
}
