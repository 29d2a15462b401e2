<?php

// Sends BENCH_MESSAGES texts in bulk at BENCH_RATE, each to somebody else.

declare(strict_types=1);

use WaCloud\Message;
use WaCloud\WhatsAppClient;

$messages = (static function () {
    for ($n = 0; $n < (int) getenv('BENCH_MESSAGES'); $n++) {
        yield Message::text(sprintf('+1%s555%04d', getenv('BENCH_AREA'), $n), 'The shop opens at nine');
    }
})();
$wa = WhatsAppClient::fromEnv(rate: (float) getenv('BENCH_RATE'), paceDir: getenv('BENCH_PACE_DIR'));
foreach ($wa->sendBulk($messages) as $result) {
    if ($result->outcome !== 'accepted') {
        throw $result->error;
    }
}
