//! The words: templates per type, language and part, escaped for the channel that carries them.
//!
//! A template is a file `templates/<type>.<language>.<part>.txt`, built into the binary. A variable that the
//! content does not have is an error, never a gap in a message.

use kernel::Locale;
use minijinja::{AutoEscape, Environment, Output, State, UndefinedBehavior, Value, context};

use crate::{
    content::{Content, duration_in_words},
    sms::within_gsm,
};

/// A text that a notification consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The text message.
    Sms,
    /// The subject line of the email.
    EmailSubject,
    /// The text of the email.
    Email,
    /// The title in the inbox.
    InAppTitle,
    /// The text in the inbox.
    InApp,
}

impl Part {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::EmailSubject => "email_subject",
            Self::Email => "email",
            Self::InAppTitle => "in_app_title",
            Self::InApp => "in_app",
        }
    }
}

/// Why a text could not be written: the template is missing, wrong, or wants a variable that there is not.
#[derive(Debug, thiserror::Error)]
#[error("the template does not render: {0}")]
pub struct TextError(#[from] minijinja::Error);

macro_rules! embedded {
    ($($name:literal,)+) => {
        &[$(($name, include_str!(concat!("../templates/", $name, ".txt"))),)+]
    };
}

/// Every template by its name.
const TEMPLATES: &[(&str, &str)] = embedded![
    "credentials_issued.en.email",
    "credentials_issued.en.email_subject",
    "credentials_issued.en.in_app",
    "credentials_issued.en.in_app_title",
    "credentials_issued.en.sms",
    "credentials_issued.fr.email",
    "credentials_issued.fr.email_subject",
    "credentials_issued.fr.in_app",
    "credentials_issued.fr.in_app_title",
    "credentials_issued.fr.sms",
    "expiry.en.email",
    "expiry.en.email_subject",
    "expiry.en.in_app",
    "expiry.en.in_app_title",
    "expiry.en.sms",
    "expiry.fr.email",
    "expiry.fr.email_subject",
    "expiry.fr.in_app",
    "expiry.fr.in_app_title",
    "expiry.fr.sms",
    "order_completed.en.email",
    "order_completed.en.email_subject",
    "order_completed.en.in_app",
    "order_completed.en.in_app_title",
    "order_completed.fr.email",
    "order_completed.fr.email_subject",
    "order_completed.fr.in_app",
    "order_completed.fr.in_app_title",
    "password_reset.en.email",
    "password_reset.en.email_subject",
    "password_reset.en.in_app",
    "password_reset.en.in_app_title",
    "password_reset.en.sms",
    "password_reset.fr.email",
    "password_reset.fr.email_subject",
    "password_reset.fr.in_app",
    "password_reset.fr.in_app_title",
    "password_reset.fr.sms",
    "quota.en.email",
    "quota.en.email_subject",
    "quota.en.in_app",
    "quota.en.in_app_title",
    "quota.en.sms",
    "quota.fr.email",
    "quota.fr.email_subject",
    "quota.fr.in_app",
    "quota.fr.in_app_title",
    "quota.fr.sms",
    "refund_paid.en.email",
    "refund_paid.en.email_subject",
    "refund_paid.en.in_app",
    "refund_paid.en.in_app_title",
    "refund_paid.en.sms",
    "refund_paid.fr.email",
    "refund_paid.fr.email_subject",
    "refund_paid.fr.in_app",
    "refund_paid.fr.in_app_title",
    "refund_paid.fr.sms",
];

/// How a value is escaped in a text message.
const FOR_SMS: &str = "sms";
/// How a value is escaped in every other text.
const FOR_ONE_LINE: &str = "one-line";

/// Puts contents into words.
#[derive(Debug)]
pub struct Texts(Environment<'static>);

impl Texts {
    /// The templates that are built in.
    ///
    /// # Errors
    /// [`TextError`] when one of them has a mistake in it, which a test excludes.
    pub fn embedded() -> Result<Self, TextError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|name| {
            let sms = name.ends_with(".sms");
            AutoEscape::Custom(if sms { FOR_SMS } else { FOR_ONE_LINE }.into())
        });
        environment.set_formatter(write_escaped);
        for (name, source) in TEMPLATES {
            environment.add_template(name, source)?;
        }
        Ok(Self(environment))
    }

    /// Writes one part of a notification.
    ///
    /// # Errors
    /// [`TextError`].
    pub fn write(&self, content: &Content, locale: Locale, part: Part) -> Result<String, TextError> {
        let name = format!("{}.{}.{}", content.kind().template(), locale.tag(), part.as_str());
        Ok(self.0.get_template(&name)?.render(variables(content, locale, part))?)
    }
}

/// What the templates of a content may name. The password is not among the variables of the inbox, whose texts
/// are kept in the clear.
fn variables(content: &Content, locale: Locale, part: Part) -> Value {
    match content {
        Content::CredentialsIssued {
            order_number,
            package_name,
            username,
            password,
            validity_minutes,
            from_first_use,
        } => {
            let known_to_all = context! {
                order_number,
                package => package_name,
                // To be typed in exactly as it is, so that it is never rewritten.
                username => Value::from_safe_string(username.clone()),
                validity => duration_in_words(*validity_minutes, locale),
                from_first_use => *from_first_use,
            };
            match part {
                Part::Sms | Part::Email => {
                    context! { password => Value::from_safe_string(password.clone()), ..known_to_all }
                }
                Part::EmailSubject | Part::InAppTitle | Part::InApp => known_to_all,
            }
        }
        Content::OrderCompleted { order_number, package_name, units } => {
            context! { order_number, package => package_name, units => *units }
        }
        Content::RefundPaid { order_number, amount, way } => {
            context! { order_number, amount => amount.to_string(), way }
        }
        Content::Quota { period, percent, username, .. } => {
            let username = username.clone().map(Value::from_safe_string);
            context! { period, percent => *percent, username }
        }
        Content::Expiry { days, .. } => context! { days => *days },
        Content::PasswordReset { username, password, wifi_too } => {
            let known_to_all =
                context! { username => Value::from_safe_string(username.clone()), wifi_too => *wifi_too };
            match part {
                Part::Sms | Part::Email => {
                    context! { password => Value::from_safe_string(password.clone()), ..known_to_all }
                }
                Part::EmailSubject | Part::InAppTitle | Part::InApp => known_to_all,
            }
        }
    }
}

/// Writes a value so that it stays one line: a line break in a name must not add a header to an email or a
/// sentence of its own to a message.
fn write_escaped(output: &mut Output, state: &mut State, value: &Value) -> Result<(), minijinja::Error> {
    let text = value.to_string();
    if value.is_safe() {
        return Ok(output.write_str(&text)?);
    }
    let one_line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let escaped = match state.auto_escape() {
        AutoEscape::Custom(name) if name == FOR_SMS => within_gsm(&one_line),
        _ => one_line,
    };
    Ok(output.write_str(&escaped)?)
}

#[cfg(test)]
mod tests {
    use kernel::Locale::{En, Fr};
    use minijinja::context;

    use super::{Content, Part, Texts};
    use crate::{
        notification::NotificationType,
        sms::{Alphabet, measure},
    };

    fn credentials(package_name: &str, from_first_use: bool) -> Content {
        Content::CredentialsIssued {
            order_number: "ORD-20260117-000042".into(),
            package_name: package_name.into(),
            username: "HS2601171200001".into(),
            password: "aB3dE5fG7h".into(),
            validity_minutes: 120,
            from_first_use,
        }
    }

    fn completed(units: u32) -> Content {
        Content::OrderCompleted {
            order_number: "ORD-20260117-000042".into(),
            package_name: "2H".into(),
            units,
        }
    }

    fn reset(wifi_too: bool) -> Content {
        Content::PasswordReset { username: "2024-ISC-0017".into(), password: "aB3dE5fG7hJk".into(), wifi_too }
    }

    fn write(content: &Content, locale: kernel::Locale, part: Part) -> String {
        Texts::embedded().unwrap().write(content, locale, part).unwrap()
    }

    #[test]
    fn the_message_with_the_credentials_reads_well_and_costs_one_part() {
        let french = write(&credentials("2H", false), Fr, Part::Sms);
        assert_eq!(
            french,
            "Votre accès Wi-Fi 2H est actif.\nIdentifiant : HS2601171200001\nMot de passe : aB3dE5fG7h\nValable 2 h."
        );
        let english = write(&credentials("2H", true), En, Part::Sms);
        assert_eq!(
            english,
            "Your 2H Wi-Fi access is ready.\nUsername: HS2601171200001\nPassword: aB3dE5fG7h\nValid for 2 h from the first sign-in."
        );
        for text in [french, english, write(&credentials("Forfait Fête", true), Fr, Part::Sms)] {
            let length = measure(&text);
            assert_eq!((length.alphabet, length.segments), (Alphabet::Gsm7, 1), "{text}");
        }
    }

    #[test]
    fn a_new_password_reads_well_and_costs_one_part() {
        let french = write(&reset(true), Fr, Part::Sms);
        assert_eq!(
            french,
            "Votre nouveau mot de passe (portail et Wi-Fi).\nIdentifiant : 2024-ISC-0017\nMot de passe : aB3dE5fG7hJk\nChangez-le."
        );
        let english = write(&reset(false), En, Part::Sms);
        assert_eq!(
            english,
            "Your new password.\nUsername: 2024-ISC-0017\nPassword: aB3dE5fG7hJk\nPlease change it."
        );
        for text in [french, english] {
            let length = measure(&text);
            assert_eq!((length.alphabet, length.segments), (Alphabet::Gsm7, 1), "{text}");
        }
        let email = write(&reset(false), Fr, Part::Email);
        assert!(email.contains("Votre secret Wi-Fi ne change pas."), "{email}");
    }

    #[test]
    fn an_email_keeps_its_accents() {
        let text = write(&credentials("Fête", false), Fr, Part::Email);
        assert!(
            text.contains("Votre accès Wi-Fi Fête est prêt.\n\nIdentifiant : HS2601171200001\n"),
            "{text}"
        );
        assert!(text.contains("Mot de passe : aB3dE5fG7h"), "{text}");
        assert!(text.contains("Commande : ORD-20260117-000042"), "{text}");
    }

    #[test]
    fn what_is_used_and_what_is_left_is_said_in_one_part() {
        let quota = |period: &str, percent| Content::Quota {
            kind: NotificationType::QuotaCritical,
            period: period.into(),
            percent,
            username: None,
        };
        let bought = |locale| {
            let kind = NotificationType::QuotaCritical;
            let username = Some("HS2601171200001".to_owned());
            (Content::Quota { kind, period: "total".into(), percent: 95, username }, locale)
        };
        let (french, english) = (bought(Fr), bought(En));
        let expiry = |days| Content::Expiry { kind: NotificationType::ExpiryImminent, days };
        for (content, locale, said) in [
            (quota("day", 95), Fr, "Vous avez utilisé 95 % de votre volume Internet aujourd'hui."),
            (quota("total", 100), Fr, "Vous avez utilisé tout votre volume Internet au total."),
            (quota("week", 80), En, "You have used 80 % of your data this week."),
            (
                french.0,
                french.1,
                "HS2601171200001 : vous avez utilisé 95 % de votre volume Internet au total.",
            ),
            (english.0, english.1, "HS2601171200001: you have used 95 % of your data in total."),
            (expiry(0), Fr, "Votre accès Wi-Fi prend fin dans moins d'un jour."),
            (expiry(6), En, "Your Wi-Fi access ends in 6 days."),
        ] {
            let text = write(&content, locale, Part::Sms);
            assert_eq!(text, said);
            assert_eq!(measure(&text).segments, 1, "{text}");
        }
    }

    #[test]
    fn one_and_several_are_said_differently() {
        for (locale, units, start) in [
            (Fr, 1, "Votre accès Wi-Fi 2H est prêt. Suivez le lien pour voir ses "),
            (Fr, 2, "Vos 2 accès Wi-Fi 2H sont prêts. Suivez le lien pour voir leurs "),
            (En, 1, "Your 2H Wi-Fi access is ready. "),
            (En, 2, "Your 2 2H Wi-Fi accesses are ready. "),
        ] {
            let text = write(&completed(units), locale, Part::InApp);
            assert!(text.starts_with(start), "{text}");
        }
    }

    #[test]
    fn every_type_has_every_part_in_every_language() {
        use crate::Channel::{Email, InApp, Sms};
        for content in [credentials("2H", false), completed(2), reset(true)] {
            for locale in [Fr, En] {
                let mut parts = vec![Part::InAppTitle, Part::InApp];
                for channel in content.kind().channels() {
                    match channel {
                        Sms => parts.push(Part::Sms),
                        Email => parts.extend([Part::EmailSubject, Part::Email]),
                        InApp => {}
                    }
                }
                for part in parts {
                    assert!(!write(&content, locale, part).is_empty(), "{content:?} {part:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_kept_in_the_clear_holds_the_password() {
        for locale in [Fr, En] {
            for part in [Part::EmailSubject, Part::InAppTitle, Part::InApp] {
                for content in [credentials("2H", true), reset(false)] {
                    let text = write(&content, locale, part);
                    assert!(!text.contains("aB3dE5fG7h"), "{text}");
                }
            }
        }
    }

    #[test]
    fn a_line_break_in_a_name_does_not_break_the_line() {
        let subject = write(&credentials("2H\r\nBcc: everyone@example.com", false), Fr, Part::EmailSubject);
        assert!(!subject.contains(['\r', '\n']), "{subject}");
    }

    #[test]
    fn a_variable_that_is_not_there_is_an_error() {
        let mut texts = Texts::embedded().unwrap();
        texts.0.add_template("wrong", "Hello {{ nobody }}").unwrap();
        assert!(texts.0.get_template("wrong").unwrap().render(context! {}).is_err());
    }
}
