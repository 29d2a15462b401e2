//! The form of `template`. Whether the parameters fit the approved template is `crate::template`'s business.

use super::message::{CAPTIONED, DOCUMENT, LOCATION, OPEN_LIST};
use super::shape::{ANY, ANY_TEXT, Member, Object, SOME_TEXT, Shape, closed, may, must, open};

pub(super) static TEMPLATE: Object = closed!(
    &[
        must!("name", Shape::Text(1, 512)),
        must!("language", Shape::Object(&LANGUAGE)),
        may!("components", Shape::List(0, ANY, &COMPONENT))
    ],
    &[],
);

static LANGUAGE: Object = closed!(&[must!("code", SOME_TEXT), may!("policy", Shape::OneOf(&["deterministic"]))], &[]);

static COMPONENT: Shape = Shape::Tagged(
    "type",
    &[
        ("header", &closed!(&[KIND, may!("parameters", Shape::List(1, ANY, &HEADER_PARAMETER))], &[])),
        ("body", &closed!(&[KIND, may!("parameters", Shape::List(0, ANY, &BODY_PARAMETER))], &[])),
        ("button", &BUTTON),
        ("carousel", &open!(&[must!("cards", Shape::List(1, 10, &Shape::Object(&CARD)))])),
        ("limited_time_offer", &open!(&[must!("parameters", OPEN_LIST)])),
        ("order_status", &open!(&[may!("parameters", OPEN_LIST)])),
    ],
);

static CARD: Object =
    open!(&[must!("card_index", Shape::Integer(0, i64::MAX)), must!("components", Shape::List(0, ANY, &COMPONENT))]);

static BUTTON: Object = closed!(
    &[
        KIND,
        must!("sub_type", Shape::OneOf(SUB_TYPES)),
        must!(
            "index",
            Shape::Either(&Shape::OneOf(&["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]), &Shape::Integer(0, 9))
        ),
        must!("parameters", Shape::List(1, 1, &BUTTON_PARAMETER)),
    ],
    &[],
);

/// Lower case in Meta's pages, upper case in some of its examples.
static SUB_TYPES: &[&str] = &[
    "quick_reply",
    "url",
    "catalog",
    "flow",
    "copy_code",
    "mpm",
    "voice_call",
    "order_details",
    "QUICK_REPLY",
    "URL",
    "CATALOG",
    "FLOW",
    "COPY_CODE",
    "MPM",
    "VOICE_CALL",
    "ORDER_DETAILS",
];

const KIND: Member = must!("type", ANY_TEXT);
/// The variable's name in a template with named variables.
const NAME: Member = may!("parameter_name", ANY_TEXT);

static BODY_PARAMETER: Shape =
    Shape::Tagged("type", &[("text", &TEXT), ("currency", &CURRENCY), ("date_time", &DATE_TIME)]);

static HEADER_PARAMETER: Shape = Shape::Tagged(
    "type",
    &[
        ("text", &TEXT),
        ("currency", &CURRENCY),
        ("date_time", &DATE_TIME),
        ("image", &closed!(&[KIND, must!("image", Shape::Object(&CAPTIONED))], &[])),
        ("video", &closed!(&[KIND, must!("video", Shape::Object(&CAPTIONED))], &[])),
        ("document", &closed!(&[KIND, must!("document", Shape::Object(&DOCUMENT))], &[])),
        ("location", &closed!(&[KIND, must!("location", Shape::Object(&LOCATION))], &[])),
        ("product", &closed!(&[KIND, must!("product", Shape::Open)], &[])),
        ("gif", &closed!(&[KIND, must!("gif", Shape::Open)], &[])),
    ],
);

static BUTTON_PARAMETER: Shape = Shape::Tagged(
    "type",
    &[
        ("payload", &closed!(&[KIND, must!("payload", ANY_TEXT)], &[])),
        ("text", &closed!(&[KIND, must!("text", ANY_TEXT)], &[])),
        ("action", &closed!(&[KIND, must!("action", Shape::Open)], &[])),
        ("coupon_code", &closed!(&[KIND, must!("coupon_code", Shape::Text(1, 20))], &[])),
    ],
);

static TEXT: Object = closed!(&[KIND, NAME, must!("text", Shape::Text(1, 32_768))], &[]);
static CURRENCY: Object = closed!(
    &[
        KIND,
        NAME,
        must!(
            "currency",
            Shape::Object(&closed!(
                &[
                    must!("fallback_value", ANY_TEXT),
                    must!("code", ANY_TEXT),
                    must!("amount_1000", Shape::Integer(i32::MIN as i64, i32::MAX as i64)),
                ],
                &[],
            )),
        ),
    ],
    &[],
);
/// Left open: Meta's examples carry `day_of_week`, `year` and more beside `fallback_value`.
static DATE_TIME: Object =
    closed!(&[KIND, NAME, must!("date_time", Shape::Object(&open!(&[must!("fallback_value", ANY_TEXT)])))], &[]);
