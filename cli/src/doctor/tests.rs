//! What facts are taken for.

use std::time::{Duration, UNIX_EPOCH};

use super::*;

const NOW_S: i64 = 1_795_849_572;

fn facts(kind: &str, expires_at: i64) -> TokenFacts {
    let scopes = ["whatsapp_business_messaging", "whatsapp_business_management"].map(str::to_owned).into();
    TokenFacts {
        is_valid: true,
        kind: Some(kind.to_owned()),
        expires_at: Some(expires_at),
        scopes,
        ..TokenFacts::default()
    }
}

#[test]
fn tokens_are_judged_by_their_end() {
    for (expires_at, level, told) in [
        (0, Well, "never expires"),
        (NOW_S - 5, Problem, "expired on 28 Nov 2026"),
        (NOW_S + 20 * 3_600, Warning, "temporary one"),
        (NOW_S + 5 * DAY_S, Warning, "in 5 days"),
        (NOW_S + 60 * DAY_S, Well, "27 Jan 2027"),
    ] {
        let check = end(&facts("USER", expires_at), NOW_S);
        assert_eq!(check.level, level, "{check:?}");
        assert!(check.message.contains(told), "{check:?}");
    }
    // The access to data can end before the token does.
    let data = TokenFacts { data_access_expires_at: Some(NOW_S - 1), ..facts("USER", 0) };
    assert_eq!(end(&data, NOW_S).message, "its access to data expired on 28 Nov 2026, 07:06 UTC");
    let dead = token(&TokenFacts::default(), NOW_S);
    assert_eq!((dead.len(), dead[0].level), (1, Problem));
}

#[test]
fn permissions_decide_what_can_be_done() {
    let level = |scopes: &[&str]| {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        super::scopes(&TokenFacts { scopes, ..TokenFacts::default() }).level
    };
    assert_eq!(level(&["whatsapp_business_messaging", "whatsapp_business_management"]), Well);
    assert_eq!(level(&["whatsapp_business_messaging"]), Warning);
    assert_eq!(level(&["whatsapp_business_management"]), Problem);
}

#[test]
fn words_that_nobody_knows_yet_are_told() {
    let check = meant("state", Some(&"HIBERNATING".to_owned()), STATES).unwrap();
    assert_eq!((check.level, check.message.as_str()), (Warning, "HIBERNATING"));
    assert!(meant("state", None, STATES).is_none());
    let number = number(&PhoneNumber {
        account_mode: Some("SANDBOX".into()),
        status: Some("BANNED".into()),
        ..PhoneNumber::default()
    });
    assert_eq!(number.iter().map(|check| check.level).collect::<Vec<_>>(), [Well, Problem]);
    assert!(number[0].message.contains("test numbers"));
}

#[test]
fn versions_end() {
    let judged = |end: Option<&str>, answered: Option<&str>| version("v25.0", end, answered, NOW_S);
    assert_eq!(judged(Some("2028-07-29"), Some("v25.0")).message, "v25.0, until 2028-07-29");
    assert_eq!(judged(Some("2026-12-24"), Some("v25.0")).level, Warning);
    assert!(judged(Some("2026-11-01"), None).message.contains("ended on"));
    assert!(judged(None, Some("v26.0")).message.contains("v26.0 answered"));
    assert_eq!(judged(None, None).level, Well);
}

#[test]
fn clocks_may_differ_by_as_much_as_nobody_can_tell() {
    let theirs = of_header("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
    let told = |asked_s: f64, answered_s: f64| {
        let at = |s: f64| {
            if s < 0.0 { theirs - Duration::from_secs_f64(-s) } else { theirs + Duration::from_secs_f64(s) }
        };
        let server = ServerFacts {
            date: Some("Sun, 06 Nov 1994 08:49:37 GMT".into()),
            api_version: None,
            asked: at(asked_s),
            answered: at(answered_s),
        };
        clock(&server).unwrap()
    };
    assert_eq!(told(-3.0, 4.0).level, Well);
    // A slow answer says nothing about the clock.
    assert_eq!(told(-14.0, 14.0).level, Well);
    assert_eq!(told(100.0, 101.0).message, "this machine is 99 s ahead of Meta");
    assert_eq!(told(-101.0, -100.0).message, "this machine is 100 s behind Meta");
    let silent = ServerFacts { date: None, api_version: None, asked: UNIX_EPOCH, answered: UNIX_EPOCH };
    assert!(clock(&silent).is_none());
}
