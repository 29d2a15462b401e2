//! The form of `template`. Whether the parameters fit the approved template is `crate::template`'s business.

use serde_json::{Map, Value};

use super::carousel::{INDEX, card_indices_differ};
use super::message::{CAPTIONED, DOCUMENT, LOCATION, is_link};
use super::order::ORDER_STATUS;
use super::shape::{
    ANY, ANY_TEXT, Member, Object, Path, SOME_TEXT, Shape, Violation, closed, may, must, open, variant,
};
use super::template_button::BUTTONS;

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
        ("body", &BODY),
        ("button", &BUTTON),
        ("carousel", &CAROUSEL),
        ("limited_time_offer", &closed!(&[KIND, must!("parameters", Shape::List(1, 1, &OFFER))], &[])),
        ("order_status", &closed!(&[KIND, must!("parameters", Shape::List(1, 1, &STATUS))], &[])),
        ("tap_target_configuration", &closed!(&[KIND, must!("parameters", Shape::List(1, 1, &TAP_TARGET))], &[])),
    ],
);

static BODY: Object = closed!(&[KIND, may!("parameters", Shape::List(0, ANY, &BODY_PARAMETER))], &[]);
static BUTTON: Object = Object { members: &[], rules: &[button], open: true };

fn button(map: &Map<String, Value>, path: &Path<'_>) -> Result<(), Violation> {
    variant(map, "sub_type", BUTTONS, path)
}

/// "Media card carousel templates" and "Product card carousel templates".
static CAROUSEL: Object =
    closed!(&[KIND, must!("cards", Shape::List(1, 10, &Shape::Object(&CARD)))], &[card_indices_differ]);
static CARD: Object = closed!(&[INDEX, must!("components", Shape::List(0, ANY, &CARD_COMPONENT))], &[]);
static CARD_COMPONENT: Shape = Shape::Tagged(
    "type",
    &[
        ("header", &closed!(&[KIND, must!("parameters", Shape::List(1, 1, &CARD_HEADER))], &[])),
        ("body", &BODY),
        ("button", &BUTTON),
    ],
);
static CARD_HEADER: Shape = Shape::Tagged("type", &[("image", &IMAGE), ("video", &VIDEO), ("product", &PRODUCT)]);

/// "Limited-time offer templates": milliseconds since 1970.
static OFFER: Shape = Shape::Tagged(
    "type",
    &[(
        "limited_time_offer",
        &closed!(
            &[
                KIND,
                must!(
                    "limited_time_offer",
                    Shape::Object(&closed!(&[must!("expiration_time_ms", Shape::Integer(0, i64::MAX))], &[]))
                )
            ],
            &[]
        ),
    )],
);

static STATUS: Shape = Shape::Tagged(
    "type",
    &[("order_status", &closed!(&[KIND, must!("order_status", Shape::Object(&ORDER_STATUS))], &[]))],
);

/// Meta's page on overriding the title of a tap target: the whole message opens a page, and this is its title.
static TAP_TARGET: Shape = Shape::Tagged(
    "type",
    &[(
        "tap_target_configuration",
        &closed!(&[KIND, must!("tap_target_configuration", Shape::List(1, ANY, &Shape::Object(&TARGET)))], &[]),
    )],
);
static TARGET: Object = closed!(&[must!("url", Shape::Written(is_link, "a link")), must!("title", SOME_TEXT)], &[]);

pub(super) const KIND: Member = must!("type", ANY_TEXT);
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
        ("image", &IMAGE),
        ("video", &VIDEO),
        ("document", &closed!(&[KIND, must!("document", Shape::Object(&DOCUMENT))], &[])),
        ("location", &closed!(&[KIND, must!("location", Shape::Object(&LOCATION))], &[])),
        ("product", &PRODUCT),
        ("gif", &closed!(&[KIND, must!("gif", Shape::Open)], &[])),
    ],
);
static IMAGE: Object = closed!(&[KIND, must!("image", Shape::Object(&CAPTIONED))], &[]);
static VIDEO: Object = closed!(&[KIND, must!("video", Shape::Object(&CAPTIONED))], &[]);
static PRODUCT: Object = closed!(
    &[
        KIND,
        must!(
            "product",
            Shape::Object(&closed!(&[must!("product_retailer_id", SOME_TEXT), must!("catalog_id", SOME_TEXT)], &[]))
        )
    ],
    &[],
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
