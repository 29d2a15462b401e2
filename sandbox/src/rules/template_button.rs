//! The buttons of a template message: one table for each kind that takes something.

use super::commerce::{PRODUCTS, at_most_30_products};
use super::interactive::{CALL_MINUTES, CALL_PAYLOAD};
use super::order::ORDER_DETAILS;
use super::shape::{ANY_TEXT, Member, Object, Shape, closed, may, must};
use super::template::KIND;

/// By `sub_type`: lower case in Meta's pages, upper case in some of its examples.
pub(super) static BUTTONS: &[(&str, &Object)] = &[
    ("quick_reply", &QUICK_REPLY),
    ("QUICK_REPLY", &QUICK_REPLY),
    ("url", &URL),
    ("URL", &URL),
    ("copy_code", &COPY_CODE),
    ("COPY_CODE", &COPY_CODE),
    ("flow", &FLOW),
    ("FLOW", &FLOW),
    ("catalog", &CATALOG),
    ("CATALOG", &CATALOG),
    ("mpm", &MPM),
    ("MPM", &MPM),
    ("order_details", &ORDER),
    ("ORDER_DETAILS", &ORDER),
    ("voice_call", &VOICE_CALL),
    ("VOICE_CALL", &VOICE_CALL),
];

const SUB_TYPE: Member = must!("sub_type", ANY_TEXT);
static NUMBERS: Shape = Shape::OneOf(&["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
/// The button's place in the template: a string in Meta's document, a number in most of its examples.
const INDEX: Member = must!("index", Shape::Either(&NUMBERS, &Shape::Integer(0, 9)));

static QUICK_REPLY: Object = closed!(&[KIND, SUB_TYPE, INDEX, must!("parameters", Shape::List(1, 1, &PAYLOAD))], &[]);
static PAYLOAD: Shape = Shape::Tagged("type", &[("payload", &closed!(&[KIND, must!("payload", ANY_TEXT)], &[]))]);

/// Also the button of a one-time password.
static URL: Object = closed!(&[KIND, SUB_TYPE, INDEX, must!("parameters", Shape::List(1, 1, &SUFFIX))], &[]);
static SUFFIX: Shape = Shape::Tagged("type", &[("text", &closed!(&[KIND, must!("text", Shape::Text(0, 2000))], &[]))]);

static COPY_CODE: Object = closed!(&[KIND, SUB_TYPE, INDEX, must!("parameters", Shape::List(1, 1, &COUPON))], &[]);
/// "Coupon code templates" and "Limited-time offer templates".
static COUPON: Shape = Shape::Tagged(
    "type",
    &[(
        "coupon_code",
        &closed!(&[KIND, must!("coupon_code", Shape::Written(is_coupon, "1 to 15 letters and digits"))], &[]),
    )],
);

fn is_coupon(text: &str) -> bool {
    (1..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// A button whose one parameter is an action.
macro_rules! action {
    ($member:ident, $object:expr) => {
        closed!(
            &[
                KIND,
                SUB_TYPE,
                INDEX,
                $member!(
                    "parameters",
                    Shape::List(
                        1,
                        1,
                        &Shape::Tagged(
                            "type",
                            &[("action", &closed!(&[KIND, must!("action", Shape::Object(&$object))], &[]))]
                        )
                    )
                )
            ],
            &[]
        )
    };
}

static FLOW: Object = action!(must, FLOW_ACTION);
static FLOW_ACTION: Object = closed!(&[may!("flow_token", ANY_TEXT), may!("flow_action_data", Shape::Open)], &[]);

/// "Catalog templates": without parameters the first product gives the picture.
static CATALOG: Object = action!(may, CATALOG_ACTION);
static CATALOG_ACTION: Object = closed!(&[THUMBNAIL], &[]);
const THUMBNAIL: Member = may!("thumbnail_product_retailer_id", ANY_TEXT);

/// "Multi-product message templates".
static MPM: Object = action!(must, MPM_ACTION);
static MPM_ACTION: Object =
    closed!(&[THUMBNAIL, must!("sections", Shape::List(1, 10, &Shape::Object(&PRODUCTS)))], &[at_most_30_products],);

/// "Send order details template message".
static ORDER: Object = action!(must, ORDER_ACTION);
static ORDER_ACTION: Object = closed!(&[must!("order_details", Shape::Object(&ORDER_DETAILS))], &[]);

/// "Send WhatsApp Call Button Messages and Deep Links": its example gives no index.
static VOICE_CALL: Object = closed!(
    &[
        KIND,
        SUB_TYPE,
        may!("index", Shape::Either(&NUMBERS, &Shape::Integer(0, 9))),
        may!(
            "parameters",
            Shape::List(
                0,
                2,
                &Shape::Tagged(
                    "type",
                    &[
                        ("ttl_minutes", &closed!(&[KIND, must!("ttl_minutes", CALL_MINUTES)], &[])),
                        ("payload", &closed!(&[KIND, must!("payload", CALL_PAYLOAD)], &[])),
                    ]
                )
            )
        ),
    ],
    &[],
);
