//! The parts of a template that values go into, as Graph has them.

use serde::{Deserialize, Serialize};

use super::button::ButtonComponent;
use super::parameter::{Parameter, check_names};
use crate::message::content::Checked;
use crate::message::limits;
use crate::message::order::OrderStatus;
use crate::message::tagged::{tagged, words};
use crate::message::violation::{Checker, Rule};

tagged! {
    /// The values of one part of a template, by its `type`.
    Component {
        /// What stands above the body.
        Header(HeaderComponent) = "header",
        /// The body.
        Body(BodyComponent) = "body",
        /// One of the buttons.
        Button(ButtonComponent) = "button",
        /// Cards side by side.
        Carousel(CarouselComponent) = "carousel",
        /// When the offer ends.
        LimitedTimeOffer(OfferComponent) = "limited_time_offer",
        /// How far an order is.
        OrderStatus(OrderStatusComponent) = "order_status",
    }
}

/// What stands above the body: one value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderComponent {
    /// One.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Vec<Parameter>>,
}

/// The body: the values of its variables.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BodyComponent {
    /// In the order of the variables, or each with its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Vec<Parameter>>,
}

/// Cards side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarouselComponent {
    /// At most 10.
    pub cards: Vec<CardComponents>,
}

/// The values of one card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardComponents {
    /// Its place, from 0.
    pub card_index: u32,
    /// Header, body and buttons.
    pub components: Vec<Component>,
}

words! {
    /// The kind of the one value of a limited-time offer.
    OfferWord = "limited_time_offer";
    /// The kind of the one value of an order's status.
    OrderStatusWord = "order_status";
}

/// When the offer ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferComponent {
    /// One.
    pub parameters: Vec<OfferParameter>,
}

/// The one value of a limited-time offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferParameter {
    /// Always `limited_time_offer`.
    #[serde(rename = "type")]
    pub kind: OfferWord,
    /// When it ends.
    pub limited_time_offer: LimitedTimeOffer,
}

/// When an offer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LimitedTimeOffer {
    /// The moment, in milliseconds since 1970 (UTC).
    pub expiration_time_ms: i64,
}

/// How far an order is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderStatusComponent {
    /// One.
    pub parameters: Vec<OrderStatusParameter>,
}

/// The one value of an order's status.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderStatusParameter {
    /// Always `order_status`.
    #[serde(rename = "type")]
    pub kind: OrderStatusWord,
    /// How far it is.
    pub order_status: OrderStatus,
}

impl Component {
    /// A header of one value.
    pub fn header(parameter: Parameter) -> Self {
        Component::Header(HeaderComponent { parameters: Some(vec![parameter]) })
    }

    /// A body of these values.
    pub fn body(parameters: Vec<Parameter>) -> Self {
        Component::Body(BodyComponent { parameters: Some(parameters) })
    }

    /// When the offer ends.
    pub fn offer(limited_time_offer: LimitedTimeOffer) -> Self {
        Component::LimitedTimeOffer(OfferComponent {
            parameters: vec![OfferParameter { kind: OfferWord::Is, limited_time_offer }],
        })
    }

    /// How far an order is.
    pub fn order_status(order_status: OrderStatus) -> Self {
        Component::OrderStatus(OrderStatusComponent {
            parameters: vec![OrderStatusParameter { kind: OrderStatusWord::Is, order_status }],
        })
    }
}

/// The components of a template or of a card.
pub(super) fn check_all(components: &[Component], checker: &mut Checker) {
    let mut kinds = Vec::new();
    let mut positions = Vec::new();
    checker.each(components, |checker, component| {
        match component {
            Component::Button(button) => {
                let Some(position) = button.position() else { return component.check("", checker) };
                if positions.contains(&position) {
                    checker.refuse_at("index", Rule::Unique, format!("fills the button at {position} a second time"));
                }
                positions.push(position);
            }
            _ if kinds.contains(&component.kind()) => {
                checker.refuse_at("type", Rule::Unique, "is the type of another component too");
            }
            _ => kinds.push(component.kind()),
        }
        component.check("", checker);
    });
}

impl Checked for Component {
    fn check(&self, _: &'static str, checker: &mut Checker) {
        self.content().check(self.kind(), checker);
    }
}

fn check_count(parameters: usize, checker: &mut Checker) {
    checker.count("parameters", parameters, 1, 1);
}

impl Checked for HeaderComponent {
    fn check(&self, kind: &'static str, checker: &mut Checker) {
        let Some(parameters) = &self.parameters else { return };
        // "Header text 60 with one variable" (Meta's page on template components); media and places are one each.
        check_count(parameters.len(), checker);
        check_names(parameters, checker);
        checker.items("parameters", parameters, |c, parameter| parameter.check(kind, c));
    }
}

impl Checked for BodyComponent {
    fn check(&self, kind: &'static str, checker: &mut Checker) {
        let parameters = self.parameters.as_deref().unwrap_or_default();
        check_names(parameters, checker);
        checker.items("parameters", parameters, |c, parameter| parameter.check(kind, c));
    }
}

impl Checked for CarouselComponent {
    fn check(&self, _: &'static str, checker: &mut Checker) {
        checker.count("cards", self.cards.len(), 1, limits::CARDS);
        let mut seen = Vec::new();
        checker.items("cards", &self.cards, |checker, card| {
            // One too many has been told already.
            let is_beyond = card.card_index as usize >= limits::CARDS && self.cards.len() <= limits::CARDS;
            if is_beyond || seen.contains(&card.card_index) {
                checker.refuse_at("card_index", Rule::Unique, "must be the card's place from 0, each once");
            }
            seen.push(card.card_index);
            checker.items("components", &card.components, |checker, component| {
                if !matches!(component, Component::Header(_) | Component::Body(_) | Component::Button(_)) {
                    checker.refuse_at("type", Rule::Choice, "must be header, body or button in a card");
                }
            });
            checker.member("components", |c| check_all(&card.components, c));
        });
    }
}

impl Checked for OfferComponent {
    fn check(&self, _: &'static str, checker: &mut Checker) {
        check_count(self.parameters.len(), checker);
        checker.items("parameters", &self.parameters, |checker, parameter| {
            checker.member("limited_time_offer", |checker| {
                let ends = parameter.limited_time_offer.expiration_time_ms;
                // Seconds instead of milliseconds lie in 1970, and people do give them; Meta's own sample does not lie
                // in the future either, so only what cannot be milliseconds of any time is refused.
                if ends <= 0 {
                    checker.refuse_at("expiration_time_ms", Rule::Format, "must be milliseconds since 1970");
                }
            });
        });
    }
}

impl Checked for OrderStatusComponent {
    fn check(&self, _: &'static str, checker: &mut Checker) {
        check_count(self.parameters.len(), checker);
        checker.items("parameters", &self.parameters, |checker, parameter| {
            checker.member("order_status", |c| parameter.order_status.check(c));
        });
    }
}
