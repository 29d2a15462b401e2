<?php

// Uploads the file BENCH_FILE and prints by how many KiB the process grew at most.

declare(strict_types=1);

use WaCloud\WhatsAppClient;

$peak = static function (): int {
    preg_match('/VmHWM:\s*(\d+)/', file_get_contents('/proc/self/status'), $found);

    return (int) $found[1];
};
$wa = WhatsAppClient::fromEnv();
$file = getenv('BENCH_FILE');
$before = $peak();
$wa->media->upload(getenv('BENCH_FORM') === 'stream' ? fopen($file, 'rb') : $file);
echo $peak() - $before, "\n";
