//! Laws, over many inputs.

use proptest::prelude::*;
use skeleton_authn::CanonicalIdentifier;
use skeleton_authn::Email;
use skeleton_authn::Identifier;
use skeleton_authn::Password;

proptest! {
    #[test]
    fn law_02_canonical_is_idempotent_and_mail_goes_to_what_was_typed(address in address()) {
        let email = Email::parse(&address).unwrap();
        prop_assert_eq!(email.expose(), &address);
        let canonical = CanonicalIdentifier::of(&email);
        let again = CanonicalIdentifier::of(&Email::parse(canonical.expose()).unwrap());
        prop_assert_eq!(&again, &canonical);
        prop_assert_eq!(Identifier::from(email).canonical(), canonical);
    }

    #[test]
    fn law_03_two_addresses_are_one_if_and_only_if_they_differ_in_ascii_case(
        one in address(), other in address(), flips in any::<u64>(),
    ) {
        let canonical = |text: &str| Identifier::email(text).unwrap().canonical();
        prop_assert_eq!(canonical(&one) == canonical(&other), one.eq_ignore_ascii_case(&other));
        let flipped: String = one
            .chars()
            .enumerate()
            .map(|(at, letter)| match flips >> (at % 64) & 1 {
                0 => letter.to_ascii_uppercase(),
                _ => letter.to_ascii_lowercase(),
            })
            .collect();
        prop_assert_eq!(canonical(&one), canonical(&flipped));
    }

    #[test]
    fn law_04_any_text_is_judged_as_address_and_as_password(text in any::<String>()) {
        if let Ok(email) = Email::parse(&text) {
            prop_assert!(text.is_ascii() && text.len() <= 254);
            prop_assert_eq!(email.expose(), text.as_str());
        } else {
            prop_assert!(Identifier::email(&text).is_err());
        }
        let bounded = text.len() <= 1_024;
        prop_assert!(bounded || Password::new(&text).is_err());
    }
}

fn address() -> impl Strategy<Value = String> {
    "[A-Za-z0-9+_-]{1,12}(\\.[A-Za-z0-9]{1,8}){0,2}@[A-Za-z0-9]{1,8}(\\.[A-Za-z]{2,6}){1,2}"
}
