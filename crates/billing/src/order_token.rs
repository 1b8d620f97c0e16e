//! Order tokens: what opens a guest's order, and nothing else. Nothing is stored of them: a token is the order's id with
//! its mark, so that it can be given again to whoever repeats a request, and can be told from a guess without a look at
//! the database.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use kernel::{
    Id, Sealer,
    id::ids::OrderId,
    sealed::{Purpose, SealError},
};
use uuid::Uuid;

/// How long an id is, in bytes.
const ID_LEN: usize = 16;

/// The token that opens an order: 64 characters that an address may contain.
///
/// # Errors
/// [`SealError`].
pub fn order_token(sealer: &Sealer, order: OrderId) -> Result<String, SealError> {
    let id = order.as_uuid().into_bytes();
    let mark = sealer.mark(Purpose::OrderToken, &id)?;
    Ok(BASE64.encode([id.as_slice(), &mark].concat()))
}

/// The order that a token opens; none if we have not made it.
///
/// # Errors
/// [`SealError`].
pub fn opened_by(sealer: &Sealer, token: &str) -> Result<Option<OrderId>, SealError> {
    let Ok(bytes) = BASE64.decode(token) else {
        return Ok(None);
    };
    let Some((id, mark)) = bytes.split_first_chunk::<ID_LEN>() else {
        return Ok(None);
    };
    let ours = sealer.bears_mark(Purpose::OrderToken, id, mark)?;
    Ok(ours.then(|| Id::from_uuid(Uuid::from_bytes(*id))))
}

#[cfg(test)]
mod tests {
    use kernel::{Id, Sealer, testing::Surroundings};

    use super::{opened_by, order_token};

    #[test]
    fn a_token_opens_its_order_and_nothing_else_does() {
        let ambient = Surroundings::new().ambient();
        let key = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
        let sealer = Sealer::new(key, None, ambient.clone()).unwrap();
        let (order, other) = (Id::generate(&ambient), Id::generate(&ambient));
        let token = order_token(&sealer, order).unwrap();
        assert_eq!(token.len(), 64);
        assert_eq!(opened_by(&sealer, &token), Ok(Some(order)));
        let others = order_token(&sealer, other).unwrap();
        let mixed = format!("{}{}", &token[..22], &others[22..]);
        for wrong in ["", "token", &token[..63], &format!("{token}AAAA"), &mixed, &token.to_uppercase()] {
            assert_eq!(opened_by(&sealer, wrong), Ok(None), "{wrong}");
        }
    }
}
