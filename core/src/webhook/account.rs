//! Fields about the business itself: their value is one event.

use super::event::{WebhookEvent, WebhookKind};
use super::json::Node;
use super::read::Lenient as _;
use super::takeover;
use super::walk::Scope;

details! {
    /// A limit on what the account may do.
    WebhookRestriction {
        /// `RESTRICTED_BIZ_INITIATED_MESSAGING`, …
        restriction_type: Option<String> = "restriction_type",
        /// Until when, in seconds since 1970.
        expiration: Option<f64> = "expiration" as time,
        /// What to do about it.
        remediation: Option<String> = "remediation",
    }
    /// What became of the account or of a number. Which members there are depends on the event's `type`, the field.
    WebhookAccount {
        /// `ACCOUNT_RESTRICTION`, `THROUGHPUT_UPGRADE`, `PIN_CHANGED`, …
        event: Option<String> = "event|alert_info.alert_type|alert_type",
        /// How a review ended: `APPROVED`, `REJECTED`, `PENDING` or `DEFERRED`.
        decision: Option<String> = "decision",
        /// The number that it is about.
        phone_number: Option<String> = "display_phone_number|phone_number",
        /// How many people may be written to in a day: `TIER_1K`, `TIER_UNLIMITED`, a number, or `-1` for no limit.
        limit: Option<String> = "max_daily_conversations_per_business|max_daily_conversation_per_phone|current_limit",
        /// What the limit was.
        previous_limit: Option<String> = "old_limit",
        /// How many numbers the business may have.
        max_phone_numbers: Option<i64> = "max_phone_numbers_per_business",
        /// How many numbers the account may have.
        max_phone_numbers_per_account: Option<i64> = "max_phone_numbers_per_waba",
        /// The display name that was reviewed.
        requested_name: Option<String> = "requested_verified_name",
        /// The business's user name.
        username: Option<String> = "username",
        /// Why: of a display name that was refused, or an account that was disconnected.
        reason: Option<String> = "rejection_reason|disconnection_info.reason",
        /// How bad an alert is: `CRITICAL`, `WARNING` or `INFORMATIONAL`.
        severity: Option<String> = "alert_info.alert_severity|alert_severity",
        /// What an alert says.
        description: Option<String> = "alert_info.alert_description|alert_description",
        /// What an alert is about: `BUSINESS`, `PHONE_NUMBER`, …
        entity_type: Option<String> = "entity_type",
        /// The id of that.
        entity_id: Option<String> = "entity_id",
        /// Who asked for a new PIN.
        requester: Option<String> = "requester",
        /// What the account did.
        violation_type: Option<String> = "violation_info.violation_type",
        /// What to do about that.
        remediation: Option<String> = "violation_info.remediation",
        /// `DISABLE`, `REINSTATE` or `SCHEDULE_FOR_DISABLE`.
        ban_state: Option<String> = "ban_info.waba_ban_state",
        /// Since or from when, in Meta's words: `April 17, 2025`.
        ban_date: Option<String> = "ban_info.waba_ban_date",
        /// What the account may not do for now.
        restrictions: Vec<WebhookRestriction> = "restriction_info",
        /// The account, where another one than the event's is meant.
        waba_id: Option<String> = "waba_info.waba_id",
        /// The business that owns it.
        owner_business_id: Option<String> = "waba_info.owner_business_id",
        /// The app of the partner.
        partner_app_id: Option<String> = "waba_info.partner_app_id",
        /// The solution of several partners.
        solution_id: Option<String> = "solution_id|waba_info.solution_id",
        /// The country that the business is mainly in.
        country: Option<String> = "country",
        /// The payment configuration (India).
        configuration_name: Option<String> = "configuration_name",
        /// The payment provider (India).
        provider_name: Option<String> = "provider_name",
    }
    /// What became of a template.
    WebhookTemplate {
        /// Its id.
        id: Option<String> = "message_template_id",
        /// Its name.
        name: Option<String> = "message_template_name",
        /// Its language; Meta writes both `en_US` and `en-US`.
        language: Option<String> = "message_template_language",
        /// Its category now, where Meta says so.
        category: Option<String> = "message_template_category|category",
        /// Its category before a change.
        previous_category: Option<String> = "previous_category",
        /// Its category after a change that was made. Of a change that is only announced this is still the present one.
        new_category: Option<String> = "new_category",
        /// The category that it will have, of a change that is announced.
        correct_category: Option<String> = "correct_category",
        /// When the category changes, in seconds since 1970.
        category_change: Option<f64> = "category_update_timestamp" as time,
        /// Its score before.
        previous_quality: Option<String> = "previous_quality_score",
        /// Its score now: `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
        new_quality: Option<String> = "new_quality_score",
        /// Why it was refused: `INVALID_FORMAT`, …
        reason: Option<String> = "rejection_info.reason|reason",
        /// What to do about it.
        recommendation: Option<String> = "rejection_info.recommendation",
        /// `FIRST_PAUSE`, `SECOND_PAUSE`, `RATE_LIMITING_PAUSE`, `UNPAUSE` or `DISABLED`.
        title: Option<String> = "other_info.title",
        /// What that means.
        description: Option<String> = "other_info.description",
        /// When it was disabled, as Meta writes it.
        disable_date: Option<String> = "disable_info.disable_date",
        /// Its header, of one that was edited.
        header: Option<String> = "message_template_title",
        /// Its body, of one that was edited.
        body: Option<String> = "message_template_element",
        /// Its footer, of one that was edited.
        footer: Option<String> = "message_template_footer",
    }
    /// The state or health of a Flow. The event's `type` is Meta's: `FLOW_STATUS_CHANGE`, `ENDPOINT_LATENCY`, …
    WebhookFlow {
        /// Its id.
        id: Option<String> = "flow_id",
        /// What Meta says about it.
        message: Option<String> = "message",
        /// What it was: `DRAFT`, `PUBLISHED`, `DEPRECATED`, `BLOCKED` or `THROTTLED`.
        old_status: Option<String> = "old_status",
        /// What it is.
        new_status: Option<String> = "new_status",
        /// `ACTIVATED` or `DEACTIVATED`.
        alert_state: Option<String> = "alert_state",
        /// Where the alert begins.
        threshold: Option<f64> = "threshold",
        /// The share of requests that failed.
        error_rate: Option<f64> = "error_rate",
        /// How long half of the requests take at most, in milliseconds.
        p50_latency: Option<f64> = "p50_latency",
        /// How long nine of ten requests take at most, in milliseconds.
        p90_latency: Option<f64> = "p90_latency",
        /// How many requests that is about.
        requests_count: Option<i64> = "requests_count",
        /// The share of time in which the endpoint answered.
        availability: Option<f64> = "availability",
    }
}

type Read = fn(&Scope<'_>, &Node<'_>) -> WebhookEvent;

/// The fields whose value is one event.
const FIELDS: &[(&str, Read)] = &[
    ("account_alerts", account),
    ("account_review_update", account),
    ("account_settings_update", account),
    ("account_update", account),
    ("business_capability_update", account),
    ("business_status_update", account),
    ("business_username_update", account),
    ("business_username_updates", account),
    ("partner_solutions", account),
    ("payment_configuration_update", account),
    ("phone_number_name_update", account),
    ("phone_number_quality_update", account),
    ("security", account),
    ("message_template_components_update", template),
    ("message_template_quality_update", template),
    ("message_template_status_update", template),
    ("template_category_update", template),
    ("template_correct_category_detection", template),
    ("flows", flow),
    ("messaging_handovers", takeover::handover),
];

/// What a template's event is about, by a member that only this kind of event has. Meta's page on quality prints the field
/// of another one, so the content decides.
const TEMPLATE_TYPES: &[(&str, &str)] = &[
    ("new_quality_score", "quality"),
    ("event", "status"),
    ("message_template_element", "components"),
    ("correct_category", "category"),
    ("new_category", "category"),
];

/// How the value of a field is read, if it is one of those that are one event.
pub(super) fn reader(field: &str) -> Option<Read> {
    FIELDS.iter().find(|(name, _)| *name == field).map(|(_, read)| *read)
}

fn account(scope: &Scope<'_>, value: &Node<'_>) -> WebhookEvent {
    let mut event = scope.event(WebhookKind::Account, value);
    event.r#type = scope.field.unwrap_or("unknown").to_owned();
    event.status = value.text_at("decision|solution_status|status|event|alert_info.alert_status|alert_status");
    event.number_id = event.number_id.take().or_else(|| value.text_at("phone_number_settings.phone_number_id"));
    event.account = WebhookAccount::lenient(value).map(Box::new);
    event
}

fn template(scope: &Scope<'_>, value: &Node<'_>) -> WebhookEvent {
    let mut event = scope.event(WebhookKind::Template, value);
    let kind = TEMPLATE_TYPES.iter().find(|(member, _)| value.get(member).is_some());
    event.r#type = kind.map_or("unknown", |(_, kind)| kind).to_owned();
    event.status = value.text_at("new_quality_score|event");
    event.template = WebhookTemplate::lenient(value).map(Box::new);
    event
}

fn flow(scope: &Scope<'_>, value: &Node<'_>) -> WebhookEvent {
    let mut event = scope.event(WebhookKind::Flow, value);
    event.r#type = value.text_of("event").unwrap_or_else(|| "unknown".to_owned());
    event.status = value.text_at("new_status|alert_state");
    event.flow = WebhookFlow::lenient(value).map(Box::new);
    event
}
