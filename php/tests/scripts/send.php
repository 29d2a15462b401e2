<?php

/** A page that sends a message: it makes its client anew on every request. */

declare(strict_types=1);

$client = new WaCloud\WhatsAppClient(
    phoneNumberId: $_SERVER['WA_PHONE_ID'],
    accessToken: $_SERVER['WA_TOKEN'],
    baseUrl: $_SERVER['WA_BASE_URL'],
);
echo json_encode(['pid' => getmypid(), 'id' => $client->sendText('+15550001234', 'Hello')->id]);
