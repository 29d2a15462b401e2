<?php

// A campaign that can be killed at any moment: see campaign.py. For test_kill.py.

declare(strict_types=1);

use WaCloud\Message;
use WaCloud\WhatsAppClient;

/** @return array<string, mixed> With PHP's names. */
function named(array $given): array
{
    $named = [];
    foreach ($given as $name => $value) {
        $named[lcfirst(str_replace('_', '', ucwords($name, '_')))] = $value;
    }

    return $named;
}

function messages(array $given): Generator
{
    foreach ($given as $place => [$to, $text, $key]) {
        yield $key ?? $place => Message::text($to, $text);
    }
}

$task = json_decode(stream_get_contents(STDIN), true, flags: JSON_THROW_ON_ERROR);
$wa = new WhatsAppClient(...named($task['settings']));
foreach ($wa->sendBulk(messages($task['messages']), ...named($task['options'])) as $result) {
    echo json_encode([$result->index, $result->key, $result->outcome, $result->replayed]), "\n";
}
echo "\"done\"\n";
