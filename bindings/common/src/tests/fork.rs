//! A child as the parent left it. (That a real fork hangs nowhere is for the tests of the languages that fork.)

use super::server::Server;
use super::{LONG, client, config, params, read};
use crate::process::tests::FakeProcess;

#[test]
fn what_was_begun_before_is_answered_at_once_in_the_child_and_ends_in_the_parent() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    let client = client(&fake, &config(&server.url));
    let send = || client.submit("send_text", &params("Hello").to_string(), "{}");
    let bulk = client.bulk("{}");
    server.hold();
    let call = send();
    server.wait_for_requests(1);

    let parent = fake.fork();
    let answer = read(call.wait(LONG));
    assert_eq!(answer["error"]["type"], "DeliveryUnknownError");
    assert_eq!(answer["error"]["reason"], "forked");
    let end = read(bulk.next(LONG));
    assert_eq!(end["error"]["reason"], "forked");
    assert_eq!(read(Some(bulk.push("[]")))["error"]["reason"], "forked");
    call.cancel();
    bulk.cancel();

    let childs = send();
    server.wait_for_requests(2);
    assert_eq!(server.connections(), 2);
    server.release();
    assert_eq!(read(childs.wait(LONG))["ok"]["to"], "+15550001234");

    fake.back_in(parent);
    assert_eq!(read(call.wait(LONG))["ok"]["to"], "+15550001234");
    // Nothing that the child did has reached the parent's bulk.
    bulk.finish();
    assert_eq!(read(bulk.next(LONG))["done"], true);
}
