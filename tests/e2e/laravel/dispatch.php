<?php

// Puts the jobs of standard input into the queue, a JSON list of lists: the job's arguments.

declare(strict_types=1);

use App\Jobs\SendOrderMessage;
use Illuminate\Contracts\Console\Kernel;

$app = require __DIR__ . '/bootstrap/app.php';
$app->make(Kernel::class)->bootstrap();
foreach (json_decode(stream_get_contents(STDIN), flags: JSON_THROW_ON_ERROR) as $arguments) {
    SendOrderMessage::dispatch(...$arguments);
}
