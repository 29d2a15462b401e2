//! Addresses that a form asks for: `address_message`, and the shipping addresses of an order.
//!
//! From Meta's page "Address Messages"; today's copy names India only, an older one Singapore too.

use super::shape::{ANY, ANY_TEXT, Object, SOME_TEXT, Shape, closed, may, must};

pub(super) static ADDRESS_MESSAGE: Object = closed!(
    &[must!("name", Shape::OneOf(&["address_message"])), must!("parameters", Shape::Object(&PARAMETERS))],
    &[],
);

static PARAMETERS: Object = closed!(
    &[
        must!("country", Shape::OneOf(&["IN", "SG"])),
        may!("values", Shape::Object(&VALUES)),
        may!(
            "saved_addresses",
            Shape::List(
                0,
                ANY,
                &Shape::Object(&closed!(&[must!("id", SOME_TEXT), must!("value", Shape::Object(&VALUES))], &[]))
            )
        ),
        may!("validation_errors", Shape::Object(&ERRORS)),
    ],
    &[],
);

/// The fields of the form, in the order in which it asks.
macro_rules! fields {
    ($text:expr, $pin_code:expr, $post_code:expr) => {
        closed!(
            &[
                may!("name", $text),
                may!("phone_number", $text),
                may!("in_pin_code", $pin_code),
                may!("sg_post_code", $post_code),
                may!("house_number", $text),
                may!("floor_number", $text),
                may!("tower_number", $text),
                may!("building_name", $text),
                may!("address", $text),
                may!("landmark_area", $text),
                may!("unit_number", $text),
                may!("city", $text),
                may!("state", $text),
            ],
            &[],
        )
    };
}

static VALUES: Object = fields!(
    ANY_TEXT,
    Shape::Text(0, 6),
    // The page calls this field a number.
    Shape::Either(&Shape::Integer(0, 999_999), &Shape::Text(0, 6))
);
/// What is wrong with a value that the customer entered before.
static ERRORS: Object = fields!(ANY_TEXT, ANY_TEXT, ANY_TEXT);

pub(super) static SHIPPING: Object = closed!(
    &[
        may!("name", Shape::Text(0, 256)),
        may!("phone_number", Shape::Text(0, 12)),
        may!("address", Shape::Text(0, 512)),
        may!("city", Shape::Text(0, 100)),
        may!("state", Shape::Text(0, 100)),
        may!("in_pin_code", Shape::Text(0, 6)),
        may!("house_number", Shape::Text(0, 8)),
        may!("floor_number", Shape::Text(0, 10)),
        may!("tower_number", Shape::Text(0, 8)),
        may!("building_name", Shape::Text(0, 128)),
        may!("landmark_area", Shape::Text(0, 128)),
    ],
    &[],
);
