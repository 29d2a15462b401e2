//! Interactive messages about products and orders: their actions.

use serde_json::{Map, Value};

use super::interactive::{SECTION_TITLE, at_most, several_sections_have_titles};
use super::order::{ORDER_DETAILS, ORDER_STATUS};
use super::shape::{ANY_TEXT, Object, Path, Shape, Violation, closed, may, must};

pub(super) static PRODUCT: Object =
    closed!(&[must!("catalog_id", ANY_TEXT), must!("product_retailer_id", ANY_TEXT)], &[]);
pub(super) static PRODUCT_LIST: Object = closed!(
    &[
        must!("catalog_id", ANY_TEXT),
        may!("product_retailer_id", ANY_TEXT),
        must!("sections", Shape::List(1, 10, &Shape::Object(&PRODUCTS))),
    ],
    &[several_sections_have_titles, at_most_30_products],
);
pub(super) static PRODUCTS: Object = closed!(
    &[
        SECTION_TITLE,
        must!(
            "product_items",
            Shape::List(1, 30, &Shape::Object(&closed!(&[must!("product_retailer_id", ANY_TEXT)], &[])))
        ),
    ],
    &[],
);
pub(super) static CATALOG: Object = closed!(
    &[
        must!("name", Shape::OneOf(&["catalog_message"])),
        may!("parameters", Shape::Object(&closed!(&[may!("thumbnail_product_retailer_id", ANY_TEXT)], &[]))),
    ],
    &[],
);

pub(super) static REVIEW_AND_PAY: Object = closed!(
    &[must!("name", Shape::OneOf(&["review_and_pay"])), must!("parameters", Shape::Object(&ORDER_DETAILS))],
    &[],
);
pub(super) static REVIEW_ORDER: Object =
    closed!(&[must!("name", Shape::OneOf(&["review_order"])), must!("parameters", Shape::Object(&ORDER_STATUS))], &[],);

pub(super) fn at_most_30_products(action: &Map<String, Value>, path: &Path<'_>) -> Result<(), Violation> {
    at_most(action, path, "product_items", 30)
}
