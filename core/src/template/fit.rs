//! Whether a message fits a template, told in the template's own words.

mod button;
mod part;

use part::Part;

use super::definition::{ComponentDefinition, TemplateDefinition, is_word};
use super::told;
use crate::message::Violation;
use crate::message::near::nearest;
use crate::message::template::{CardComponents, CarouselComponent, Component, Template};
use crate::message::violation::{Checker, Rule};

/// A template in one language, prepared so that messages can be held to it quickly.
#[derive(Debug, Clone)]
pub struct Fit {
    /// `order_update (en_US)`.
    title: String,
    language: String,
    /// Why nobody can send it now.
    unsendable: Option<String>,
    top: Part,
    cards: Option<Cards>,
    offer: Option<bool>,
}

/// The cards of a carousel.
#[derive(Debug, Clone)]
struct Cards {
    parts: Vec<Part>,
    /// "Product card carousel templates": as many cards as there are products, all like the first.
    are_products: bool,
}

/// All translations of one template that an account has.
#[derive(Debug, Clone)]
pub struct Family {
    name: String,
    /// Whether there may be more than these.
    is_whole: bool,
    translations: Vec<Fit>,
    /// Names that the account has beside this one, as far as they are known.
    others: Vec<String>,
}

impl Fit {
    /// A template's definition, prepared. What of it is not known here is not judged.
    pub fn new(definition: &TemplateDefinition) -> Self {
        let components = definition.components.as_deref().unwrap_or_default();
        let find = |kind: &str| components.iter().find(|component| is_word(component.kind.as_ref(), kind));
        let status = definition.status.as_deref().unwrap_or_default();
        let title = definition.title();
        let is_named = definition.is_named();
        let cards = find("CAROUSEL").and_then(|carousel| carousel.cards.as_deref()).map(|cards| {
            let part = |(index, components): (usize, &[ComponentDefinition])| {
                Part::new(format!("card {index} of {title}"), components, is_named, false)
            };
            let components = cards.iter().map(|card| card.components.as_deref().unwrap_or_default());
            let parts: Vec<Part> = components.enumerate().map(part).collect();
            Cards { are_products: parts.first().is_some_and(Part::is_product), parts }
        });
        let offer = find("LIMITED_TIME_OFFER").map(|component| {
            component.limited_time_offer.as_ref().and_then(|offer| offer.has_expiration).unwrap_or_default()
        });
        let is_code = is_word(definition.category.as_ref(), "AUTHENTICATION");
        Fit {
            language: definition.language.clone().unwrap_or_default(),
            unsendable: told::unsendable(status, definition.rejected_reason.as_deref()),
            top: Part::new(title.clone(), components, is_named, is_code),
            cards,
            offer,
            title,
        }
    }

    /// Everything in which a message does not fit, with its place in Graph's body.
    pub fn check(&self, template: &Template) -> Vec<Violation> {
        let mut checker = Checker::default();
        checker.member("template", |checker| match &self.unsendable {
            Some(why) => checker.refuse_at("name", Rule::Conflict, format!("{} {why}", self.title)),
            None => {
                let components = template.components.as_deref().unwrap_or_default();
                checker.member("components", |checker| self.check_components(components, checker));
            }
        });
        checker.into_result().err().map(|invalid| invalid.violations).unwrap_or_default()
    }

    fn check_components(&self, components: &[Component], checker: &mut Checker) {
        self.top.check(components, checker);
        let offers = components.iter().position(|component| matches!(component, Component::LimitedTimeOffer(_)));
        match (self.offer, offers) {
            (Some(true), None) => {
                let message =
                    format!("the offer of {} ends at a time, and limited_time_offer was not given", self.title);
                checker.refuse(Rule::Required, message);
            }
            (None | Some(false), Some(place)) => {
                let what = if self.offer.is_some() { "offer never ends" } else { "has no limited-time offer" };
                let of = if self.offer.is_some() {
                    format!("the {what} in {}", self.title)
                } else {
                    format!("{} {what}", self.title)
                };
                checker.item(place, |c| c.refuse(Rule::Conflict, of));
            }
            _ => {}
        }
        let carousels = components.iter().enumerate().find_map(|(place, component)| match component {
            Component::Carousel(carousel) => Some((place, carousel)),
            _ => None,
        });
        match (&self.cards, carousels) {
            (Some(cards), None) => {
                let message = format!("{} has {} cards, none was given", self.title, cards.parts.len());
                checker.refuse(Rule::Required, message);
            }
            (None, Some((place, _))) => {
                checker.item(place, |c| c.refuse(Rule::Conflict, format!("{} has no cards", self.title)));
            }
            (Some(cards), Some((place, carousel))) => {
                checker.item(place, |c| c.member("cards", |c| self.check_cards(cards, carousel, c)));
            }
            (None, None) => {}
        }
    }

    fn check_cards(&self, cards: &Cards, carousel: &CarouselComponent, checker: &mut Checker) {
        let (has, got) = (cards.parts.len(), carousel.cards.len());
        if !cards.are_products && has != got {
            checker.refuse(Rule::Count, format!("{} has {has} cards, got {got}", self.title));
        }
        checker.each(&carousel.cards, |checker, CardComponents { card_index, components }| {
            let like_first = cards.parts.first().filter(|_| cards.are_products);
            // One too many has been told already.
            if let Some(part) = cards.parts.get(*card_index as usize).or(like_first) {
                checker.member("components", |c| part.check(components, c));
            }
        });
    }
}

impl Family {
    /// The template of this name, of the definitions that an account has. `is_whole` says whether these are all of them:
    /// if not, no translation is told as missing.
    pub fn new(name: &str, definitions: &[TemplateDefinition], is_whole: bool) -> Self {
        // Graph's filter by name finds names that contain it, too.
        let (own, others): (Vec<_>, Vec<_>) =
            definitions.iter().partition(|definition| definition.name.as_deref() == Some(name));
        Family {
            name: name.to_owned(),
            is_whole,
            translations: own.into_iter().map(Fit::new).collect(),
            others: others.into_iter().filter_map(|definition| definition.name.clone()).collect(),
        }
    }

    /// Whether the account has no such template, and it is not known either which it has.
    pub(crate) fn knows_nothing(&self) -> bool {
        self.is_whole && self.translations.is_empty() && self.others.is_empty()
    }

    /// Everything in which a message does not fit the translation that it names.
    pub fn check(&self, template: &Template) -> Vec<Violation> {
        let code = &template.language.code;
        if let Some(fit) = self.translations.iter().find(|fit| fit.language == *code) {
            return fit.check(template);
        }
        if !self.is_whole {
            return Vec::new();
        }
        let known: Vec<&str> = self.translations.iter().map(|fit| fit.language.as_str()).collect();
        let (place, message) = match (known.as_slice(), nearest(code, &known)) {
            ([], _) => {
                let others: Vec<&str> = self.others.iter().map(String::as_str).collect();
                ("name", format!("{} (132001)", told::no_template(&self.name, &others)))
            }
            ([only], _) => ("language", format!("{} has no translation {code:?}, only {only} (132001)", self.name)),
            (_, Some(meant)) => (
                "language",
                format!(
                    "{} has no translation {code:?}, did you mean {meant}? There are {}",
                    self.name,
                    known.join(", ")
                ),
            ),
            (_, None) => (
                "language",
                format!("{} has no translation {code:?}; there are {} (132001)", self.name, known.join(", ")),
            ),
        };
        let path = if place == "name" { "template.name" } else { "template.language.code" };
        vec![Violation { path: path.to_owned(), rule: Rule::Choice.name().to_owned(), message }]
    }
}

#[cfg(test)]
mod tests;
