//! Callbacks of any bytes: the parser never panics, and gives no more than the body holds. Finds of the past are
//! kept in `corpus/callbacks`; a name begins with what must come of the body: `good-` or `bad-`.

use std::{fs, path::Path};

use billing::{adapters::serdipay::callback::parse, ports::gateway::GatewayReport};
use proptest::prelude::*;

/// The largest body that is let in, in bytes.
const LARGEST: usize = 64 * 1024;

/// The bytes that a report holds on the heap.
fn size(report: &GatewayReport) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    text(&report.reference) + text(&report.provider_ref)
}

/// What is told of a body is part of it: one report, and no text that was not there. A refusal is short.
fn is_bounded(body: &[u8]) {
    match parse(body) {
        Ok(reports) => {
            assert_eq!(reports.len(), 1);
            assert!(reports.iter().map(size).sum::<usize>() <= body.len());
        }
        Err(unreadable) => assert!(unreadable.to_string().len() < 500, "{unreadable}"),
    }
}

#[test]
fn every_callback_of_the_corpus_is_read_or_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/callbacks");
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.len() >= 20, "the corpus is gone");
    for file in files {
        let (body, name) = (fs::read(&file).unwrap(), file.file_name().unwrap().to_str().unwrap());
        assert_eq!(parse(&body).is_ok(), name.starts_with("good-"), "{name}");
        is_bounded(&body);
    }
}

#[test]
fn huge_bodies_are_bounded_up_to_what_is_let_in_and_beyond() {
    for length in [LARGEST - 1, LARGEST, LARGEST + 1, 16 * LARGEST] {
        for part in ["[", "{\"payment\":", "\"", "9", "{\"status\":\"success\",", "\\u0041", "\u{feff}", " "]
        {
            let huge = part.repeat(length / part.len());
            is_bounded(huge.as_bytes());
            is_bounded(
                format!("{{\"status\":\"success\",\"message\":\"{}\"}}", huge.replace(['"', '\\'], "x"))
                    .as_bytes(),
            );
            is_bounded(format!("{{\"status\":\"success\",\"x\":{huge}}}").as_bytes());
            is_bounded(
                format!("{{\"status\":\"success\",\"amount\":{huge},\"currency\":\"CDF\"}}").as_bytes(),
            );
        }
    }
}

/// JSON of any form, up to eight levels deep.
fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|truth| truth.to_string()),
        any::<f64>().prop_map(|number| number.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        "\\PC{0,20}".prop_map(|text| format!("{text:?}")),
        Just("\"success\"".to_owned()),
    ];
    leaf.prop_recursive(8, 64, 6, |inner| {
        let name = prop::sample::select(vec![
            "status",
            "message",
            "payment",
            "sessionId",
            "transactionId",
            "amount",
            "currency",
            "x",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((name, inner), 0..6).prop_map(|fields| {
                let fields = fields.into_iter().map(|(name, value)| format!("\"{name}\":{value}"));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_bounded(body in prop::collection::vec(any::<u8>(), 0..4_000)) {
        is_bounded(&body);
    }

    #[test]
    fn any_json_is_bounded(body in any_json()) {
        is_bounded(body.as_bytes());
    }

    #[test]
    fn a_good_callback_with_a_flipped_byte_is_bounded(at in 0usize..200, with: u8) {
        let mut body = br#"{"status":200,"message":"our-ref","payment":{"status":"success","sessionId":"12345678","amount":"1.50","currency":"CDF"}}"#.to_vec();
        let place = at % body.len();
        if let Some(byte) = body.get_mut(place) {
            *byte = with;
        }
        is_bounded(&body);
        body.truncate(place);
        is_bounded(&body);
    }
}
