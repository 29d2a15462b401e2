<?php

return [
    'default' => 'redis',
    'connections' => [
        'redis' => [
            'driver' => 'redis',
            'connection' => 'default',
            'queue' => 'default',
            'retry_after' => (int) env('RETRY_AFTER'),
            'block_for' => null,
        ],
    ],
    // Jobs that failed for good are told in the log.
    'failed' => ['driver' => 'null'],
];
