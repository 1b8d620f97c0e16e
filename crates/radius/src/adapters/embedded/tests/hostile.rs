//! Bytes that mean no good: whatever comes, the decoder comes to an end, and nothing that was changed passes.

use kernel::testing::Surroundings;
use proptest::prelude::*;

use super::{
    super::{
        packet::{Packet, Role},
        proof::RequestProof,
        request::{accounting, login},
    },
    PASSWORD, SECRET, pap, start,
};
use crate::nas_client::Vendor;

/// Whatever the attributes say, everything that reads them comes to an end.
fn read_all_of(packet: &Packet) {
    let now = Surroundings::new().ambient().now();
    let _ = packet.authenticate(SECRET, true);
    let proof = RequestProof::of(packet, SECRET);
    let attempt = login(packet, proof.as_ref(), [127, 0, 0, 1].into(), Vendor::Mikrotik);
    let _ = attempt.proof.map(|proof| proof.was_made_from(PASSWORD));
    let _ = accounting(packet, [127, 0, 0, 1].into(), now);
    for kind in 0..=u8::MAX {
        let _ = (packet.text(kind), packet.number(kind), packet.address(kind), packet.vendor(311, kind));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_datagram_makes_the_decoder_panic(datagram in prop::collection::vec(any::<u8>(), 0..9_000)) {
        for role in [Role::Auth, Role::Acct] {
            if let Ok(packet) = Packet::parse(role, &datagram) {
                read_all_of(&packet);
            }
        }
    }

    /// The header is right, so that what lies behind it is looked at.
    #[test]
    fn no_attributes_make_the_decoder_panic(
        code in prop::sample::select(vec![1_u8, 4]),
        mut body in prop::collection::vec(any::<u8>(), 0..4_076),
        mends in prop::collection::vec((0_usize..4_076, 0_u8..40), 0..60),
    ) {
        for (at, value) in mends {
            if let Some(byte) = body.get_mut(at) {
                *byte = value;
            }
        }
        let length = u16::try_from(body.len() + 20).unwrap();
        let datagram = [&[code, 1][..], &length.to_be_bytes(), &[0; 16], &body].concat();
        for role in [Role::Auth, Role::Acct] {
            if let Ok(packet) = Packet::parse(role, &datagram) {
                read_all_of(&packet);
            }
        }
    }

    /// Well-formed attributes with whatever is in them, of the kinds that are read.
    #[test]
    fn no_value_makes_a_reader_panic(
        code in prop::sample::select(vec![1_u8, 4]),
        attributes in prop::collection::vec(
            (prop::sample::select(vec![1_u8, 2, 3, 4, 8, 25, 26, 31, 33, 40, 41, 44, 46, 49, 55, 60, 79, 80, 95]),
             prop::collection::vec(any::<u8>(), 0..60)),
            0..20,
        ),
    ) {
        let body: Vec<u8> = attributes
            .iter()
            .flat_map(|(kind, value)| {
                [&[*kind, u8::try_from(value.len() + 2).unwrap()][..], value].concat()
            })
            .collect();
        let length = u16::try_from(body.len() + 20).unwrap();
        let datagram = [&[code, 1][..], &length.to_be_bytes(), &[0; 16], &body].concat();
        let role = if code == 1 { Role::Auth } else { Role::Acct };
        let packet = Packet::parse(role, &datagram);
        prop_assert!(packet.is_ok());
        read_all_of(&packet.unwrap());
    }

    /// One bit that was turned on the way is noticed wherever it is.
    #[test]
    fn no_change_of_a_packet_goes_unnoticed(at in 0_usize..1_000, bit in 0_u8..8, role in prop::sample::select(vec![Role::Auth, Role::Acct])) {
        let mut bytes = if role == Role::Auth { pap(1, PASSWORD) } else { start(1) };
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        let passed = Packet::parse(role, &bytes).and_then(|packet| packet.authenticate(SECRET, true));
        prop_assert!(passed.is_err(), "{at} {bit}");
    }
}
