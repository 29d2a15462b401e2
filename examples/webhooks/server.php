<?php

// A webhook that answers everybody who writes, for any web server.
//
//     php -S 127.0.0.1:8080 -t examples/webhooks      # and the address for Meta is …/server.php
//
// It takes WA_PHONE_ID, WA_TOKEN, WA_APP_SECRET and WA_VERIFY_TOKEN from the environment, and remembers in INBOX
// (`inbox.db` unless set) what it has worked on.
//
// Events are worked on before Meta gets its 200. What could not be sent is forgotten and answered with a 500, so Meta
// delivers it again; everything else in that delivery is known by then.

declare(strict_types=1);

use WaCloud\Dedup;
use WaCloud\Exception\NotSentError;
use WaCloud\Exception\WebhookSignatureError;
use WaCloud\Exception\WhatsAppError;
use WaCloud\WebhookEvent;
use WaCloud\Webhooks;
use WaCloud\WhatsAppClient;

function work(WhatsAppClient $wa, WebhookEvent $event): void
{
    if ($event->kind === 'message' && !$event->standby) {
        $wa->markRead($event);
        if ($event->type === 'text') {
            $wa->reply($event, "You wrote: {$event->text}", maxWait: 3);
        } elseif ($event->type !== 'reaction') {
            $wa->react($event, '👍', maxWait: 3);
        }
    } elseif ($event->status === 'failed') {
        foreach ($event->errors as $error) {
            error_log("{$event->id} {$error->getMessage()}");
        }
    }
}

function receive(): int
{
    $body = file_get_contents('php://input');
    Webhooks::verify(getenv('WA_APP_SECRET'), $body, $_SERVER['HTTP_X_HUB_SIGNATURE_256'] ?? null);
    $wa = WhatsAppClient::fromEnv();
    $dedup = new Dedup(getenv('INBOX') ?: 'inbox.db');
    $status = 200;
    foreach ($dedup->fresh(Webhooks::parse($body)) as $event) {
        try {
            work($wa, $event);
        } catch (WhatsAppError $error) {
            error_log($error->getMessage());
            if ($error instanceof NotSentError) {
                $dedup->forget([$event]);
                $status = 500;
            }
        }
    }

    return $status;
}

header('Content-Type: text/plain; charset=utf-8');
try {
    if ($_SERVER['REQUEST_METHOD'] === 'GET') {
        echo Webhooks::challenge($_GET, getenv('WA_VERIFY_TOKEN'));
    } else {
        http_response_code(receive());
    }
} catch (WebhookSignatureError $error) {
    http_response_code(403);
    echo $error->getMessage();
}
