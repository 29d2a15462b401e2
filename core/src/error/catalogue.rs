//! The error classes of the language packages, for their generator.

use serde_json::{Value, json};

/// The error classes of the language packages: `(name, parent, what it means, own members)`, parents first.
type ClassRow = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str, &'static str)]);

const CLASSES: &[ClassRow] = &[
    (
        "WhatsAppError",
        "",
        "Everything that goes wrong in wacloud.",
        &[
            ("outcome", "string", "What became of the message: `rejected`, `not_sent` or `unknown`."),
            ("may_have_been_sent", "boolean", "Whether the message may have gone out."),
            ("tracker", "string?", "What status webhooks of the message carry, if it went out."),
            ("attempts", "integer", "How many requests were tried."),
        ],
    ),
    (
        "ConfigError",
        "WhatsAppError",
        "A setting is missing or wrong. Nothing was sent.",
        &[("setting", "string", "The setting's name.")],
    ),
    (
        "ValidationError",
        "WhatsAppError",
        "The message has mistakes. Nothing was sent.",
        &[("violations", "violations", "Every mistake: its path in Graph's body, the rule and a sentence.")],
    ),
    (
        "NotSentError",
        "WhatsAppError",
        "It is certain that nothing reached Meta. It is safe to send again.",
        &[
            (
                "reason",
                "string",
                r#"`"connection"`, `"timeout"`, `"max_wait"`, `"cancelled"`, `"token"`, `"stopped"`, `"claimed"` (another worker of the campaign has this message) or `"closed"` (the client was closed)."#,
            ),
            (
                "retry_after",
                "number?",
                "How many seconds to wait before sending it again: of `\"max_wait\"`, where the recipient, the number or the app is held back and it is known for how long.",
            ),
        ],
    ),
    (
        "DeliveryUnknownError",
        "WhatsAppError",
        "It is not known whether the message was accepted. It was not repeated, since that could deliver it twice; a status \
         webhook that carries the tracker settles it.",
        &[
            (
                "reason",
                "string",
                r#"`"timeout"`, `"connection_lost"`, `"cancelled"`, `"server_error"`, `"broken_answer"` (a success without the message's id, which is mostly accepted), `"forked"` or `"interrupted"` (from a journal: the process that sent it ended before it learnt the outcome)."#,
            ),
            ("status", "integer?", "The HTTP status, if there was one."),
            ("code", "integer?", "Graph's error code, if there was one."),
        ],
    ),
    (
        "ApiError",
        "WhatsAppError",
        "Meta answered: no.",
        &[
            ("code", "integer?", "Graph's error code: the key to look up."),
            ("subcode", "integer?", "More about some codes."),
            ("status", "integer?", "The HTTP status; absent of errors that were told by webhook."),
            ("title", "string", "A few words that name the problem."),
            ("details", "string?", "What Meta says about this message."),
            ("fbtrace_id", "string?", "What Meta's support asks for."),
            ("retryable", "boolean", "Whether the same request can succeed later."),
            ("retry_after", "number?", "How many seconds to wait before that, if it is known."),
            ("help", "string", "What it means and what to do."),
        ],
    ),
    ("AuthenticationError", "ApiError", "The access token is missing, wrong, expired or revoked.", &[]),
    ("PermissionDeniedError", "ApiError", "The token is good, but may not do this.", &[]),
    (
        "RateLimitError",
        "ApiError",
        "Too much in too short a time, and waiting was not allowed for long enough.",
        &[("scope", "string", "What is held back: `pair` (this recipient), `number`, `account` or `app`.")],
    ),
    ("RecipientError", "ApiError", "This person cannot be reached, or not with this message.", &[]),
    (
        "WindowClosedError",
        "ApiError",
        "More than 24 hours have passed since this person last wrote: only templates go out.",
        &[],
    ),
    ("TemplateError", "ApiError", "The template: its name, language, state or values.", &[]),
    ("MediaError", "ApiError", "The file that was sent or linked.", &[]),
    ("PolicyError", "ApiError", "What the business is allowed to send: policy, quality, name, payment.", &[]),
    (
        "WebhookSignatureError",
        "WhatsAppError",
        "A webhook does not come from Meta, or it cannot be told whether it does. Nothing of it should be used.",
        &[(
            "reason",
            "string",
            "`\"missing\"` (no signature, or no verification request), `\"malformed\"`, `\"mismatch\"` (another secret or verify token, or a \
             changed body) or `\"secret\"` (there is nothing to check with).",
        )],
    ),
    (
        "StoreError",
        "WhatsAppError",
        "A file or server in which something is remembered cannot be used. Nothing was sent without it: of a bulk, what had not left.",
        &[("place", "string", "The file, or the server's host."), ("problem", "string", "What is wrong with it.")],
    ),
    ("InternalError", "WhatsAppError", "A defect in wacloud itself was caught: please report it.", &[]),
];

/// [`CLASSES`] for the generator of the language packages.
pub(crate) fn catalogue() -> Value {
    let class = |(name, parent, docs, fields): &ClassRow| {
        let fields: Vec<Value> =
            fields.iter().map(|(name, kind, docs)| json!({"name": name, "type": kind, "docs": docs})).collect();
        let parent = Some(*parent).filter(|parent| !parent.is_empty());
        json!({"name": name, "parent": parent, "docs": docs, "fields": fields})
    };
    CLASSES.iter().map(class).collect()
}
