//! `contacts` (Meta's page "Contacts messages"): a part's `type` is free text there, whatever Meta's own document says.

use super::shape::{ANY, ANY_TEXT, Object, SOME_TEXT, Shape, closed, may, must};

/// 1 to 257 contact cards.
pub(super) const CONTACTS: Shape = Shape::List(1, 257, &Shape::Object(&CONTACT));

static CONTACT: Object = closed!(
    &[
        must!("name", Shape::Object(&NAME)),
        may!("phones", Shape::List(0, ANY, &PHONE)),
        may!("emails", Shape::List(0, ANY, &EMAIL)),
        may!("addresses", Shape::List(0, ANY, &ADDRESS)),
        may!("urls", Shape::List(0, ANY, &URL)),
        may!("org", Shape::Object(&ORG)),
        may!("birthday", Shape::Written(is_date, "a date as in 2000-12-31")),
    ],
    &[],
);

static NAME: Object = closed!(
    &[
        must!("formatted_name", SOME_TEXT),
        may!("first_name", ANY_TEXT),
        may!("last_name", ANY_TEXT),
        may!("middle_name", ANY_TEXT),
        may!("prefix", ANY_TEXT),
        may!("suffix", ANY_TEXT),
    ],
    &[],
);

static PHONE: Shape =
    Shape::Object(&closed!(&[must!("phone", ANY_TEXT), may!("type", ANY_TEXT), may!("wa_id", ANY_TEXT)], &[]));
static EMAIL: Shape = Shape::Object(&closed!(&[must!("email", ANY_TEXT), may!("type", ANY_TEXT)], &[]));
static URL: Shape = Shape::Object(&closed!(&[must!("url", ANY_TEXT), may!("type", ANY_TEXT)], &[]));
static ADDRESS: Shape = Shape::Object(&closed!(
    &[
        may!("street", ANY_TEXT),
        may!("city", ANY_TEXT),
        may!("state", ANY_TEXT),
        may!("zip", ANY_TEXT),
        may!("country", ANY_TEXT),
        may!("country_code", ANY_TEXT),
        may!("type", ANY_TEXT),
    ],
    &[],
));
static ORG: Object = closed!(&[may!("company", ANY_TEXT), may!("department", ANY_TEXT), may!("title", ANY_TEXT)], &[]);

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else {
        return false;
    };
    let number = |part: &str, width: usize| {
        (part.len() == width && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u32>().unwrap_or(0))
    };
    number(year, 4).is_some()
        && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
        && number(day, 2).is_some_and(|day| (1..=31).contains(&day))
}
