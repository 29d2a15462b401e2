//! The signature of a delivery.

use ring::hmac;

use crate::error::{Error, Result};

/// What Meta writes before the digits.
const SCHEME: &str = "sha256=";

/// Checks that a delivery comes from Meta: its header `X-Hub-Signature-256` must be the HMAC-SHA256 of the body with the
/// app secret. The comparison takes the same time whatever is wrong.
///
/// `raw_body` are the bytes as they arrived. Once a framework has read the JSON and written it again they differ in escapes
/// and slashes, and nothing fits any more. One secret is given as `&[secret]`; several where a secret is being exchanged, or
/// several apps deliver to one address. `header` is `None` where the request has none.
///
/// Source: Meta's page "Webhooks: Getting Started", "Validating Payloads".
///
/// ```
/// use wacloud::webhook;
///
/// let body = br#"{"object":"whatsapp_business_account","entry":[]}"#;
/// let header = "sha256=82e26b8b59ebd6a7be7c91d90c6ad5a1abe26dd3a4bf1b0bf7aabdf7f6f73e3f";
/// let refused = webhook::verify(&["app secret"], body, Some(header)).unwrap_err();
/// assert!(refused.to_string().contains("does not fit"));
/// ```
///
/// # Errors
/// [`Error::WebhookSignature`] with the reason `missing` (no header), `malformed` (a header of another form), `mismatch`
/// (made with another secret, or for another body) or `secret` (there is no secret to check with, or an empty one).
pub fn verify<S: AsRef<[u8]>>(app_secrets: &[S], raw_body: &[u8], header: Option<&str>) -> Result<()> {
    let refuse = |reason, message: &str| Err(Error::WebhookSignature { reason, message: message.to_owned() });
    if app_secrets.is_empty() || app_secrets.iter().any(|secret| secret.as_ref().is_empty()) {
        return refuse(
            "secret",
            "The app secret is empty: anybody could sign with that. It stands in the App Dashboard under Settings > Basic.",
        );
    }
    let Some(header) = header.map(str::trim).filter(|header| !header.is_empty()) else {
        return refuse(
            "missing",
            "There is no X-Hub-Signature-256 header: the request does not come from Meta, or a proxy has removed it.",
        );
    };
    let Some(given) = header.strip_prefix(SCHEME).and_then(digest) else {
        return refuse("malformed", "The X-Hub-Signature-256 header must be sha256= and 64 hexadecimal digits.");
    };
    // Every secret is tried, so that the time does not tell which one fits.
    let fits = app_secrets.iter().fold(false, |fits, secret| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_ref());
        hmac::verify(&key, raw_body, &given).is_ok() || fits
    });
    if fits {
        return Ok(());
    }
    if raw_body.is_empty() {
        return refuse(
            "mismatch",
            "The signature does not fit, and the body is empty: something has read the body of this request before, or the \
             request does not come from Meta.",
        );
    }
    refuse(
        "mismatch",
        "The signature does not fit: the app secret is that of another app, or the body is not the bytes that arrived. A \
         framework that reads JSON and writes it again changes them.",
    )
}

/// 32 bytes of 64 hexadecimal digits.
fn digest(digits: &str) -> Option<[u8; 32]> {
    let digits = digits.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |at: usize| char::from(*pair.get(at)?).to_digit(16);
        *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
    }
    Some(bytes)
}

/// Whether two texts are equal, in a time that does not tell where they differ.
pub(super) fn is_equal(one: &str, other: &str) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"any key serves to compare");
    hmac::verify(&key, one.as_bytes(), hmac::sign(&key, other.as_bytes()).as_ref()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(secret: &str, body: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let hex: String = hmac::sign(&key, body).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{SCHEME}{hex}")
    }

    fn reason(secrets: &[&str], body: &[u8], header: Option<&str>) -> &'static str {
        match verify(secrets, body, header) {
            Ok(()) => "",
            Err(Error::WebhookSignature { reason, .. }) => reason,
            Err(_) => "another error",
        }
    }

    #[test]
    fn rfc_4231_test_case_2() {
        let header = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(reason(&["Jefe"], b"what do ya want for nothing?", Some(header)), "");
    }

    #[test]
    fn every_way_to_be_wrong_has_its_reason() {
        let body = b"{\"a\":\"\\u00e4\"}";
        let good = signed("secret", body);
        /// Secrets, body, header, reason.
        type Case<'c> = (&'c [&'c str], &'c [u8], Option<&'c str>, &'c str);
        let cases: &[Case<'_>] = &[
            (&["secret"], body, Some(&good), ""),
            (&["old", "secret"], body, Some(&good), ""),
            (&["secret"], body, Some(&good.to_uppercase().replace("SHA256", "sha256")), ""),
            (&["other"], body, Some(&good), "mismatch"),
            (&["secret"], "{\"a\":\"ä\"}".as_bytes(), Some(&good), "mismatch"),
            (&["secret"], b"", Some(&good), "mismatch"),
            (&["secret"], body, None, "missing"),
            (&["secret"], body, Some(" "), "missing"),
            (&["secret"], body, Some(&good[7..]), "malformed"),
            (&["secret"], body, Some(&good[..70]), "malformed"),
            (&["secret"], body, Some("sha1=0123"), "malformed"),
            (&["secret"], body, Some(&good.replace(&good[10..11], "ä")), "malformed"),
            (&[""], body, Some(&signed("", body)), "secret"),
            (&["secret", ""], body, Some(&good), "secret"),
            (&[], body, Some(&good), "secret"),
        ];
        for (secrets, body, header, expected) in cases {
            assert_eq!(reason(secrets, body, *header), *expected, "{secrets:?} {header:?}");
        }
    }

    #[test]
    fn a_body_that_is_gone_is_told_as_that() {
        let refusal = verify(&["secret"], b"", Some(&signed("secret", b"{}"))).unwrap_err().to_string();
        assert!(refusal.contains("the body is empty"), "{refusal}");
        for nothing in [&b""[..], b" \r\n", "\u{feff}".as_bytes()] {
            let refusal = super::super::parse(nothing).unwrap_err().to_string();
            assert!(refusal.contains("is empty"), "{refusal}");
        }
    }

    #[test]
    fn texts_are_compared_whole() {
        assert!(is_equal("a", "a"));
        assert!(!is_equal("a", "ab") && !is_equal("", "a"));
    }
}
