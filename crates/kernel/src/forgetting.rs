//! What is left of a person in the facts that were told of them.

use serde_json::Value;

use crate::{
    event::EventPayload as _,
    events::{alert::AlertRaised, notifications::MessageUndeliverable},
};

/// Takes out of a fact's fields whatever says who somebody is: how to reach them, what they are called, their secrets,
/// and the words in which somebody else's system may have named them. Ids stay, and so does the form: the fact can be
/// read as before. False, and no change, when there is nothing of the kind.
pub fn forget_person(kind: &str, payload: &mut Value) -> bool {
    let words = match kind {
        MessageUndeliverable::TYPE => empty(payload, "reason"),
        AlertRaised::TYPE if payload["code"] == "message_undeliverable" => empty(payload, "message"),
        _ => false,
    };
    forget_fields(payload) || words
}

fn forget_fields(value: &mut Value) -> bool {
    let mut changed = false;
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                changed |= match name.as_str() {
                    "contact" => null(field, "phone") | null(field, "email"),
                    "account" => empty(field, "username") | empty(field, "full_name") | forget_fields(field),
                    sealed if sealed.starts_with("sealed_") => emptied(field),
                    _ => forget_fields(field),
                };
            }
        }
        Value::Array(items) => {
            for item in items {
                changed |= forget_fields(item);
            }
        }
        _ => {}
    }
    changed
}

fn null(fields: &mut Value, name: &str) -> bool {
    fields.get_mut(name).is_some_and(|field| !field.take().is_null())
}

fn empty(fields: &mut Value, name: &str) -> bool {
    fields.get_mut(name).is_some_and(emptied)
}

fn emptied(field: &mut Value) -> bool {
    match field {
        Value::String(text) if !text.is_empty() => {
            text.clear();
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::forget_person;
    use crate::{
        event::EventPayload as _,
        events::{
            Contact, alert::AlertRaised, identity::UserRegistered, notifications::MessageUndeliverable,
        },
    };

    fn forgotten(kind: &str, mut payload: Value) -> Value {
        assert!(forget_person(kind, &mut payload), "there is something to forget");
        assert!(!forget_person(kind, &mut payload), "the second time there is nothing");
        payload
    }

    #[test]
    fn a_contact_keeps_its_account_and_language() {
        let contact = json!({"user_id": null, "phone": "+243812345678", "email": "a@b.cd", "locale": "fr"});
        let left = forgotten("PaymentSucceeded", json!({"amount": 3, "contact": contact}));
        assert_eq!(
            left,
            json!({"amount": 3, "contact": {"user_id": null, "phone": null, "email": null, "locale": "fr"}})
        );
        let contact: Contact = serde_json::from_value(left["contact"].clone()).unwrap();
        assert_eq!(contact.phone, None);
    }

    #[test]
    fn an_account_keeps_its_id_and_can_be_read() {
        let account = json!({
            "user_id": "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e94", "revision": 3, "username": "22/isc/017",
            "full_name": "Alice Mbuyi", "promotion_id": null, "is_active": true,
            "contact": {"user_id": null, "phone": "+243812345678", "email": null, "locale": "fr"},
        });
        let fact = json!({"account": account, "sealed_wifi_secret": "s1.0.n.t", "activate_wifi": true});
        let left = forgotten(UserRegistered::TYPE, fact);
        let text = left.to_string();
        assert!(
            !["22/isc/017", "Alice", "243812345678", "s1."].iter().any(|told| text.contains(told)),
            "{text}"
        );
        let fact: UserRegistered = serde_json::from_value(left).unwrap();
        assert_eq!(fact.account.revision, 3);
    }

    #[test]
    fn words_of_others_are_forgotten_where_they_may_name_somebody() {
        let undeliverable = json!({"reason": "no route to +243812345678", "channel": "sms"});
        assert_eq!(forgotten(MessageUndeliverable::TYPE, undeliverable)["reason"], "");
        let alert = json!({"code": "message_undeliverable", "message": "+243812345678 is unknown"});
        assert_eq!(forgotten(AlertRaised::TYPE, alert)["message"], "");
        let mut other = json!({"code": "job_dead", "message": "job 1 was given up"});
        assert!(!forget_person(AlertRaised::TYPE, &mut other));
        assert_eq!(other["message"], "job 1 was given up");
    }
}
