<?php

// Sends BENCH_MESSAGES texts in bulk, each to somebody else.

declare(strict_types=1);

use WaCloud\Message;
use WaCloud\WhatsAppClient;

$messages = (static function () {
    for ($n = 0; $n < (int) getenv('BENCH_MESSAGES'); $n++) {
        yield Message::text(sprintf('+1212555%04d', $n), 'The shop opens at nine');
    }
})();
foreach (WhatsAppClient::fromEnv()->sendBulk($messages) as $result) {
    if ($result->outcome !== 'accepted') {
        throw $result->error;
    }
}
