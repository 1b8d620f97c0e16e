//! Vendors' words, forms of passwords, and what is refused.

use sha_crypt::{PasswordVerifier as _, ShaCrypt};

use super::{GIB, enabled, shown};
use crate::{
    login::Way,
    nas_client::Vendor,
    policy::{
        PasswordForm, Unfit, compile,
        fitness::{check_name, check_secret},
        password::nt_hash,
        vendor::{self, Rates},
    },
    subscriber::Subscriber,
};

#[test]
fn a_quota_is_split_where_32_bits_do_not_hold_it() {
    for (vendor, left, said) in [
        (Vendor::Mikrotik, 3 * GIB, vec!["Mikrotik-Total-Limit := 3221225472"]),
        (
            Vendor::Mikrotik,
            5 * GIB,
            vec!["Mikrotik-Total-Limit := 1073741824", "Mikrotik-Total-Limit-Gigawords := 1"],
        ),
        (
            Vendor::Mikrotik,
            10 * GIB,
            vec!["Mikrotik-Total-Limit := 2147483648", "Mikrotik-Total-Limit-Gigawords := 2"],
        ),
        (Vendor::Mikrotik, 4 * GIB - 1, vec!["Mikrotik-Total-Limit := 4294967295"]),
        (Vendor::Mikrotik, 4 * GIB, vec!["Mikrotik-Total-Limit := 0", "Mikrotik-Total-Limit-Gigawords := 1"]),
        (Vendor::CoovaChilli, 3 * GIB, vec!["ChilliSpot-Max-Total-Octets := 3221225472"]),
        (
            Vendor::CoovaChilli,
            10 * GIB,
            vec!["ChilliSpot-Max-Total-Octets := 2147483648", "Attr-26.14559.23 := 0x00000002"],
        ),
        (Vendor::PfSense, 3 * GIB, vec!["pfSense-Max-Total-Octets := 3221225472"]),
        (Vendor::PfSense, 5 * GIB, vec!["pfSense-Max-Total-Octets := 4294967295"]),
        (Vendor::Wispr, 5 * GIB, vec![]),
    ] {
        assert_eq!(shown(&vendor::quota(vendor, left)), said, "{vendor:?} {left}");
    }
}

#[test]
fn each_vendor_says_rates_in_its_own_unit() {
    let both = Rates { up: Some(512), down: Some(2048) };
    for (vendor, said) in [
        (Vendor::Mikrotik, ["Mikrotik-Rate-Limit := 512k/2048k"].as_slice()),
        (Vendor::Wispr, &["WISPr-Bandwidth-Max-Up := 512000", "WISPr-Bandwidth-Max-Down := 2048000"]),
        (
            Vendor::CoovaChilli,
            &["ChilliSpot-Bandwidth-Max-Up := 512", "ChilliSpot-Bandwidth-Max-Down := 2048"],
        ),
        (Vendor::PfSense, &["pfSense-Bandwidth-Max-Up := 512000", "pfSense-Bandwidth-Max-Down := 2048000"]),
    ] {
        assert_eq!(shown(&vendor::rates(vendor, both)), said);
        assert!(vendor::rates(vendor, Rates::default()).is_empty());
    }
    let down = Rates { up: None, down: Some(64) };
    assert_eq!(shown(&vendor::rates(Vendor::Mikrotik, down)), ["Mikrotik-Rate-Limit := 0/64k"]);
    assert_eq!(shown(&vendor::rates(Vendor::Wispr, down)), ["WISPr-Bandwidth-Max-Down := 64000"]);
}

#[test]
fn a_secret_stands_in_the_form_of_the_site() {
    let item = |form: PasswordForm| form.check_item("hello", "s1.k.n.c");
    assert_eq!(shown(&[item(PasswordForm::Cleartext)]), ["Cleartext-Password := hello"]);
    // As `smbencrypt hello` has it.
    assert_eq!(shown(&[item(PasswordForm::Nt)]), ["NT-Password := 0x066ddfd4ef0e9cd7c256fe77191ef43c"]);
    assert_eq!(nt_hash("é€").len(), 16);
    let salted = item(PasswordForm::Ssha512);
    assert_eq!((salted.name, salted.value.len()), ("SSHA2-512-Password", 2 + 2 * (64 + 12)));
    let hashed = item(PasswordForm::Crypt);
    assert_eq!(hashed.name, "Crypt-Password");
    assert!(hashed.value.starts_with("$6$"), "{}", hashed.value);
    ShaCrypt::SHA512.verify_password(b"hello", hashed.value.as_str()).unwrap();
    ShaCrypt::SHA512.verify_password(b"other", hashed.value.as_str()).unwrap_err();
    for form in [PasswordForm::Ssha512, PasswordForm::Crypt] {
        assert_eq!(item(form), form.check_item("hello", "s1.k.n.c"), "the same row each time");
        assert_ne!(item(form), form.check_item("hello", "s1.k.n.d"), "another salt with each sealing");
        assert_eq!(form.as_str().parse(), Ok(form));
    }
}

#[test]
fn a_form_leaves_the_ways_that_can_be_checked_by_it() {
    for (form, ways) in [
        (PasswordForm::Cleartext, [true, true, true]),
        (PasswordForm::Nt, [true, false, true]),
        (PasswordForm::Ssha512, [true, false, false]),
        (PasswordForm::Crypt, [true, false, false]),
    ] {
        assert_eq!(Way::ALL.map(|way| form.can_check(way)), ways, "{form:?}");
        assert_eq!(form.check_item("hello", "s1.k.n.c").name, form.attribute());
    }
}

#[test]
fn names_that_freeradius_rejects_are_refused() {
    let long = "x".repeat(254);
    for (name, refused) in [
        ("anna", None),
        ("+243825550000", None),
        ("q08+ü", None),
        ("l'été", None),
        ("et/2026-07", None),
        ("anna@example.cd", None),
        ("anna@mail.example.cd", None),
        ("", Some(Unfit::NameLength)),
        (&long, Some(Unfit::NameLength)),
        ("anna b", Some(Unfit::NameSpace)),
        (" anna", Some(Unfit::NameSpace)),
        ("anna\u{a0}b", Some(Unfit::NameSpace)),
        ("anna\tb", Some(Unfit::NameSpace)),
        ("a\u{7}", Some(Unfit::NameSpace)),
        ("a..b", Some(Unfit::NameDots)),
        ("anna.", Some(Unfit::NameDots)),
        ("a@b.cd@e.fg", Some(Unfit::NameRealm)),
        ("a@hotel", Some(Unfit::NameRealm)),
        ("a@.example.cd", Some(Unfit::NameRealm)),
        ("a@", Some(Unfit::NameRealm)),
    ] {
        assert_eq!(check_name(name).err(), refused, "{name:?}");
    }
}

#[test]
fn secrets_that_would_be_mangled_or_executed_are_refused() {
    let long = "é".repeat(65);
    for (secret, refused) in [
        ("s3cret", None),
        ("50% off `now`!", None),
        ("\"half", None),
        ("with space", None),
        ("", Some(Unfit::SecretLength)),
        (&long, Some(Unfit::SecretLength)),
        ("a\nb", Some(Unfit::SecretControl)),
        ("`%{User-Password}`", Some(Unfit::SecretQuoted)),
        ("\"abc\"", Some(Unfit::SecretQuoted)),
        ("'abc'", Some(Unfit::SecretQuoted)),
        ("'", Some(Unfit::SecretQuoted)),
    ] {
        assert_eq!(check_secret(secret).err(), refused, "{secret:?}");
    }
    let subscriber = Subscriber { username: "anna".to_owned(), ..enabled() };
    for form in PasswordForm::ALL {
        // Where the tables carry a hash, quotes do no harm.
        let checked = compile::check(&subscriber, "`x`", form);
        assert_eq!(checked.is_err(), form == PasswordForm::Cleartext, "{form:?}");
    }
}
