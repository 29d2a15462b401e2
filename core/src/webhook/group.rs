//! Groups.

use super::event::{WebhookEvent, WebhookKind};
use super::json::Node;
use super::read::Lenient as _;
use super::walk::Scope;

details! {
    /// A member of a group, or somebody who asked to be one.
    WebhookParticipant {
        /// What you called them by when you added or removed them.
        input: Option<String> = "input",
        /// The phone number.
        wa_id: Option<String> = "wa_id",
        /// The user id.
        user_id: Option<String> = "user_id",
        /// The user name.
        username: Option<String> = "username",
    }
    /// What happened to a group.
    WebhookGroup {
        /// The request of yours that it answers.
        request_id: Option<String> = "request_id",
        /// The group's name.
        subject: Option<String> = "group_subject.text|group_subject.subject|group_subject|subject",
        /// What the group says of itself.
        description: Option<String> = "group_description.text|group_description.description|group_description|description",
        /// The link to join by.
        invite_link: Option<String> = "invite_link",
        /// `auto_approve` or `approval_required`.
        join_approval_mode: Option<String> = "join_approval_mode",
        /// Who asks to join: the id of that request.
        join_request_id: Option<String> = "join_request_id",
        /// How they came: `invite_link`.
        reason: Option<String> = "reason",
        /// Who removed them: `business` or `participant`.
        initiated_by: Option<String> = "initiated_by",
        /// Who came.
        added: Vec<WebhookParticipant> = "added_participants",
        /// Who went.
        removed: Vec<WebhookParticipant> = "removed_participants",
        /// Who could not be added or removed.
        failed: Vec<WebhookParticipant> = "failed_participants",
    }
}

/// An item of `groups`.
pub(super) fn group(scope: &Scope<'_>, item: &Node<'_>) -> WebhookEvent {
    let mut event = scope.event(WebhookKind::Group, item);
    event.r#type = item.text_of("type").unwrap_or_else(|| "unknown".to_owned());
    event.group_id = item.text_of("group_id");
    (event.sender, event.sender_user_id) = (item.text_of("wa_id"), item.text_of("user_id"));
    event.group = WebhookGroup::lenient(item).map(Box::new);
    scope.errors(&mut event, item);
    for part in ["profile_picture", "group_subject", "group_description"] {
        if let Some(part) = item.get(part) {
            scope.errors(&mut event, part);
        }
    }
    for participant in item.items_of("failed_participants") {
        scope.errors(&mut event, participant);
    }
    event
}
