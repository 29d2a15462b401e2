//! Orders: the parameters of `order_details` and `order_status`, in interactive messages and in templates.
//!
//! From Meta's pages "Receive payments via payment gateways on WhatsApp" (India), "Orders" and "Offsite Pix payments" (Brazil).

use serde_json::{Map, Value};

use super::message::is_link;
use super::shape::{ANY, ANY_TEXT, Member, Object, Path, SOME_TEXT, Shape, Violation, closed, may, must};

pub(super) static ORDER_DETAILS: Object = closed!(
    &[
        REFERENCE,
        must!("type", Shape::OneOf(&["digital-goods", "physical-goods"])),
        // `upi` with a configuration is in Meta's own document, not in today's page on India; the one of Singapore is known from
        // others' documentation only.
        may!("payment_type", Shape::OneOf(&["br", "upi", "p2m-lite:stripe"])),
        may!("payment_configuration", Shape::Text(1, 60)),
        may!("payment_settings", Shape::List(1, ANY, &PAYMENT)),
        must!("currency", Shape::OneOf(&["INR", "BRL", "SGD"])),
        must!("total_amount", Shape::Object(&AMOUNT)),
        may!("order", Shape::Object(&ORDER)),
        may!("beneficiaries", Shape::List(1, ANY, &Shape::Object(&BENEFICIARY))),
        may!("shipping_info", Shape::Object(&SHIPPING_INFO)),
    ],
    &[what_the_country_asks_for, total_is_the_sum],
);

/// Both spellings of `partially-shipped`: Meta's pages write the hyphen, others' documentation the underscore.
static STATES: &[&str] =
    &["pending", "processing", "partially-shipped", "partially_shipped", "shipped", "completed", "canceled"];

pub(super) static ORDER_STATUS: Object = closed!(
    &[
        REFERENCE,
        may!(
            "order",
            Shape::Object(&closed!(
                &[must!("status", Shape::OneOf(STATES)), may!("description", Shape::Text(0, 120))],
                &[]
            ))
        ),
        may!(
            "payment",
            Shape::Object(&closed!(
                &[
                    must!("status", Shape::OneOf(&["pending", "captured", "failed"])),
                    may!("timestamp", Shape::Integer(0, i64::MAX))
                ],
                &[]
            ))
        ),
    ],
    &[order_or_payment],
);

/// India allows 35 characters, Brazil 60.
const REFERENCE: Member = must!(
    "reference_id",
    Shape::Written(is_reference, "1 to 60 English letters, digits, underscores, dashes and dots")
);

fn is_reference(text: &str) -> bool {
    (1..=60).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

/// In hundredths of the currency.
static AMOUNT: Object = closed!(&[VALUE, OFFSET], &[]);
static DESCRIBED: Object = closed!(&[VALUE, OFFSET, DESCRIPTION], &[]);
static DISCOUNT: Object =
    closed!(&[VALUE, OFFSET, DESCRIPTION, may!("discount_program_name", Shape::Text(0, 60))], &[]);
const VALUE: Member = must!("value", Shape::Integer(0, i64::MAX));
const OFFSET: Member = must!("offset", Shape::Integer(100, 100));
const DESCRIPTION: Member = may!("description", Shape::Text(0, 60));

static ORDER: Object = closed!(
    &[
        must!("status", Shape::OneOf(&["pending"])),
        may!("type", Shape::OneOf(&["quick_pay"])),
        may!("catalog_id", ANY_TEXT),
        may!("expiration", Shape::Object(&EXPIRATION)),
        must!("items", Shape::List(1, ANY, &Shape::Object(&ITEM))),
        must!("subtotal", Shape::Object(&AMOUNT)),
        must!("tax", Shape::Object(&DESCRIBED)),
        may!("shipping", Shape::Object(&DESCRIBED)),
        may!("discount", Shape::Object(&DISCOUNT)),
    ],
    &[subtotal_is_the_sum, own_pictures_need_no_catalog],
);

/// The description is called required, but Meta's own example of a checkout button goes without.
static EXPIRATION: Object = closed!(
    &[
        must!("timestamp", Shape::Written(is_digits, "seconds since 1970, as a string of digits")),
        may!("description", Shape::Text(0, 120)),
    ],
    &[],
);

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Origin and importer are called required without a catalog, but Meta's own document shows an order without them.
static ITEM: Object = closed!(
    &[
        may!("retailer_id", SOME_TEXT),
        must!("name", Shape::Text(1, 60)),
        may!("image", Shape::Object(&closed!(&[must!("link", Shape::Written(is_link, "a link to an image"))], &[]))),
        must!("amount", Shape::Object(&AMOUNT)),
        may!("sale_amount", Shape::Object(&AMOUNT)),
        must!("quantity", Shape::Integer(1, i64::MAX)),
        may!("country_of_origin", ANY_TEXT),
        may!("importer_name", ANY_TEXT),
        // A string by Meta's table, an object in its examples.
        may!("importer_address", Shape::Either(&ANY_TEXT, &Shape::Object(&IMPORTER))),
    ],
    &[],
);
static IMPORTER: Object = closed!(
    &[
        may!("address_line1", ANY_TEXT),
        may!("address_line2", ANY_TEXT),
        may!("city", ANY_TEXT),
        may!("zone_code", ANY_TEXT),
        may!("postal_code", ANY_TEXT),
        may!("country_code", ANY_TEXT),
    ],
    &[],
);

static BENEFICIARY: Object = closed!(
    &[
        must!("name", Shape::Text(1, 200)),
        must!("address_line1", Shape::Text(1, 100)),
        may!("address_line2", Shape::Text(0, 100)),
        must!("city", SOME_TEXT),
        must!("state", SOME_TEXT),
        must!("country", Shape::OneOf(&["India"])),
        must!("postal_code", Shape::Written(|text| is_digits(text) && text.len() == 6, "six digits")),
    ],
    &[],
);

/// From Meta's page on templates with a checkout button.
static SHIPPING_INFO: Object = closed!(
    &[
        must!("country", Shape::OneOf(&["IN"])),
        must!("addresses", Shape::List(1, ANY, &Shape::Object(&super::address::SHIPPING))),
    ],
    &[],
);

/// One way to pay: a type, and the member named like it.
static PAYMENT: Shape = Shape::Tagged(
    "type",
    &[
        ("payment_gateway", &closed!(&[KIND, must!("payment_gateway", Shape::Object(&GATEWAY))], &[])),
        ("upi_intent_link", &closed!(&[KIND, must!("upi_intent_link", Shape::Object(&UPI))], &[])),
        ("payment_link", &closed!(&[KIND, must!("payment_link", Shape::Object(&LINK))], &[])),
        ("pix_dynamic_code", &closed!(&[KIND, must!("pix_dynamic_code", Shape::Object(&PIX))], &[])),
        ("boleto", &closed!(&[KIND, must!("boleto", Shape::Object(&BOLETO))], &[])),
        ("offsite_card_pay", &closed!(&[KIND, must!("offsite_card_pay", Shape::Object(&CARD))], &[])),
    ],
);
const KIND: Member = must!("type", ANY_TEXT);
static GATEWAY: Object = closed!(
    &[
        must!("type", Shape::OneOf(&["razorpay", "payu", "billdesk", "zaakpay"])),
        must!("configuration_name", Shape::Text(1, 60)),
        may!("enabled_payment_options", Shape::List(1, ANY, &SOME_TEXT)),
        may!("razorpay", Shape::Object(&RAZORPAY)),
        may!("payu", Shape::Object(&PAYU)),
        may!("billdesk", Shape::Object(&BILLDESK)),
        may!("zaakpay", Shape::Object(&ZAAKPAY)),
    ],
    &[],
);
static RAZORPAY: Object = closed!(&[may!("notes", Shape::Object(&NOTES)), may!("receipt", Shape::Text(1, 40))], &[]);
static NOTES: Object = Object { members: &[], rules: &[at_most_15_notes], open: true };
static PAYU: Object = closed!(&[may!("udf1", UDF), may!("udf2", UDF), may!("udf3", UDF), may!("udf4", UDF)], &[]);
const UDF: Shape = Shape::Text(0, 255);
static ZAAKPAY: Object = closed!(&[may!("extra1", Shape::Text(0, 180)), may!("extra2", Shape::Text(0, 180))], &[]);
static BILLDESK: Object = closed!(
    &[
        may!("additional_info1", INFO),
        may!("additional_info2", INFO),
        may!("additional_info3", INFO),
        may!("additional_info4", INFO),
        may!("additional_info5", INFO),
        may!("additional_info6", INFO),
        may!("additional_info7", INFO),
    ],
    &[],
);
const INFO: Shape = Shape::Text(0, 120);
static UPI: Object =
    closed!(&[must!("link", Shape::Written(|text| text.starts_with("upi://"), "a link that begins with upi://"))], &[]);
static LINK: Object = closed!(&[must!("uri", SOME_TEXT)], &[]);
static PIX: Object = closed!(
    &[
        must!("code", SOME_TEXT),
        must!("merchant_name", SOME_TEXT),
        must!("key", SOME_TEXT),
        must!("key_type", Shape::OneOf(&["CPF", "CNPJ", "EMAIL", "PHONE", "EVP"])),
    ],
    &[],
);
static BOLETO: Object = closed!(&[must!("digitable_line", SOME_TEXT)], &[]);
static CARD: Object = closed!(
    &[
        must!("last_four_digits", Shape::Written(|text| is_digits(text) && text.len() == 4, "four digits")),
        must!("credential_id", SOME_TEXT)
    ],
    &[],
);

fn at_most_15_notes(notes: &Map<String, Value>, path: &Path<'_>) -> Result<(), Violation> {
    if notes.len() > 15 {
        return Err(path.value(format!("at most 15 notes, not {}", notes.len())));
    }
    notes.iter().try_for_each(|(name, note)| Shape::Text(0, 256).check(note, &path.member(name)))
}

fn order_or_payment(parameters: &Map<String, Value>, path: &Path<'_>) -> Result<(), Violation> {
    if parameters.contains_key("order") || parameters.contains_key("payment") {
        return Ok(());
    }
    Err(path.member("order").missing("order or payment is required"))
}

/// What one country's page calls required and another's does not.
fn what_the_country_asks_for(details: &Map<String, Value>, path: &Path<'_>) -> Result<(), Violation> {
    let has = |name: &str| details.contains_key(name);
    let lacks = |name: &'static str, says: &str| Err(path.member(name).missing(format!("is required for {says}")));
    match details["currency"].as_str() {
        Some("INR") if !has("order") => lacks("order", "INR"),
        Some("INR") if !has("payment_settings") && !has("payment_configuration") => lacks("payment_settings", "INR"),
        Some("INR") if details["reference_id"].as_str().is_some_and(|id| id.len() > 35) => {
            Err(path.member("reference_id").value("at most 35 characters for INR"))
        }
        Some("BRL") if !details.get("payment_type").is_some_and(|kind| kind == "br") => {
            Err(path.member("payment_type").missing("must be br for BRL"))
        }
        Some("BRL") => match items(details.get("order")).iter().position(|item| item.get("retailer_id").is_none()) {
            Some(index) => Err(path
                .member("order")
                .member("items")
                .item(index)
                .member("retailer_id")
                .missing("is required for BRL")),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn items(order: Option<&Value>) -> &[Value] {
    order.and_then(|order| order["items"].as_array()).map_or(&[], Vec::as_slice)
}

fn value_of(amount: Option<&Value>) -> i128 {
    amount.and_then(|amount| amount["value"].as_i64()).unwrap_or(0).into()
}

fn total_is_the_sum(details: &Map<String, Value>, path: &Path<'_>) -> Result<(), Violation> {
    let Some(order) = details.get("order") else {
        return Ok(());
    };
    let of = |name: &str| value_of(order.get(name));
    let sum = of("subtotal") + of("tax") + of("shipping") - of("discount");
    let total = value_of(details.get("total_amount"));
    if total == sum {
        return Ok(());
    }
    Err(path
        .member("total_amount")
        .member("value")
        .value(format!("must be subtotal + tax + shipping - discount = {sum}, not {total}")))
}

fn subtotal_is_the_sum(order: &Map<String, Value>, path: &Path<'_>) -> Result<(), Violation> {
    let items = order["items"].as_array().map_or(&[][..], Vec::as_slice);
    let cost = |item: &Value| {
        let each = value_of(item.get("sale_amount").or_else(|| item.get("amount")));
        each.saturating_mul(item["quantity"].as_i64().unwrap_or(0).into())
    };
    let sum = items.iter().map(cost).fold(0, i128::saturating_add);
    let subtotal = value_of(order.get("subtotal"));
    if subtotal == sum {
        return Ok(());
    }
    Err(path.member("subtotal").member("value").value(format!("must be the sum of the items, {sum}, not {subtotal}")))
}

/// An item's own picture takes the place of the catalog's, for at most ten items.
fn own_pictures_need_no_catalog(order: &Map<String, Value>, path: &Path<'_>) -> Result<(), Violation> {
    let items = order["items"].as_array().map_or(&[][..], Vec::as_slice);
    let here = path.member("items");
    let Some(index) = items.iter().position(|item| item.get("image").is_some()) else {
        return Ok(());
    };
    if items.len() > 10 {
        return Err(here.value(format!("at most 10 items with an image, not {}", items.len())));
    }
    if order.contains_key("catalog_id") || items[index].get("retailer_id").is_some() {
        return Err(here.item(index).member("image").value("not together with catalog_id or retailer_id"));
    }
    Ok(())
}
