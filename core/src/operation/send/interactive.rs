//! Buttons, lists, links, forms and cards.

use super::{Built, sends};
use crate::message::interactive::{
    Buttons, Carousel, CarouselCard, CtaUrl, Flow, FlowAction, FlowMode, FlowParameters, FlowPayload, Frame, List,
    ListSection,
};
use crate::message::{Heading, Interactive, Open, ReplyButton};

sends! {
    /// Sends a text with one to three reply buttons. A tap on one comes back as a webhook with its id.
    ///
    /// Source: Meta's page "Interactive reply buttons messages".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::ReplyButton;
    ///
    /// wa.send_buttons("+15550001234", "Confirm?", [ReplyButton::new("yes", "Yes"), ReplyButton::new("no", "No")]).await?;
    /// # Ok(())
    /// # }
    /// ```
    SendButtons: send_buttons, buttons,
    r#"{"to": "+15550001234", "body": "Confirm?", "buttons": [{"id": "yes", "title": "Yes"}, {"id": "no", "title": "No"}], "footer": "Reply by 6 pm"}"# {
        /// The text: 1 to 1,024 characters.
        body: String = "interactive.body.text",
        /// One to three buttons, each with an `id` (up to 256 characters) and a `title` (up to 20), all different.
        buttons: Vec<ReplyButton> = "interactive.action.buttons",
        ;
        /// What stands above the text: up to 60 characters, or `{"image": …}`, `{"video": …}` or `{"document": …}`.
        header: Heading = "interactive.header",
        /// A line below the text: up to 60 characters.
        footer: String = "interactive.footer.text",
    }
    places { "buttons[]" = "interactive.action.buttons[].reply", }
    => Built::interactive(Interactive::Buttons, Frame::new(body, Buttons::new(buttons)), header, footer)
}

sends! {
    /// Sends a text with a button that opens a list to pick one row from. The choice comes back as a webhook with its id.
    ///
    /// Source: Meta's page "Interactive list messages".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::message::interactive::{ListRow, ListSection};
    ///
    /// let monday = ListSection::new("Monday", [ListRow::new("m9", "09:00"), ListRow::new("m10", "10:00")]);
    /// wa.send_list("+15550001234", "Pick a slot", "Slots", [monday]).await?;
    /// # Ok(())
    /// # }
    /// ```
    SendList: send_list, list,
    r#"{"to": "+15550001234", "body": "Pick a slot", "button": "Slots", "sections": [{"title": "Monday", "rows": [{"id": "m9", "title": "09:00", "description": "one hour"}]}]}"# {
        /// The text: 1 to 4,096 characters.
        body: String = "interactive.body.text",
        /// What the button says that opens the list: 1 to 20 characters.
        button: String = "interactive.action.button",
        /// 1 to 10 sections with 10 rows in all. A section has a `title` (up to 24 characters, required when there are
        /// several) and `rows`; a row has an `id` (up to 200 characters), a `title` (up to 24) and perhaps a `description`
        /// (up to 72).
        sections: Vec<ListSection> = "interactive.action.sections",
        ;
        /// A line above the text: up to 60 characters.
        header: String = "interactive.header.text",
        /// A line below the text: up to 60 characters.
        footer: String = "interactive.footer.text",
    }
    => Built::interactive(Interactive::List, Frame::new(body, List { button, sections }), header.map(Heading::only_text), footer)
}

sends! {
    /// Sends a text with a button that opens a page in the browser.
    ///
    /// Source: Meta's page "Interactive call-to-action URL button messages".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// wa.send_cta_url("+15550001234", "Your parcel is on its way.", "Track it", "https://example.com/t/1042").await?;
    /// # Ok(())
    /// # }
    /// ```
    SendCtaUrl: send_cta_url, cta_url,
    r#"{"to": "+15550001234", "body": "Your parcel is on its way.", "display_text": "Track it", "url": "https://example.com/t/1042"}"# {
        /// The text: 1 to 1,024 characters.
        body: String = "interactive.body.text",
        /// What the button says: 1 to 20 characters.
        display_text: String = "interactive.action.parameters.display_text",
        /// The page that it opens: an `https://` or `http://` link.
        url: String = "interactive.action.parameters.url",
        ;
        /// What stands above the text: up to 60 characters, or `{"image": …}`, `{"video": …}` or `{"document": …}`.
        header: Heading = "interactive.header",
        /// A line below the text: up to 60 characters.
        footer: String = "interactive.footer.text",
    }
    => Built::interactive(Interactive::CtaUrl, Frame::new(body, CtaUrl::new(display_text, url)), header, footer)
}

sends! {
    /// Sends a text with a button that opens a form (a Flow). What is filled in comes back as a webhook.
    ///
    /// Give either `flow_id` or `flow_name`. A Flow that is blocked or throttled is refused (132068, 132069).
    ///
    /// Source: Meta's OpenAPI document and its pages on Flows.
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::SendFlow;
    ///
    /// wa.call(SendFlow::new("+15550001234", "Book a table", "Book").flow_id("1043").screen("WHEN")).await?;
    /// # Ok(())
    /// # }
    /// ```
    SendFlow: send_flow, flow,
    r#"{"to": "+15550001234", "body": "Book a table", "flow_cta": "Book", "flow_id": "1043", "screen": "WHEN", "data": {"guests": 2}}"# {
        /// The text: 1 to 1,024 characters.
        body: String = "interactive.body.text",
        /// What the button says: 1 to 30 characters, no emoji.
        flow_cta: String = "interactive.action.parameters.flow_cta",
        ;
        /// The Flow, by its id.
        flow_id: String = "interactive.action.parameters.flow_id",
        /// The Flow, by its name.
        flow_name: String = "interactive.action.parameters.flow_name",
        /// What tells this conversation from others: it comes back with the answer.
        flow_token: String = "interactive.action.parameters.flow_token",
        /// `draft` to try a Flow that is not published yet; `published` unless given.
        mode: FlowMode = "interactive.action.parameters.mode",
        /// How it begins: `navigate` (unless given) with the screen that is named here, or `data_exchange` with an answer of
        /// the Flow's endpoint.
        flow_action: FlowAction = "interactive.action.parameters.flow_action",
        /// With `navigate`: the first screen's id.
        screen: String = "interactive.action.parameters.flow_action_payload.screen",
        /// With `navigate`: what the first screen is filled with, an object that is not empty.
        data: Open = "interactive.action.parameters.flow_action_payload.data",
        /// What stands above the text: up to 60 characters, or `{"image": …}`, `{"video": …}` or `{"document": …}`.
        header: Heading = "interactive.header",
        /// A line below the text: up to 60 characters.
        footer: String = "interactive.footer.text",
    }
    => {
        let flow_action_payload = (screen.is_some() || data.is_some()).then_some(FlowPayload { screen, data });
        let parameters = FlowParameters {
            flow_cta, flow_id, flow_name, flow_token, mode, flow_action, flow_action_payload, ..FlowParameters::default()
        };
        Built::interactive(Interactive::Flow, Frame::new(body, Flow::new(parameters)), header, footer)
    }
}

sends! {
    /// Sends cards side by side: media with a text and a button that opens a page or buttons that answer, or products.
    ///
    /// All cards are of one kind, with as many buttons each.
    ///
    /// Source: Meta's pages "Interactive media carousel messages" and "Interactive product carousel messages".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::message::interactive::CarouselCard;
    ///
    /// let card = |name: &str| CarouselCard {
    ///     header: Some(wacloud::Heading::image(format!("https://example.com/{name}.jpg"))),
    ///     display_text: Some("Show me".into()),
    ///     url: Some(format!("https://example.com/{name}")),
    ///     ..CarouselCard::default()
    /// };
    /// wa.send_carousel("+15550001234", "New this week", [card("hat"), card("scarf")]).await?;
    /// # Ok(())
    /// # }
    /// ```
    SendCarousel: send_carousel, carousel,
    r#"{"to": "+15550001234", "body": "New this week", "cards": [{"header": {"image": "https://example.com/hat.jpg"}, "body": "A hat", "display_text": "Show me", "url": "https://example.com/hat"}, {"header": {"image": "https://example.com/scarf.jpg"}, "body": "A scarf", "display_text": "Show me", "url": "https://example.com/scarf"}]}"# {
        /// The text above the cards: 1 to 1,024 characters.
        body: String = "interactive.body.text",
        /// 2 to 10 cards. A media card has a `header` (`{"image": …}` or `{"video": …}`), perhaps a `body` (up to 160
        /// characters), and `display_text` and `url`, or `buttons`; a product card has `catalog_id` and
        /// `product_retailer_id`.
        cards: Vec<CarouselCard> = "interactive.action.cards",
        ;
    }
    places {
        "cards[].body" = "interactive.action.cards[].body.text",
        "cards[].display_text" = "interactive.action.cards[].action.parameters.display_text",
        "cards[].url" = "interactive.action.cards[].action.parameters.url",
        "cards[].buttons" = "interactive.action.cards[].action.buttons",
        "cards[].buttons[]" = "interactive.action.cards[].action.buttons[].quick_reply",
        "cards[].catalog_id" = "interactive.action.cards[].action.catalog_id",
        "cards[].product_retailer_id" = "interactive.action.cards[].action.product_retailer_id",
    }
    => {
        let (carousel, wrong) = Carousel::of(cards);
        let built = Built::interactive(Interactive::Carousel, Frame::new(body, carousel), None, None);
        built.mistaken(wrong.into_iter().map(|mistake| mistake.below("interactive.action.cards")))
    }
}
