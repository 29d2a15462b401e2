<?php

// Sends what it is told on standard input and tells what became of it: tests/rust/chance.rs, tests/e2e/senders.py.

declare(strict_types=1);

use WaCloud\Exception\WhatsAppError;
use WaCloud\Message;
use WaCloud\SentMessage;
use WaCloud\WhatsAppClient;

/** @return array<string, mixed> With PHP's names; durations are in seconds. */
function settings(array $given): array
{
    $settings = [];
    foreach ($given as $name => $value) {
        $isDuration = str_ends_with($name, '_ms');
        $name = lcfirst(str_replace('_', '', ucwords($isDuration ? substr($name, 0, -3) : $name, '_')));
        $settings[$name] = $isDuration ? $value / 1000 : $value;
    }

    return $settings;
}

function tell(array $text, string $outcome, ?SentMessage $sent, ?WhatsAppError $error): void
{
    if ($sent === null && $error?->outcome !== $outcome) {
        throw new LogicException("{$outcome} is not the error's outcome");
    }
    $attempts = $sent !== null ? $sent->meta->attempts : $error->attempts;
    echo json_encode(['tracker' => $text['tracker'], 'outcome' => $outcome, 'attempts' => $attempts]), "\n";
}

while (($line = fgets(STDIN)) !== false) {
    $task = json_decode($line, true, flags: JSON_THROW_ON_ERROR);
    $wa = new WhatsAppClient(...settings($task['settings']));
    foreach ($task['single'] as $text) {
        try {
            $sent = $wa->sendText($text['to'], $text['body'], tracker: $text['tracker']);
            tell($text, 'accepted', $sent, null);
        } catch (WhatsAppError $error) {
            tell($text, $error->outcome, null, $error);
        }
    }
    $messages = array_map(
        static fn (array $text): Message => Message::text($text['to'], $text['body'], tracker: $text['tracker']),
        $task['bulk'],
    );
    foreach ($wa->sendBulk($messages) as $index => $result) {
        tell($task['bulk'][$index], $result->outcome, $result->sent, $result->error);
    }
    echo "\"done\"\n";
}
