<?php

return [
    'redis' => [
        'client' => env('REDIS_CLIENT', 'predis'),
        'options' => ['prefix' => 'orders_database_'],
        'default' => ['url' => env('REDIS_URL')],
    ],
];
