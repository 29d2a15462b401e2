//! What an order must be like.

use super::{
    Amount, Beneficiary, Charge, Order, OrderDetails, OrderDetailsAction, OrderItem, OrderStatus, OrderStatusAction,
    PaymentKind, PaymentSetting,
};
use crate::message::interactive::{Action, FrameRules};
use crate::message::limits;
use crate::message::media::check_link;
use crate::message::violation::{Checker, Rule};

impl Action for OrderDetailsAction {
    const FRAME: FrameRules = FrameRules::ALL;

    fn check(&self, checker: &mut Checker) {
        checker.member("parameters", |c| self.parameters.check(c));
    }
}

impl Action for OrderStatusAction {
    const FRAME: FrameRules = FrameRules::ALL;

    fn check(&self, checker: &mut Checker) {
        checker.member("parameters", |c| self.parameters.check(c));
    }
}

impl OrderDetails {
    /// Tells every mistake.
    pub(crate) fn check(&self, checker: &mut Checker) {
        let longest = if self.currency == "INR" { limits::REFERENCE_ID_INDIA } else { limits::REFERENCE_ID };
        check_reference("reference_id", &self.reference_id, longest, checker);
        let is_code = self.currency.len() == 3 && self.currency.bytes().all(|b| b.is_ascii_uppercase());
        if !is_code {
            checker.refuse_at(
                "currency",
                Rule::Format,
                "must be a currency's code of three capital letters such as INR",
            );
        }
        checker.optional_text("payment_type", self.payment_type.as_ref(), 1, usize::MAX);
        let configuration = self.payment_configuration.as_ref();
        checker.optional_text("payment_configuration", configuration, 1, limits::ORDER_TEXT);
        checker.member("total_amount", |c| self.total_amount.check(c));
        checker.items("payment_settings", self.payment_settings.as_deref().unwrap_or_default(), |c, setting| {
            setting.check(c);
        });
        if let Some(order) = &self.order {
            checker.member("order", |c| order.check(c));
            let total = order.total();
            if self.total_amount.value != total {
                let message = format!("must be subtotal + tax + shipping - discount, which is {total}");
                checker.member("total_amount", |c| c.refuse_at("value", Rule::Conflict, message));
            }
        }
        let people = self.beneficiaries.as_deref().unwrap_or_default();
        checker.items("beneficiaries", people, |c, person| person.check(c));
        if let Some(info) = &self.shipping_info {
            checker.member("shipping_info", |c| info.check(c));
        }
    }
}

/// "Letters, digits, underscores, dashes and dots."
fn check_reference(name: &'static str, reference: &str, longest: usize, checker: &mut Checker) {
    checker.text(name, reference, 1, longest);
    let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    if !reference.bytes().all(fine) {
        checker.refuse_at(name, Rule::Format, "must be letters, digits, _, - and . only");
    }
}

fn check_money(value: i64, offset: i64, checker: &mut Checker) {
    if value < 0 {
        checker.refuse_at("value", Rule::Format, format!("must be 0 or more, got {value}"));
    }
    if offset != limits::AMOUNT_OFFSET {
        checker.refuse_at("offset", Rule::Format, format!("must be {}, got {offset}", limits::AMOUNT_OFFSET));
    }
}

impl Amount {
    fn check(&self, checker: &mut Checker) {
        check_money(self.value, self.offset, checker);
    }
}

impl Charge {
    fn check(&self, is_discount: bool, checker: &mut Checker) {
        check_money(self.value, self.offset, checker);
        checker.optional_text("description", self.description.as_ref(), 0, limits::ORDER_TEXT);
        let program = self.discount_program_name.as_ref();
        checker.optional_text("discount_program_name", program, 0, limits::ORDER_TEXT);
        if !is_discount {
            checker.none_of(&[("discount_program_name", program.is_some())], "anything but a discount");
        }
    }
}

impl Order {
    fn total(&self) -> i64 {
        let of = |charge: &Option<Charge>| charge.as_ref().map_or(0, |charge| charge.value);
        let sum = self.subtotal.value.saturating_add(self.tax.value).saturating_add(of(&self.shipping));
        sum.saturating_sub(of(&self.discount))
    }

    fn check(&self, checker: &mut Checker) {
        if self.items.is_empty() {
            checker.refuse_at("items", Rule::Count, "must have at least 1 item, has 0");
        }
        checker.items("items", &self.items, |c, item| item.check(c));
        checker.member("subtotal", |c| self.subtotal.check(c));
        let sum = self.items.iter().fold(0_i64, |sum, item| sum.saturating_add(item.sum()));
        if sum != self.subtotal.value {
            let message = format!("must be the sum of the items, which is {sum}");
            checker.member("subtotal", |c| c.refuse_at("value", Rule::Conflict, message));
        }
        checker.member("tax", |c| self.tax.check(false, c));
        for (name, charge) in [("shipping", &self.shipping), ("discount", &self.discount)] {
            if let Some(charge) = charge {
                checker.member(name, |c| charge.check(name == "discount", c));
            }
        }
        checker.optional_text("catalog_id", self.catalog_id.as_ref(), 1, usize::MAX);
        if let Some(expiration) = &self.expiration {
            checker.member("expiration", |checker| {
                let digits = &expiration.timestamp;
                if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                    checker.refuse_at("timestamp", Rule::Format, "must be seconds since 1970, as text of digits");
                }
                checker.optional_text("description", expiration.description.as_ref(), 0, limits::ORDER_DESCRIPTION);
            });
        }
    }
}

impl OrderItem {
    fn sum(&self) -> i64 {
        self.sale_amount.as_ref().unwrap_or(&self.amount).value.saturating_mul(self.quantity)
    }

    fn check(&self, checker: &mut Checker) {
        checker.text("name", &self.name, 1, limits::ORDER_TEXT);
        checker.member("amount", |c| self.amount.check(c));
        if let Some(sale) = &self.sale_amount {
            checker.member("sale_amount", |c| sale.check(c));
        }
        if self.quantity < 1 {
            checker.refuse_at("quantity", Rule::Format, format!("must be 1 or more, got {}", self.quantity));
        }
        checker.optional_text("retailer_id", self.retailer_id.as_ref(), 1, usize::MAX);
        if let Some(image) = &self.image {
            checker.member("image", |c| check_link("link", &image.link, c));
        }
    }
}

impl Beneficiary {
    fn check(&self, checker: &mut Checker) {
        checker.text("name", &self.name, 1, limits::BENEFICIARY_NAME);
        checker.text("address_line1", &self.address_line1, 1, limits::BENEFICIARY_LINE);
        checker.optional_text("address_line2", self.address_line2.as_ref(), 0, limits::BENEFICIARY_LINE);
        for (name, text) in [("city", &self.city), ("state", &self.state), ("country", &self.country)] {
            checker.text(name, text, 1, usize::MAX);
        }
        if self.postal_code.len() != 6 || !self.postal_code.bytes().all(|b| b.is_ascii_digit()) {
            checker.refuse_at("postal_code", Rule::Format, "must be 6 digits");
        }
    }
}

impl PaymentSetting {
    fn check(&self, checker: &mut Checker) {
        let members = [
            (PaymentKind::PaymentGateway, "payment_gateway", self.payment_gateway.is_some()),
            (PaymentKind::UpiIntentLink, "upi_intent_link", self.upi_intent_link.is_some()),
            (PaymentKind::PaymentLink, "payment_link", self.payment_link.is_some()),
            (PaymentKind::PixDynamicCode, "pix_dynamic_code", self.pix_dynamic_code.is_some()),
            (PaymentKind::Boleto, "boleto", self.boleto.is_some()),
            (PaymentKind::OffsiteCardPay, "offsite_card_pay", self.offsite_card_pay.is_some()),
        ];
        for (kind, name, is_given) in members {
            match (kind == self.kind, is_given) {
                (true, false) => checker.refuse_at(name, Rule::Required, "is required: the type names it"),
                (false, true) => checker.refuse_at(name, Rule::Conflict, "is not what the type names"),
                _ => {}
            }
        }
        if let Some(gateway) = &self.payment_gateway {
            checker.member("payment_gateway", |checker| {
                checker.text("configuration_name", &gateway.configuration_name, 1, limits::ORDER_TEXT);
                for (name, told) in [
                    ("razorpay", &gateway.razorpay),
                    ("payu", &gateway.payu),
                    ("billdesk", &gateway.billdesk),
                    ("zaakpay", &gateway.zaakpay),
                ] {
                    if let Some(told) = told {
                        checker.member(name, |c| told.check(c));
                    }
                }
            });
        }
        let texts = [
            ("upi_intent_link", "link", self.upi_intent_link.as_ref().map(|upi| &upi.link)),
            ("payment_link", "uri", self.payment_link.as_ref().map(|link| &link.uri)),
            ("pix_dynamic_code", "code", self.pix_dynamic_code.as_ref().map(|pix| &pix.code)),
            ("pix_dynamic_code", "merchant_name", self.pix_dynamic_code.as_ref().map(|pix| &pix.merchant_name)),
            ("pix_dynamic_code", "key", self.pix_dynamic_code.as_ref().map(|pix| &pix.key)),
            ("boleto", "digitable_line", self.boleto.as_ref().map(|boleto| &boleto.digitable_line)),
            ("offsite_card_pay", "last_four_digits", self.offsite_card_pay.as_ref().map(|card| &card.last_four_digits)),
            ("offsite_card_pay", "credential_id", self.offsite_card_pay.as_ref().map(|card| &card.credential_id)),
        ];
        for (place, name, text) in texts {
            checker.member(place, |c| c.optional_text(name, text, 1, usize::MAX));
        }
    }
}

impl OrderStatus {
    /// Tells every mistake.
    pub(crate) fn check(&self, checker: &mut Checker) {
        check_reference("reference_id", &self.reference_id, limits::REFERENCE_ID, checker);
        if self.order.is_none() && self.payment.is_none() {
            checker.refuse_at("order", Rule::Required, "is required, unless payment is given");
        }
        let description = self.order.as_ref().and_then(|order| order.description.as_ref());
        checker.member("order", |c| c.optional_text("description", description, 0, limits::ORDER_DESCRIPTION));
    }
}
