//! Messages that ask for one thing: a place, an address, a phone number, a call.

use std::collections::BTreeMap;

use super::{Built, sends};
use crate::message::interactive::{
    AddressParameters, AddressRequest, CallPermissionRequest, ContactInfoRequest, Frame, Line, LocationRequest,
    SavedAddress, VoiceCall, VoiceCallParameters,
};
use crate::message::{Heading, Interactive};

sends! {
    /// Asks where somebody is: a text with a button that sends their place, which comes back as a webhook.
    ///
    /// Source: Meta's page "Location request messages".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// wa.send_location_request("+15550001234", "Where shall we deliver?").await?;
    /// # Ok(())
    /// # }
    /// ```
    SendLocationRequest: send_location_request, location_request,
    r#"{"to": "+15550001234", "body": "Where shall we deliver?"}"# {
        /// The text: 1 to 1,024 characters.
        body: String = "interactive.body.text",
        ;
    }
    => Built::interactive(Interactive::LocationRequest, Frame::new(body, LocationRequest::default()), None, None)
}

sends! {
    /// Asks for a postal address with WhatsApp's own form (India and Singapore). It comes back as a webhook.
    ///
    /// The recipient's number must be of that country. The fields are `name`, `phone_number`, `in_pin_code` (India),
    /// `sg_post_code` (Singapore), `house_number`, `floor_number`, `tower_number`, `building_name`, `address`,
    /// `landmark_area`, `unit_number`, `city` and `state`.
    ///
    /// Source: Meta's page "Address messages".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// wa.send_address_request("+919876543210", "Where shall we deliver?", "IN").await?;
    /// # Ok(())
    /// # }
    /// ```
    SendAddressRequest: send_address_request, address_request,
    r#"{"to": "+919876543210", "body": "Where shall we deliver?", "country": "IN", "values": {"city": "Mumbai"}}"# {
        /// The text: 1 to 1,024 characters.
        body: String = "interactive.body.text",
        /// The country's code of two capital letters: `IN` or `SG`.
        country: String = "interactive.action.parameters.country",
        ;
        /// What the form is filled with, by field.
        values: BTreeMap<String, String> = "interactive.action.parameters.values",
        /// What was wrong with what was filled in before, by field. Give `values` with it.
        validation_errors: BTreeMap<String, String> = "interactive.action.parameters.validation_errors",
        /// Addresses to choose from, each with an `id` and a `value` of fields.
        saved_addresses: Vec<SavedAddress> = "interactive.action.parameters.saved_addresses",
        /// What stands above the text: up to 60 characters, or `{"image": …}`, `{"video": …}` or `{"document": …}`.
        header: Heading = "interactive.header",
        /// A line below the text: up to 60 characters.
        footer: String = "interactive.footer.text",
    }
    => {
        let parameters = AddressParameters { country, values, validation_errors, saved_addresses };
        Built::interactive(Interactive::AddressRequest, Frame::new(body, AddressRequest::new(parameters)), header, footer)
    }
}

sends! {
    /// Asks somebody whose number is hidden behind a business-scoped user id for it. It comes back as a webhook.
    ///
    /// Source: the documentation of Meta's partners; Meta's own page on business-scoped user ids has it under an older name.
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// wa.send_contact_info_request("US.13491208655302741918", "May we call you?").await?;
    /// # Ok(())
    /// # }
    /// ```
    SendContactInfoRequest: send_contact_info_request, contact_info_request,
    r#"{"to": "US.13491208655302741918", "body": "May we call you?"}"# {
        /// The text: 1 to 1,024 characters.
        body: String = "interactive.body.text",
        ;
    }
    => Built::interactive(Interactive::ContactInfoRequest, Frame::new(body, ContactInfoRequest::default()), None, None)
}

sends! {
    /// Asks for permission to call. The answer comes back as a webhook.
    ///
    /// Source: Meta's page "Obtain user call permissions".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// wa.send_call_permission_request("+15550001234").await?;
    /// # Ok(())
    /// # }
    /// ```
    SendCallPermissionRequest: send_call_permission_request, call_permission_request,
    r#"{"to": "+15550001234", "body": "May we call you about your order?"}"# {
        ;
        /// The text: 1 to 1,024 characters. One of WhatsApp's own unless given.
        body: String = "interactive.body.text",
    }
    => {
        let mut frame = Frame::new("", CallPermissionRequest::default());
        frame.body = body.map(|text| Line { text });
        Built::interactive(Interactive::CallPermissionRequest, frame, None, None)
    }
}

sends! {
    /// Sends a text with a button that calls the business on WhatsApp.
    ///
    /// Source: Meta's page "Send WhatsApp call button messages and deep links".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::SendVoiceCall;
    ///
    /// wa.call(SendVoiceCall::new("+15550001234", "Questions?").display_text("Call us").ttl_minutes(60_u32)).await?;
    /// # Ok(())
    /// # }
    /// ```
    SendVoiceCall: send_voice_call, voice_call,
    r#"{"to": "+15550001234", "body": "Questions?", "display_text": "Call us", "ttl_minutes": 60}"# {
        /// The text: 1 to 1,024 characters.
        body: String = "interactive.body.text",
        ;
        /// What the button says: 1 to 20 characters; `Call Now` unless given.
        display_text: String = "interactive.action.parameters.display_text",
        /// For how many minutes the button works: 1 to 43,200 (30 days); 10,080 (7 days) unless given.
        ttl_minutes: u32 = "interactive.action.parameters.ttl_minutes",
        /// What the webhook of the call carries: up to 512 characters.
        payload: String = "interactive.action.parameters.payload",
    }
    => {
        let is_given = display_text.is_some() || ttl_minutes.is_some() || payload.is_some();
        let parameters = is_given.then_some(VoiceCallParameters { display_text, ttl_minutes, payload });
        let frame = Frame::new(body, VoiceCall { parameters, ..VoiceCall::default() });
        Built::interactive(Interactive::VoiceCall, frame, None, None)
    }
}
