<?php

/** A request in one of several threads, which ends in another way in each while messages of its are in flight. */

declare(strict_types=1);

use WaCloud\Message;
use WaCloud\WhatsAppClient;

[, $thread, , $url, $phoneNumberId, $token] = $argv;
$wa = new WhatsAppClient(
    phoneNumberId: $phoneNumberId,
    accessToken: $token,
    baseUrl: $url,
    pace: 'process',
    rate: 0.0,
    pairRate: 0.0,
);
$messages = array_map(static fn (int $index): Message => Message::text('+15550001234', "{$thread}/{$index}"), range(1, 50));
foreach ($wa->sendBulk($messages, window: 8) as $index => $result) {
    if ($index < 10) {
        continue;
    }
    switch ($thread % 5) {
        case 1:
            break 2;
        case 2:
            exit(0);
        case 3:
            throw new RuntimeException('left by an exception');
        case 4:
            // Ends the request at once: PHP calls neither `finally` nor destructors after it.
            ini_set('memory_limit', (string) (memory_get_usage(true) + 2_000_000));
            str_repeat('x', 100_000_000);
    }
}
echo "{$thread} to the end\n";
