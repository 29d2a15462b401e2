<?php

/** A request in one of several threads: sends messages, one by one or as a bulk, and prints what it was told of them. */

declare(strict_types=1);

use WaCloud\Message;
use WaCloud\Tests\Support\Logger;
use WaCloud\WhatsAppClient;

require_once __DIR__ . '/../bootstrap.php';

[, $thread, $request, $url, $phoneNumberId, $token, $count] = $argv;
$settings = [
    'phoneNumberId' => $phoneNumberId,
    'baseUrl' => $url,
    'pace' => 'process',
    'rate' => 0.0,
    'pairRate' => 0.0,
];
$texts = array_map(static fn (int $index): string => "{$thread}/{$request}/{$index}", range(1, (int) $count));
$asked = 0;
$logger = new Logger();
$began = hrtime(true);
if ($thread % 2 === 0) {
    // With functions of its own, which no other thread may call.
    $ask = static function () use (&$asked, $token): string {
        $asked++;

        return $token;
    };
    $wa = new WhatsAppClient(...$settings, accessToken: $ask, logger: $logger);
    $ids = array_map(static fn (string $text): string => $wa->sendText('+15550001234', $text)->id, $texts);
} else {
    // With the settings of all other such threads, with which it shares a client for that.
    $wa = new WhatsAppClient(...$settings, accessToken: $token);
    $messages = array_map(static fn (string $text): Message => Message::text('+15550001234', $text), $texts);
    $ids = array_map(
        static fn ($result): string => $result->sent->id,
        iterator_to_array($wa->sendBulk($messages)),
    );
    ksort($ids);
}
echo json_encode([
    'thread' => (int) $thread,
    'began' => $began,
    'ended' => hrtime(true),
    'sent' => array_combine($ids, $texts),
    'asked' => $asked,
    'logged' => $logger->kinds(),
    'masks' => array_map(
        static fn (string $status): string => preg_match('/^Name:\twacloud$.*^SigBlk:\t(\w+)$/ms', $status, $found) ? $found[1] : '',
        array_map(static fn (string $file): string => (string) @file_get_contents($file), glob('/proc/self/task/*/status')),
    ),
]), "\n";
