//! From what was written as the recipient to the WhatsApp account that gets the message.

use crate::settings::PhoneNumber;

/// Shortest and longest number with its country code (E.164 allows 15 digits).
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// The `wa_id` behind `to`, or what is wrong with it.
///
/// A number without `+` gets the business number's own country code in front (Meta's page "Send messages", on phone number
/// formats), so a foreign number written without `+` reaches a stranger. Numbers that already begin with that code are left
/// alone: recorded answers to a North American business show `13437772910` unchanged.
pub(crate) fn wa_id(to: &str, business: &PhoneNumber) -> Result<String, String> {
    let (international, rest) = match to.trim().strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, to.trim()),
    };
    if let Some(wrong) = rest.chars().find(|c| !(c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')'))) {
        return Err(format!("a phone number holds digits, +, -, ( ) and spaces, not {wrong:?}"));
    }
    let mut digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let code = &business.country_code;
    let complete = international || (digits.starts_with(code.as_str()) && digits.len() > 10);
    if !complete {
        digits.insert_str(0, code);
    }
    if !DIGITS.contains(&digits.len()) || digits.starts_with('0') {
        return Err(format!("{to:?} is not a phone number with its country code"));
    }
    Ok(local_rules(digits))
}

/// Where a WhatsApp account is registered under another number than the one people dial.
fn local_rules(mut digits: String) -> String {
    // Brazil: mobile numbers got a ninth digit, accounts outside the area codes below 31 are still known without it.
    if digits.starts_with("55") {
        let area: u32 = digits.get(2..4).and_then(|area| area.parse().ok()).unwrap_or(0);
        match digits.len() {
            13 if area >= 31 && digits.as_bytes()[4] == b'9' => {
                digits.remove(4);
            }
            12 if (11..31).contains(&area) && matches!(digits.as_bytes()[4], b'6'..=b'9') => {
                digits.insert(4, '9');
            }
            _ => {}
        }
    }
    // Mexico: accounts carry the 1 that mobile numbers had after the country code until 2019.
    if digits.starts_with("52") && digits.len() == 12 {
        digits.insert(2, '1');
    }
    digits
}

/// Whether `text` is a business-scoped user id: the country's two letters, a dot, and an opaque part.
pub(crate) fn is_user_id(text: &str) -> bool {
    text.split_once('.').is_some_and(|(country, id)| {
        country.len() == 2
            && country.bytes().all(|b| b.is_ascii_uppercase())
            && (1..=128).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(to: &str, country_code: &str) -> Result<String, String> {
        wa_id(to, &PhoneNumber { country_code: country_code.to_owned(), ..PhoneNumber::new("1") })
    }

    #[test]
    fn without_plus_the_business_country_is_put_in_front() {
        for (to, code, expected) in [
            ("+15550001234", "1", "15550001234"),
            ("+1 (555) 000-1234", "49", "15550001234"),
            ("13437772910", "1", "13437772910"),
            ("5550001234", "1", "15550001234"),
            ("436601234567", "1", "1436601234567"),
            ("15550001234", "49", "4915550001234"),
            // Brazil with and without the ninth digit, on both sides of the area code where it matters.
            ("+55 51 99999-1234", "1", "555199991234"),
            ("+55 11 99999-1234", "1", "5511999991234"),
            ("+55 11 9999-1234", "1", "5511999991234"),
            ("+52 55 1234 5678", "1", "5215512345678"),
            ("+521 55 1234 5678", "1", "5215512345678"),
        ] {
            assert_eq!(id(to, code).as_deref(), Ok(expected), "{to} from +{code}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for to in [
            "",
            "+",
            "abc",
            "+1555000123x",
            "1+5550001234",
            "+01234567",
            "+12345",
            "+1234567890123456",
            "+1555\u{0661}0001234",
        ] {
            assert!(id(to, "1").is_err(), "{to}");
        }
    }

    #[test]
    fn user_ids_are_told_from_numbers() {
        assert!(is_user_id("US.13491208655302741918"));
        for text in ["15550001234", "us.1", "US.", "USA.1", "US.1 2", "+US.1"] {
            assert!(!is_user_id(text), "{text}");
        }
    }
}
