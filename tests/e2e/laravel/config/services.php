<?php

return [
    'whatsapp' => [
        'phone_id' => env('WA_PHONE_ID'),
        'token' => env('WA_TOKEN'),
        'base_url' => env('WA_BASE_URL'),
        'journal' => env('WA_JOURNAL'),
    ],
];
