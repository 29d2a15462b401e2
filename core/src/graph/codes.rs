//! The table of Graph error codes: what each one means, whether the request can have been accepted,
//! and what may be done next.
//!
//! `code` is the only key of a Graph error that stays the same; Meta has changed the HTTP status of
//! the same code more than once. Codes and meanings follow Meta's page "Error codes" of the
//! WhatsApp Business Platform and, for 17, 102, 104, 341, 613 and 803, the Graph API's own
//! reference. 131030 is no longer in Meta's table, but test numbers still answer with it.
//! Meta does not document which codes come with the HTTP answer and which with a `failed` status
//! webhook, so a row serves both ways; its acceptance speaks of the HTTP answer only.

use std::time::Duration;

use Acceptance::{No, Reported};
use ErrorClass::{Api, Authentication, Media, PermissionDenied, Policy, RateLimit, Recipient, Template, WindowClosed};
use Remedy::{Consent, Fix, Never, Throttle};
use Scope::{Account, App, Number, Pair};

/// Which error class of the language packages a Graph code belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// Everything that has no class of its own.
    Api,
    /// The access token is missing, wrong, expired or revoked.
    Authentication,
    /// The token is valid, but may not do this.
    PermissionDenied,
    /// Too much in too short a time, or a pause that Meta imposes. The remedy names the scope.
    RateLimit,
    /// This person cannot be reached, or not with this message.
    Recipient,
    /// The 24-hour customer service window is closed: only templates go out.
    WindowClosed,
    /// The template: its name, language, state or variables.
    Template,
    /// A media file, sent or received.
    Media,
    /// What the business is allowed to send at all: policy, quality, display name, payment.
    Policy,
}

/// What is held back by a throttle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Messages from one business number to one recipient.
    Pair,
    /// Everything that one business number sends.
    Number,
    /// Every call on one WhatsApp Business Account.
    Account,
    /// Every call of one Meta app.
    App,
}

/// Whether a request that was answered with this code can have been accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Acceptance {
    /// Certainly not accepted.
    No,
    /// Reported as failed, but nothing is promised about what happened before: the outcome is
    /// unknown.
    Reported,
}

/// What may be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Remedy {
    /// Goes back to the pacer, which holds back the scope; repeated within the longest wait that
    /// the caller allows.
    Throttle(Scope),
    /// The same request can succeed after a wait that is too long to sit out.
    Wait {
        /// Seconds until a repeat makes sense, unless the answer itself says more.
        retry_after_s: u32,
        /// What the wait holds back; `None` if it concerns this request alone.
        scope: Option<Scope>,
    },
    /// Repeated only with the caller's explicit consent: the first try may have been accepted.
    Consent,
    /// Succeeds only after something was changed: the request, the token, the account.
    Fix,
    /// Repeating is pointless, or makes things worse.
    Never,
}

/// One code, or one range of codes, and what is known about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeRow {
    /// The first code of the row.
    pub first: i64,
    /// The last code of the row, inclusive; the same as `first` for a single code.
    pub last: i64,
    /// The error class that is raised.
    pub class: ErrorClass,
    /// Whether a request answered with this code can have been accepted.
    pub acceptance: Acceptance,
    /// What may be done next.
    pub remedy: Remedy,
    /// A few words that name the problem.
    pub title: &'static str,
    /// What it means and what to do, in full sentences.
    pub help: &'static str,
}

impl CodeRow {
    /// Whether it is a limit on calls, an app's or an account's, which Meta's usage headers tell of.
    pub(crate) fn counts_calls(&self) -> bool {
        let (Remedy::Throttle(scope) | Remedy::Wait { scope: Some(scope), .. }) = self.remedy else { return false };
        matches!(scope, Scope::App | Scope::Account)
    }

    /// What a message that is refused with it holds back, and for how long unless the answer says so, where that is too long
    /// for a call on its own to wait. A limit of days (133016, on registering) is none that messages are counted for.
    pub fn holds_back(&self) -> Option<(Scope, Duration)> {
        match self.remedy {
            Remedy::Wait { retry_after_s, scope: Some(scope) } if retry_after_s <= HOURS => {
                Some((scope, Duration::from_secs(retry_after_s.into())))
            }
            _ => None,
        }
    }
}

/// The row of a Graph error code, or `None` for a code that is not known.
pub fn lookup(code: i64) -> Option<&'static CodeRow> {
    let at = CODES.partition_point(|row| row.last < code);
    CODES.get(at).filter(|row| row.first <= code)
}

// Seconds. Meta names the length for 131049, 133015, 133016 and 134101, and an hourly allowance for
// 132069; the other waits are our own choice.
const MINUTES: u32 = 60;
const HOURS: u32 = 60 * MINUTES;

const fn wait(retry_after_s: u32, scope: Option<Scope>) -> Remedy {
    Remedy::Wait { retry_after_s, scope }
}

/// `code(s): class, remedy, title, help`. A code is uncertain exactly when only consent permits a
/// repeat.
macro_rules! codes {
    ($(
        $first:literal $(..= $last:literal)?:
            $class:ident, $remedy:expr, $title:literal, $help:literal;
    )+) => {
        &[$(CodeRow {
            first: $first,
            last: codes!(@last $first $($last)?),
            class: $class,
            acceptance: match $remedy { Consent => Reported, _ => No },
            remedy: $remedy,
            title: $title,
            help: $help,
        }),+]
    };
    (@last $first:literal) => { $first };
    (@last $first:literal $last:literal) => { $last };
}

/// Every known code, ascending and without overlap.
pub const CODES: &[CodeRow] = codes! {
    // The Graph API itself
    0: Authentication, Fix, "Token not accepted",
        "Meta could not authenticate the access token. Make sure that it is complete, belongs to \
         your app and has not been revoked; if in doubt, create a new one.";
    1: Api, Consent, "Unknown API error",
        "Either the request is malformed or Meta has a fault; it does not say which. Compare the \
         request with the details. A message may have gone out all the same: wait for its status \
         webhook, or resend if a duplicate is acceptable.";
    2: Api, Consent, "API temporarily unavailable",
        "Meta is down or overloaded for the moment; see its status page. A message may have gone \
         out all the same: wait for its status webhook, or resend if a duplicate is acceptable.";
    3: PermissionDenied, Fix, "Capability missing",
        "The app or the token lacks a capability or permission that this call needs; waiting does \
         not help, even with HTTP status 500. Check the token in Meta's access token debugger, and \
         the app's access level.";
    4: RateLimit, Throttle(App), "App call limit",
        "The app has made too many API calls in too short a time. Slow down everything that uses \
         this app and go on in some minutes; the usage headers of the answers show how much is \
         left.";
    10: PermissionDenied, Fix, "Permission denied",
        "The permission was never granted or was withdrawn, or the account is not eligible for \
         this feature. Messages and media need whatsapp_business_messaging, templates and numbers \
         whatsapp_business_management; grant it and create a new token.";
    17: RateLimit, Throttle(App), "User call limit",
        "Too many API calls were made for the user that the token belongs to. Slow down everything \
         that uses this token and go on in some minutes.";
    33: Api, Fix, "Unknown number or object",
        "The id in the path names nothing that this token can use: the business phone number was \
         deleted, or the id is wrong. Use the phone number id shown in the app dashboard, not the \
         phone number itself.";
    100: Api, Fix, "Invalid parameter",
        "A field is unknown, misspelt or has a value that is not allowed, or an id is wrong; the \
         message and the details say which. Check also that phone number id and account id are not \
         mixed up and that the token has access to them.";
    102: Authentication, Fix, "Session ended",
        "The login behind the token is no longer valid. Create a new token; for a server use the \
         token of a System User, which can be made to never expire.";
    104: Authentication, Fix, "Access token missing",
        "The request reached Meta without a usable access token. Set the token in the client's \
         settings, and check that no proxy removes the Authorization header.";
    190: Authentication, Fix, "Token expired, revoked or wrong",
        "The token is wrong, incomplete, expired or revoked; those from the app dashboard last hours, user tokens \
         about 60 days. For a server, add a System User in Meta's business settings, assign it the app and the \
         account, and generate a token that never expires, with both whatsapp_business permissions.";
    200..=299: PermissionDenied, Fix, "Permission missing",
        "The token lacks a permission or has no access to this account or number; 200 can also \
         mean that no token was sent. Assign the WhatsApp account to the token's System User and \
         create a token with whatsapp_business_messaging and whatsapp_business_management.";
    341: RateLimit, Throttle(App), "App limit reached",
        "The app has reached a temporary limit of Meta's platform. Slow down everything that uses \
         this app and go on later.";
    368: Policy, Never, "Blocked for policy violations",
        "Meta has restricted the account for breaking a policy; this can last from hours to days, \
         and sending on does not help. Read the reason in WhatsApp Manager and ask for a review \
         there if it is wrong.";
    613: RateLimit, wait(5 * MINUTES, Some(App)), "Limit for this kind of call",
        "This kind of call has a limit of its own, and it has been reached. Make no such calls for \
         some minutes, then go on more slowly.";
    803: Api, Fix, "Object does not exist",
        "Nothing with this id exists, or the token cannot see it. Check which id belongs here \
         (phone number, account, template, media and message ids all differ) and that the token \
         belongs to the same business.";
    80007: RateLimit, wait(5 * MINUTES, Some(Account)), "Account call limit",
        "The WhatsApp Business Account has used up its API calls for now; calls that manage \
         templates and numbers are counted by the hour. Pause for some minutes: \
         estimated_time_to_regain_access in the header x-business-use-case-usage says how many.";

    // Sending
    130403: Recipient, Never, "You have blocked this person",
        "Your business has blocked this person, so nothing can be sent to them. Unblock them first \
         if you want to write to them again.";
    130429: RateLimit, Throttle(Number), "Throughput limit",
        "The number has reached its messages per second (80 by default, sent and received \
         together). Send more slowly, also from other programs that share the number; Meta raises \
         eligible numbers to 1,000 by itself.";
    130472: Recipient, Never, "Person is in an experiment",
        "Meta withholds marketing messages from this person as part of an experiment. Do not \
         resend, it fails again; if it is important, reach the person another way.";
    130497: Policy, Never, "Country not allowed",
        "This account may not message people in the recipient's country. Take them off the list; \
         Meta's messaging policy says which countries are open to your kind of business.";
    131000: Api, Consent, "Something went wrong",
        "Meta failed and does not say why. A message may have gone out all the same: wait for its \
         status webhook, or resend if a duplicate is acceptable. If it keeps happening, give \
         Meta's support the fbtrace_id.";
    131005: PermissionDenied, Fix, "Access denied",
        "The token may not do this with this number. Check its permissions in Meta's access token \
         debugger, and that the WhatsApp account is assigned to the token's System User.";
    131008: Api, Fix, "Required field missing",
        "The request lacks a field that this kind of call needs. The details name it; add it and \
         send again.";
    131009: Api, Fix, "Field value not valid",
        "A field has a value that is not allowed; the details name it. Correct it and send again. \
         Told by webhook it is, for example, a reaction to a message that is over 30 days old or \
         was deleted.";
    131016: Api, Consent, "Service temporarily unavailable",
        "A service inside Meta is unavailable for the moment; see its status page. A message may \
         have gone out all the same: wait for its status webhook, or resend if a duplicate is \
         acceptable.";
    131021: Recipient, Fix, "Recipient is the sender",
        "The message is addressed to the number that it is sent from. Use another recipient.";
    131026: Recipient, Never, "Message undeliverable",
        "The number may not be on WhatsApp, the person's app may be too old, or they have not \
         accepted the current terms; Meta does not say which. Do not resend; check the number, or \
         reach the person another way.";
    131030: Recipient, Fix, "Not on the test number's list",
        "A test number can write only to the people on its list. Add and confirm the recipient \
         under API Setup in the app dashboard, or send from a real business number. On a test \
         number, use the phone number, not a user id.";
    131031: Policy, Never, "Account locked",
        "The account is locked for breaking a policy, or because a PIN or other data did not \
         match. Sending again does not help: read the details and the notices in WhatsApp Manager, \
         and ask for a review there.";
    131037: Policy, Fix, "Display name not approved",
        "This number cannot send until Meta has approved its display name. Submit or correct the \
         name in WhatsApp Manager and wait for the approval.";
    131042: Policy, Fix, "Payment problem",
        "Meta cannot bill the account: for example no payment method is set, a payment failed or \
         the credit line is used up. Put the billing settings of the account in order, then send \
         again.";
    131045: Api, Fix, "Number registration faulty",
        "Something is wrong with the registration of the business phone number. Register it again \
         with its PIN, then send again.";
    131047: WindowClosed, Never, "24-hour window closed",
        "More than 24 hours have passed since this person last wrote to you. Send an approved \
         template instead; free-form messages work again after they reply.";
    131048: Policy, Never, "Spam limit",
        "Meta limits what this number may send, usually because too many people blocked or \
         reported it. Stop campaigns from this number, check its quality in WhatsApp Manager, and \
         begin again slowly with people who asked for your messages.";
    131049: Recipient, wait(24 * HOURS, None), "Held back for this person",
        "Meta chose not to deliver this marketing message, usually because the person already gets \
         many, from all businesses together. Wait at least 24 hours, and longer after each further \
         refusal; quick repeats fail again.";
    131050: Recipient, Never, "Person stopped marketing",
        "This person does not want marketing messages from your business. Take them off your \
         marketing lists until they opt in again; other kinds of messages are not affected.";
    131051: Api, Fix, "Unsupported message type",
        "The type of the message is unknown or not available here; check it and its content. In a \
         received message it means that the person sent something which the API cannot pass on.";
    131052: Media, Never, "Received media not available",
        "Meta could not download what this person sent you. No request of yours is at fault: ask \
         them to send it again or in another way.";
    131053: Media, Fix, "Media not accepted",
        "Meta could not process your media: often the content does not match its MIME type, the \
         codec is not supported, the file is too large, the link is not public, or its id was \
         deleted or has expired (ids live for 30 days). Correct the file or the link, or upload it \
         again, then send again.";
    131055: Template, Fix, "Not allowed on this endpoint",
        "The marketing endpoint does not take this kind of template or message. Send only \
         marketing templates there, and everything else as a normal message.";
    131056: RateLimit, Throttle(Pair), "Pair rate limit",
        "Meta allows one message every 6 seconds to one person, and a burst of up to 45 that uses \
         up the time after it. wacloud keeps to that, and repeats a refused one after 1, 4, 16 … \
         s as long as it may wait. Send it again in a minute or later; if other programs write to \
         them, let all share one pace.";
    131057: RateLimit, Throttle(Number), "Number in maintenance",
        "The number cannot send for a moment, for example while Meta raises its throughput. This \
         is usually over after about a minute; hold back its messages until then.";
    131062: Recipient, Fix, "User id not possible here",
        "This message cannot be sent to a business-scoped user id. Authentication templates \
         (one-tap, zero-tap, copy code) are the known case: send them to the person's phone \
         number.";
    131063: Template, Fix, "Marketing disabled on Cloud API",
        "Marketing templates are switched off for the normal endpoint on this account. Send them \
         through the marketing endpoint, or have the setting of the account changed.";
    131064: Policy, Fix, "Template category limit",
        "The account is restricted because its templates were filed in wrong categories. Correct \
         the categories and wait until the restriction ends; the details and WhatsApp Manager tell \
         more.";

    // Templates and Flows
    132000: Template, Fix, "Wrong number of variables",
        "The message fills in more or fewer variables than the template has. Count them for \
         header, body and buttons in the approved version of exactly this language.";
    132001: Template, Fix, "Template not found",
        "No approved template of this account has this name in this language. Both must match \
         exactly: en and en_US are two languages. Check that it is approved, and in the same \
         WhatsApp account as the number.";
    132005: Template, Fix, "Filled-in text too long",
        "With the variables filled in, a text of the template is longer than allowed. Shorten the \
         values.";
    132007: Template, Fix, "Content breaks a policy",
        "The content of the template goes against a WhatsApp policy. Read the reason in the \
         details or in WhatsApp Manager, then change the template or the values.";
    132012: Template, Fix, "Variable in the wrong format",
        "A value does not have the form that the template expects, such as text in place of an \
         image, or a wrong variable name. Compare types and names with the approved template.";
    132015: Template, Fix, "Template paused",
        "Meta has paused this template for low quality. Use another one or improve this one; \
         WhatsApp Manager shows its state, and a template webhook tells when the pause is over.";
    132016: Template, Never, "Template disabled",
        "This template was paused too often for low quality and is now disabled for good. Create a \
         new template with different content.";
    132018: Template, Fix, "Template message not valid",
        "The variables of the template message did not pass Meta's checks. The details say what is \
         wrong; correct it and send again.";
    132068: Api, Fix, "Flow blocked",
        "This Flow is blocked and cannot be sent. See in WhatsApp Manager what is wrong with it \
         and correct that; until then send a message without the Flow.";
    132069: Api, wait(HOURS, None), "Flow throttled",
        "This Flow is throttled to 10 messages an hour, and they are used up. Correct what \
         WhatsApp Manager reports about the Flow; until then wait, or send a message without it.";

    // Registering a number
    133000: Api, Fix, "Deregistration incomplete",
        "An earlier attempt to deregister this number did not finish. Deregister it again, then \
         register it.";
    133004: Api, wait(5 * MINUTES, None), "Registration unavailable",
        "The server that registers numbers is unavailable for the moment. See Meta's status page \
         and try again in some minutes.";
    133005: Api, Fix, "Wrong PIN",
        "This is not the two-step verification PIN of the number. Use the right one, or set a new \
         one in WhatsApp Manager; too many wrong tries block further ones for a while.";
    133006: Api, Fix, "Number not verified",
        "The number must be verified before it can be registered. Request a code by SMS or voice \
         call, confirm it, then register.";
    133008: Api, Fix, "Too many wrong PINs",
        "The PIN was wrong too often, and further tries are blocked. Wait for the time that the \
         details name, then use the right PIN or set a new one in WhatsApp Manager.";
    133009: Api, Fix, "PIN tries too fast",
        "The PIN was tried again too soon. Wait for the time that the details name, then try once \
         more.";
    133010: Api, Fix, "Number not registered",
        "The business phone number is not registered for the Cloud API. Register it with a \
         six-digit PIN, then send again.";
    133015: Api, wait(5 * MINUTES, None), "Number just deleted",
        "The number was deleted a moment ago, and that has not finished. Wait 5 minutes, then \
         register it.";
    133016: RateLimit, wait(72 * HOURS, Some(Number)), "Registered too often",
        "The number was registered and deregistered too often in a short time. Leave it alone for \
         72 hours before the next try.";

    // Payments, the marketing endpoint, and the rest
    134011: Policy, Fix, "Payment terms not accepted",
        "The business has not accepted the terms of WhatsApp Payments. Accept them, in WhatsApp \
         Manager or with the link in the details if there is one, then send again.";
    134100: Template, Fix, "Only marketing templates here",
        "The marketing endpoint takes only templates of the category marketing. Send this one as a \
         normal template message.";
    134101: Template, wait(10 * MINUTES, None), "Template still syncing",
        "This marketing template is new or was just changed, and is not yet ready on the marketing \
         endpoint. Syncing takes about 10 minutes; send it again after that.";
    134102: Template, Fix, "Template not available",
        "The marketing endpoint cannot use this template. Check its state in WhatsApp Manager, or \
         send it as a normal template message.";
    135000: Api, Fix, "Generic parameter error",
        "Meta refused the parameters without saying which. Compare the request with the reference \
         field by field; leaving out optional fields one by one finds the culprit.";
    139100: Api, Fix, "Block list not changed",
        "The block list could not be changed for anybody who was named. Only people who have \
         written in the last 24 hours can be blocked, and neither yourself nor another business.";
    139101: Api, Fix, "Block list full",
        "The block list holds 64,000 people, and it is full. Take somebody off it first.";
    139102: Api, wait(MINUTES, None), "Block list changed meanwhile",
        "The block list was changed while its pages were read. Read it again from the beginning.";
    139103: Api, wait(MINUTES, None), "Block list unavailable",
        "Meta could not change the block list for a reason of its own. Try again in a minute.";
    2388000..=2388022: Template, Fix, "Template or number refused",
        "Meta refused to create or change a template, or to move a number; the details name the \
         rule. Often the account has too many templates (2388019).";
    // People record 2388023 of a language that is being deleted.
    2388023..=2388024: Template, Fix, "Template name taken",
        "A template of this name exists in this language, or one was deleted less than 30 days \
         ago, for which Meta keeps its name. Take another name, or change the one that there is \
         (templates.edit).";
    2388025..=2388999: Template, Fix, "Template or number refused",
        "Meta refused to create or change a template, or to move a number; the details name the \
         rule. Often a variable stands at the start or the end of the body (2388299).";
    2494100: RateLimit, wait(5 * MINUTES, Some(Number)), "Number in maintenance",
        "The number is in maintenance and cannot be used for the moment. Try again in some \
         minutes.";
    2593002: Template, Fix, "Template not found",
        "The business account has no template of this name, or not with this id. List the templates to see what there \
         is; names are exact.";
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The codes of Meta's table, kept apart from `CODES` so that a row cannot get lost unnoticed.
    #[rustfmt::skip]
    const DOCUMENTED: &[i64] = &[
        0, 1, 2, 3, 4, 10, 17, 33, 100, 102, 104, 190, 200, 250, 299, 341, 368, 613, 803, 80007,
        130403, 130429, 130472, 130497,
        131000, 131005, 131008, 131009, 131016, 131021, 131026, 131030, 131031, 131037, 131042,
        131045, 131047, 131048, 131049, 131050, 131051, 131052, 131053, 131055, 131056, 131057,
        131062, 131063, 131064,
        132000, 132001, 132005, 132007, 132012, 132015, 132016, 132018, 132068, 132069,
        133000, 133004, 133005, 133006, 133008, 133009, 133010, 133015, 133016,
        134011, 134100, 134101, 134102, 135000, 139100, 139101, 139102, 139103, 2388000, 2388019, 2388023, 2388024, 2388299, 2388999, 2494100,
        2593002,
    ];

    fn codes_where(keep: impl Fn(&CodeRow) -> bool) -> Vec<i64> {
        CODES.iter().filter(|row| keep(row)).map(|row| row.first).collect()
    }

    #[test]
    fn rows_ascend_without_overlap() {
        assert!(CODES.iter().all(|row| row.first <= row.last));
        for pair in CODES.windows(2) {
            assert!(pair[0].last < pair[1].first, "{} and {}", pair[0].first, pair[1].first);
        }
    }

    #[test]
    fn every_documented_code_is_found_and_no_row_is_undocumented() {
        let found: BTreeSet<i64> = DOCUMENTED
            .iter()
            .map(|&code| {
                let row = lookup(code).unwrap_or_else(|| panic!("{code} has no row"));
                assert!((row.first..=row.last).contains(&code), "{code} found as {}", row.first);
                row.first
            })
            .collect();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), codes_where(|_| true));
    }

    #[test]
    fn codes_beside_a_row_are_unknown() {
        let unknown = [-1, 5, 199, 300, 130_428, 131_001, 2_387_999, 2_389_000, 2_494_101];
        for code in unknown.into_iter().chain([i64::MIN, i64::MAX]) {
            assert_eq!(lookup(code), None, "{code}");
        }
    }

    #[test]
    fn only_the_ranges_span_more_than_one_code() {
        assert_eq!(codes_where(|row| row.first != row.last), [200, 2_388_000, 2_388_023, 2_388_025]);
    }

    #[test]
    fn throttles_hold_back_what_they_should() {
        let throttles: Vec<(i64, Scope)> = CODES
            .iter()
            .filter_map(|row| match row.remedy {
                Throttle(scope) => Some((row.first, scope)),
                _ => None,
            })
            .collect();
        let expected = [(4, App), (17, App), (341, App), (130_429, Number), (131_056, Pair), (131_057, Number)];
        assert_eq!(throttles, expected);
    }

    #[test]
    fn long_waits_are_raised_with_their_length() {
        let waits: Vec<(i64, u32)> = CODES
            .iter()
            .filter_map(|row| match row.remedy {
                Remedy::Wait { retry_after_s, .. } => Some((row.first, retry_after_s)),
                _ => None,
            })
            .collect();
        let expected = [
            (613, 300),
            (80_007, 300),
            (131_049, 86_400),
            (132_069, 3_600),
            (133_004, 300),
            (133_015, 300),
            (133_016, 259_200),
            (134_101, 600),
            (139_102, 60),
            (139_103, 60),
            (2_494_100, 300),
        ];
        assert_eq!(waits, expected);
    }

    #[test]
    fn only_meta_s_own_failures_leave_the_outcome_open() {
        let uncertain = [1, 2, 131_000, 131_016];
        assert_eq!(codes_where(|row| row.acceptance == Reported), uncertain);
        assert_eq!(codes_where(|row| row.remedy == Consent), uncertain);
    }

    #[test]
    fn a_rate_limit_always_names_its_scope_and_nothing_else_does() {
        for row in CODES {
            let scoped = matches!(row.remedy, Throttle(_) | Remedy::Wait { scope: Some(_), .. });
            assert_eq!(row.class == RateLimit, scoped, "{}", row.first);
        }
    }

    #[test]
    fn pointless_repeats_are_never_offered() {
        let never = [368, 130_403, 130_472, 130_497, 131_026, 131_031, 131_047, 131_048, 131_050, 131_052, 132_016];
        assert_eq!(codes_where(|row| row.remedy == Never), never);
    }

    #[test]
    fn classes_that_callers_catch_by_name() {
        assert_eq!(codes_where(|row| row.class == Authentication), [0, 102, 104, 190]);
        assert_eq!(codes_where(|row| row.class == PermissionDenied), [3, 10, 200, 131_005]);
        assert_eq!(codes_where(|row| row.class == WindowClosed), [131_047]);
        assert_eq!(codes_where(|row| row.class == Media), [131_052, 131_053]);
    }

    #[test]
    fn texts_are_short_and_whole() {
        for row in CODES {
            let (code, title, help) = (row.first, row.title, row.help);
            assert!((3..=40).contains(&title.chars().count()), "{code}: {title}");
            assert!(!title.ends_with('.'), "{code}: {title}");
            assert!((40..=300).contains(&help.chars().count()), "{code}: {help}");
            assert!(help.ends_with('.'), "{code}: {help}");
            for text in [title, help] {
                let words: Vec<&str> = text.split_whitespace().collect();
                assert_eq!(text, words.join(" "), "{code}: stray white space");
            }
        }
    }
}
