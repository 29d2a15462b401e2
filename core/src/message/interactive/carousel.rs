//! Cards side by side: media with a button, or products.

use serde::{Deserialize, Serialize};

use super::link::CtaUrlParameters;
use super::{Action, FrameRules, Header, Line, ReplyButton};
use crate::message::Heading;
use crate::message::content::Checked;
use crate::message::limits;
use crate::message::tagged::words;
use crate::message::violation::{Checker, Rule, Violation};

/// 2 to 10 cards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carousel {
    /// All of one kind, with the same buttons.
    pub cards: Vec<CarouselItem>,
}

/// A card as Graph has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarouselItem {
    /// Its place, from 0.
    pub card_index: u32,
    /// What it shows. A card with quick replies says `cta_url`, too.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<CardKind>,
    /// The picture or film of a media card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<Header>,
    /// The text of a media card: up to 160 characters and 2 line breaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Line>,
    /// Its buttons or its product.
    pub action: CardAction,
}

/// What a card shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardKind {
    /// Media.
    CtaUrl,
    /// A product.
    Product,
}

words! {
    /// The name of the action of a card that opens a page.
    CardLinkWord = "cta_url";
    /// The kind of a card's button that answers.
    QuickReplyWord = "quick_reply";
}

/// A card: media with a text and a button that opens a page or buttons that answer, or a product of a catalog.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CarouselCard {
    /// The picture or film of a media card: `{"image": …}` or `{"video": …}`, the same kind on all cards.
    pub header: Option<Heading>,
    /// The text of a media card: up to 160 characters and 2 line breaks.
    pub body: Option<String>,
    /// What the button says that opens `url`: 1 to 20 characters.
    pub display_text: Option<String>,
    /// The page that the button opens.
    pub url: Option<String>,
    /// Instead: buttons that answer with their id; as many on all cards.
    pub buttons: Option<Vec<ReplyButton>>,
    /// Of a product card: the catalog that is connected to the account.
    pub catalog_id: Option<String>,
    /// Of a product card: the product in the catalog.
    pub product_retailer_id: Option<String>,
}

impl CarouselCard {
    /// The card as Graph has it; what it cannot show is told.
    fn item(self, index: usize, checker: &mut Checker) -> CarouselItem {
        let (header, wrong) = Heading::split(self.header.map(Heading::into_header));
        checker.member("header", |c| c.add_below(wrong));
        let is_link = self.display_text.is_some() || self.url.is_some();
        let is_product = self.catalog_id.is_some() || self.product_retailer_id.is_some();
        const KINDS: &str = "display_text and url, or buttons, or catalog_id and product_retailer_id";
        match [is_link, is_product, self.buttons.is_some()].into_iter().filter(|is_given| *is_given).count() {
            0 => checker.refuse_at("action", Rule::Required, format!("is required: {KINDS}")),
            1 => {}
            _ => checker.refuse_at("action", Rule::Conflict, format!("must be one of {KINDS}, is several")),
        }
        let reply = |quick_reply| QuickReply { kind: QuickReplyWord::Is, quick_reply };
        let action = CardAction {
            name: is_link.then_some(CardLinkWord::Is),
            parameters: is_link.then(|| CtaUrlParameters {
                display_text: self.display_text.unwrap_or_default(),
                url: self.url.unwrap_or_default(),
            }),
            buttons: self.buttons.map(|buttons| buttons.into_iter().map(reply).collect()),
            catalog_id: self.catalog_id,
            product_retailer_id: self.product_retailer_id,
        };
        CarouselItem {
            card_index: u32::try_from(index).unwrap_or(u32::MAX),
            kind: Some(if is_product { CardKind::Product } else { CardKind::CtaUrl }),
            header,
            body: self.body.map(|text| Line { text }),
            action,
        }
    }
}

impl Carousel {
    /// These cards, and what is wrong with them that they cannot show, with its place in the list.
    pub(crate) fn of(cards: Vec<CarouselCard>) -> (Self, Vec<Violation>) {
        let mut checker = Checker::default();
        let item = |(index, card): (usize, CarouselCard)| checker.item(index, |checker| card.item(index, checker));
        let cards = cards.into_iter().enumerate().map(item).collect();
        (Carousel { cards }, checker.found().to_vec())
    }
}

/// What can be done with a card: `name` and `parameters` for a button that opens a page, `buttons` for quick replies, or a
/// product of a catalog.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardAction {
    /// `cta_url`, with `parameters`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<CardLinkWord>,
    /// What the button says and opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<CtaUrlParameters>,
    /// Buttons that answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buttons: Option<Vec<QuickReply>>,
    /// The catalog that is connected to the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog_id: Option<String>,
    /// The product in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_retailer_id: Option<String>,
}

/// A button that answers, as Graph has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuickReply {
    /// Always `quick_reply`.
    #[serde(rename = "type")]
    pub kind: QuickReplyWord,
    /// What it says and answers.
    pub quick_reply: ReplyButton,
}

/// What a card can do, told by its members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Link,
    Replies(usize),
    Product,
}

impl CardAction {
    fn shape(&self) -> Shape {
        match &self.buttons {
            _ if self.catalog_id.is_some() || self.product_retailer_id.is_some() => Shape::Product,
            Some(buttons) => Shape::Replies(buttons.len()),
            None => Shape::Link,
        }
    }

    fn check(&self, shape: Shape, checker: &mut Checker) {
        let link = [("name", self.name.is_some()), ("parameters", self.parameters.is_some())];
        let replies = [("buttons", self.buttons.is_some())];
        match shape {
            Shape::Link => {
                checker.required("name", self.name.as_ref(), |_, _| {});
                checker.required("parameters", self.parameters.as_ref(), |c, parameters| parameters.check(c));
            }
            Shape::Replies(count) => {
                checker.none_of(&link, "a card with quick replies");
                if count == 0 {
                    checker.refuse_at("buttons", Rule::Count, "must have at least 1 item, has 0");
                }
                let buttons = self.buttons.as_deref().unwrap_or_default();
                checker.items("buttons", buttons, |c, button| c.member("quick_reply", |c| button.quick_reply.check(c)));
                checker.all_differ("buttons", buttons, &["quick_reply", "title"], |b| &b.quick_reply.title);
                checker.all_differ("buttons", buttons, &["quick_reply", "id"], |b| &b.quick_reply.id);
            }
            Shape::Product => {
                checker.none_of(&link, "a product card");
                checker.none_of(&replies, "a product card");
                for (name, text) in
                    [("catalog_id", &self.catalog_id), ("product_retailer_id", &self.product_retailer_id)]
                {
                    match text {
                        Some(text) => checker.text(name, text, 1, usize::MAX),
                        None => checker.refuse_at(name, Rule::Required, "is required"),
                    }
                }
            }
        }
    }
}

impl CarouselItem {
    fn check(&self, shape: Shape, checker: &mut Checker) {
        match (shape, self.kind) {
            (Shape::Product, Some(CardKind::CtaUrl)) => {
                checker.refuse_at("type", Rule::Choice, "must be product in a product card");
            }
            (Shape::Link | Shape::Replies(_), Some(CardKind::Product)) => {
                checker.refuse_at("type", Rule::Choice, "must be cta_url in a card without a product");
            }
            _ => {}
        }
        if shape == Shape::Product {
            checker.none_of(&[("header", self.header.is_some()), ("body", self.body.is_some())], "a product card");
        } else {
            match &self.header {
                Some(header @ (Header::Image(_) | Header::Video(_))) => {
                    checker.member("header", |c| header.check("header", c));
                }
                Some(_) => checker.member("header", |c| {
                    c.refuse_at("type", Rule::Choice, "must be image or video in a card");
                }),
                None => checker.refuse_at("header", Rule::Required, "is required: an image or a video"),
            }
            if let Some(body) = &self.body {
                checker.member("body", |c| check_card_text("text", &body.text, c));
            }
        }
        checker.member("action", |c| self.action.check(shape, c));
    }
}

/// The text of a card: "up to 160 characters and two line breaks" (Meta's page on media carousels).
fn check_card_text(name: &'static str, text: &str, checker: &mut Checker) {
    checker.text(name, text, 1, limits::CARD_BODY);
    let breaks = text.matches('\n').count();
    if breaks > limits::CARD_LINE_BREAKS {
        let most = limits::CARD_LINE_BREAKS;
        checker.refuse_at(name, Rule::Count, format!("must have at most {most} line breaks, has {breaks}"));
    }
}

impl Action for Carousel {
    const FRAME: FrameRules = FrameRules::BODY;

    fn check(&self, checker: &mut Checker) {
        checker.count("cards", self.cards.len(), limits::CARDS_MIN, limits::CARDS);
        let first = self.cards.first();
        let mut seen = Vec::new();
        checker.items("cards", &self.cards, |checker, card| {
            let shape = card.action.shape();
            card.check(shape, checker);
            // One too many has been told already.
            let is_beyond = card.card_index as usize >= limits::CARDS && self.cards.len() <= limits::CARDS;
            if is_beyond || seen.contains(&card.card_index) {
                checker.refuse_at("card_index", Rule::Unique, "must be the card's place from 0, each once");
            }
            seen.push(card.card_index);
            if let Some(first) = first {
                card.check_beside(first, checker);
            }
        });
    }
}

impl CarouselItem {
    /// What all cards must have alike.
    fn check_beside(&self, first: &CarouselItem, checker: &mut Checker) {
        let (shape, firsts) = (self.action.shape(), first.action.shape());
        if [shape, firsts].contains(&Shape::Replies(0)) {
            return;
        }
        if shape != firsts {
            let message = "must be of the same kind, with as many buttons, as the first card's";
            return checker.refuse_at("action", Rule::Conflict, message);
        }
        let media = |header: &Option<Header>| match header {
            Some(header @ (Header::Image(_) | Header::Video(_))) => Some(header.kind()),
            _ => None,
        };
        if let (Some(here), Some(there)) = (media(&self.header), media(&first.header))
            && here != there
        {
            checker.refuse_at("header", Rule::Conflict, format!("must be {there} as the first card's is"));
        }
        if let (Some(here), Some(there)) = (&self.action.catalog_id, &first.action.catalog_id)
            && here != there
        {
            checker.member("action", |c| {
                c.refuse_at("catalog_id", Rule::Conflict, "must be the same catalog as the first card's");
            });
        }
    }
}
