//! What calls give to fill a template, as components.

use serde::Deserialize;
use serde_json::Value;

use super::Template;
use super::button::ButtonValue;
use super::component::{CardComponents, CarouselComponent, Component, LimitedTimeOffer};
use super::variables::Variables;
use crate::message::Heading;
use crate::message::Violation;
use crate::message::order::OrderStatus;
use crate::message::read;
use crate::message::violation::{Checker, Rule};

/// The values of one card of a carousel template, in the order of the cards.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TemplateCard {
    /// The media or the product of the card: `{"image": …}`, `{"video": …}` or `{"product": …}`.
    pub header: Option<Heading>,
    /// The values of the variables in the card's text.
    pub body: Option<Variables>,
    /// The values of the card's buttons.
    pub buttons: Option<Vec<ButtonValue>>,
}

/// Everything that a template can be filled with.
#[derive(Debug, Default)]
pub(crate) struct Values {
    pub(crate) header: Option<Heading>,
    pub(crate) body: Option<Variables>,
    pub(crate) buttons: Option<Vec<ButtonValue>>,
    pub(crate) cards: Option<Vec<TemplateCard>>,
    pub(crate) limited_time_offer: Option<LimitedTimeOffer>,
    pub(crate) order_status: Option<OrderStatus>,
    /// Graph's own components, instead of all others.
    pub(crate) components: Option<Vec<Value>>,
}

impl Template {
    /// The template with these values, and what is wrong with them as far as the template cannot show it.
    pub(crate) fn filled(mut self, values: Values) -> (Self, Vec<Violation>) {
        let mut checker = Checker::default();
        let filled = checker.member("template", |checker| {
            self.check_names(checker);
            checker.member("components", |checker| values.components(checker))
        });
        self.components = Some(filled).filter(|components| !components.is_empty());
        let mistakes = checker.into_result().err().map(|invalid| invalid.violations);
        (self, mistakes.unwrap_or_default())
    }
}

impl Values {
    fn components(self, checker: &mut Checker) -> Vec<Component> {
        if let Some(given) = self.components {
            let others = [
                ("header", self.header.is_some()),
                ("body", self.body.is_some()),
                ("buttons", self.buttons.is_some()),
                ("cards", self.cards.is_some()),
                ("limited_time_offer", self.limited_time_offer.is_some()),
                ("order_status", self.order_status.is_some()),
            ];
            for (name, _) in others.into_iter().filter(|(_, is_given)| *is_given) {
                checker
                    .refuse(Rule::Conflict, format!("cannot stand beside {name}: either say what goes where or how"));
            }
            return given_components(given, checker);
        }
        // An empty code is told at its button.
        let code = self.buttons.iter().flatten().find_map(|button| button.otp.clone()).filter(|code| !code.is_empty());
        let body = self.body.or(code.map(|code| Variables::positional([code])));
        let mut components = part(self.header, body, None, checker);
        components.extend(self.limited_time_offer.map(Component::offer));
        components.extend(self.order_status.map(Component::order_status));
        if let Some(cards) = self.cards {
            let mut filled = Vec::with_capacity(cards.len());
            let place = components.len();
            checker.item(place, |checker| {
                checker.member("cards", |checker| {
                    for (index, card) in cards.into_iter().enumerate() {
                        let components = checker.item(index, |checker| {
                            checker.member("components", |c| part(card.header, card.body, card.buttons, c))
                        });
                        filled
                            .push(CardComponents { card_index: u32::try_from(index).unwrap_or(u32::MAX), components });
                    }
                });
            });
            components.push(Component::Carousel(CarouselComponent { cards: filled }));
        }
        push_buttons(&mut components, self.buttons, checker);
        components
    }
}

/// Header, body and buttons, of a template or of a card.
fn part(
    header: Option<Heading>,
    body: Option<Variables>,
    buttons: Option<Vec<ButtonValue>>,
    checker: &mut Checker,
) -> Vec<Component> {
    let mut components = Vec::new();
    let (parameter, wrong) = Heading::split(header.map(Heading::into_parameter));
    components.extend(parameter.map(Component::header));
    if !wrong.is_empty() {
        checker.item(0, |c| c.member("parameters", |c| c.item(0, |c| c.add_below(wrong))));
        // So that the places of the others are what they would be.
        components.push(Component::Header(super::HeaderComponent { parameters: None }));
    }
    if let Some(body) = body {
        let place = components.len();
        components.push(Component::body(checker.item(place, |c| body.parameters(c))));
    }
    push_buttons(&mut components, buttons, checker);
    components
}

fn push_buttons(components: &mut Vec<Component>, buttons: Option<Vec<ButtonValue>>, checker: &mut Checker) {
    for button in buttons.unwrap_or_default() {
        let place = components.len();
        components.extend(checker.item(place, |c| button.component(c)).map(Component::Button));
    }
}

/// Graph's own components.
fn given_components(given: Vec<Value>, checker: &mut Checker) -> Vec<Component> {
    match read::read::<Vec<Component>>(&Value::Array(given)) {
        Ok(components) => components,
        Err(violations) => {
            checker.add_below(violations);
            Vec::new()
        }
    }
}
