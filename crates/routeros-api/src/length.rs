//! How the length of a word is written: one to five bytes, the first of which tells how many (MikroTik manual,
//! "API", section "API words").
//!
//! | length | bytes |
//! |---|---|
//! | up to `0x7F` | the length |
//! | up to `0x3FFF` | the length &#124; `0x8000` |
//! | up to `0x1F_FFFF` | the length &#124; `0xC0_0000` |
//! | up to `0xFFF_FFFF` | the length &#124; `0xE000_0000` |
//! | up to `0xFFFF_FFFF` | `0xF0`, then the length |
//!
//! A longer form than needed is read all the same: routers do, and it costs nothing.

/// A first byte from `0xF8` on is reserved for control, and nobody has ever said what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a word's length begins with the reserved byte {0:#04x}")]
pub struct ReservedByte(pub u8);

/// The bytes that a length is written with, in the shortest form.
pub fn encode(length: u32) -> impl Iterator<Item = u8> {
    let (value, bytes) = match length {
        0..=0x7F => (length, 1),
        0x80..=0x3FFF => (length | 0x8000, 2),
        0x4000..=0x1F_FFFF => (length | 0xC0_0000, 3),
        0x20_0000..=0xFFF_FFFF => (length | 0xE000_0000, 4),
        _ => (length, 5),
    };
    let marker = (bytes == 5).then_some(0xF0);
    let [a, b, c, d] = value.to_be_bytes();
    marker.into_iter().chain([a, b, c, d].into_iter().skip(4_usize.saturating_sub(bytes)))
}

/// The length that `bytes` begin with, and how many bytes it took; `None` if more of them are needed.
///
/// # Errors
/// [`ReservedByte`]: nothing that follows can be understood.
pub fn decode(bytes: &[u8]) -> Result<Option<(u32, usize)>, ReservedByte> {
    let Some((&first, rest)) = bytes.split_first() else {
        return Ok(None);
    };
    let (high, more) = match first {
        0x00..=0x7F => (first, 0),
        0x80..=0xBF => (first & 0x3F, 1),
        0xC0..=0xDF => (first & 0x1F, 2),
        0xE0..=0xEF => (first & 0x0F, 3),
        // The low bits of the marker have no meaning: all four bytes of the length follow.
        0xF0..=0xF7 => (0, 4),
        0xF8..=0xFF => return Err(ReservedByte(first)),
    };
    let length = rest.get(..more).map(|rest| {
        let length = rest.iter().fold(u32::from(high), |length, &byte| (length << 8) | u32::from(byte));
        (length, 1 + more)
    });
    Ok(length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ReservedByte, decode, encode};

    #[test]
    fn each_form_is_written_as_the_manual_has_it() {
        for (length, bytes) in [
            (0, "00"),
            (0x7F, "7f"),
            (0x80, "8080"),
            (0x3FFF, "bfff"),
            (0x4000, "c04000"),
            (0x1F_FFFF, "dfffff"),
            (0x20_0000, "e0200000"),
            (0xFFF_FFFF, "efffffff"),
            (0x1000_0000, "f010000000"),
            (u32::MAX, "f0ffffffff"),
        ] {
            let written: Vec<u8> = encode(length).collect();
            assert_eq!(hex::encode(&written), bytes);
            assert_eq!(decode(&written), Ok(Some((length, written.len()))), "{bytes}");
            for end in 0..written.len() {
                assert_eq!(decode(&written[..end]), Ok(None), "{end} bytes of {bytes}");
            }
        }
    }

    #[test]
    fn a_longer_form_than_needed_is_read() {
        for (bytes, length) in [("8003", 3), ("c00003", 3), ("e0000003", 3), ("f000000003", 3), ("8000", 0)] {
            let bytes = hex::decode(bytes).unwrap();
            assert_eq!(decode(&bytes), Ok(Some((length, bytes.len()))));
        }
    }

    #[test]
    fn reserved_bytes_are_refused() {
        for first in 0xF8..=0xFF {
            assert_eq!(decode(&[first, 0, 0, 0, 0]), Err(ReservedByte(first)));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(length: u32, behind: [u8; 3]) {
            let mut bytes: Vec<u8> = encode(length).collect();
            let took = bytes.len();
            bytes.extend(behind);
            prop_assert_eq!(decode(&bytes), Ok(Some((length, took))));
        }
    }
}
