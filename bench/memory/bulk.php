<?php

// Sends BENCH_MESSAGES texts in bulk and prints by how many KiB the process grew at most.

declare(strict_types=1);

use WaCloud\Message;
use WaCloud\WhatsAppClient;

$peak = static function (): int {
    preg_match('/VmHWM:\s*(\d+)/', file_get_contents('/proc/self/status'), $found);

    return (int) $found[1];
};
$messages = (static function () {
    for ($n = 0; $n < (int) getenv('BENCH_MESSAGES'); $n++) {
        yield Message::text(sprintf('+1212%07d', $n), 'The shop opens at nine');
    }
})();
$wa = WhatsAppClient::fromEnv(rate: 0.0, pairRate: 0.0);
$before = $peak();
foreach ($wa->sendBulk($messages) as $result) {
    if ($result->outcome !== 'accepted') {
        throw $result->error;
    }
}
echo $peak() - $before, "\n";
