<?php

// Sends one message of each kind. `make demo` runs it against a local Cloud API.

declare(strict_types=1);

use WaCloud\Media;
use WaCloud\WhatsAppClient;

$to = '+1 (212) 555-0101';
$wa = WhatsAppClient::fromEnv();

// What the Cloud API keeps beside the message: here the language and the kind, for the table.
$tracker = static fn (string $kind): string => "php/{$kind}";

$wa->sendText($to, 'Zoë, your parcel is here 📦', tracker: $tracker('text'));
$wa->sendReaction($to, 'wamid.received', '👍', tracker: $tracker('reaction'));
$wa->sendImage($to, 'https://example.com/parcel.jpg', caption: 'At the door', tracker: $tracker('image'));
$wa->sendDocument(
    $to,
    Media::link('https://example.com/1042.pdf'),
    filename: 'invoice-1042.pdf',
    tracker: $tracker('document'),
);
$wa->sendLocation(
    $to,
    48.2082,
    16.3738,
    name: 'Our shop',
    address: 'Stephansplatz 1',
    tracker: $tracker('location'),
);
$wa->sendButtons(
    $to,
    'Shall we come on Friday?',
    [['id' => 'yes', 'title' => 'Yes'], ['id' => 'no', 'title' => 'No']],
    footer: 'Answer by 6 pm',
    tracker: $tracker('buttons'),
);
$wa->sendList(
    $to,
    'When may we come?',
    'Choose a time',
    [
        ['title' => 'Friday', 'rows' => [['id' => 'f9', 'title' => '9:00', 'description' => 'one hour']]],
        ['title' => 'Monday', 'rows' => [['id' => 'm9', 'title' => '9:00'], ['id' => 'm4', 'title' => '16:00']]],
    ],
    tracker: $tracker('list'),
);
$wa->sendTemplate($to, 'order_update', 'en_US', body: ['Zoë', '#1042'], tracker: $tracker('template, positional'));
$wa->sendTemplate(
    $to,
    'order_update_named',
    'en_US',
    body: ['name' => 'Zoë', 'order' => '#1042'],
    tracker: $tracker('template, named'),
);
$wa->sendTemplate(
    $to,
    'appointment',
    'en_US',
    header: 'Stephansplatz 1',
    body: ['Zoë', 'Friday, 4 pm'],
    tracker: $tracker('template, header'),
);
$wa->sendTemplate(
    $to,
    'promo',
    'en_US',
    header: ['image' => 'https://example.com/promo.jpg'],
    body: ['Zoë'],
    buttons: [['index' => 0, 'url' => 'zoe-42'], ['index' => 1, 'copy_code' => 'SAVE10']],
    tracker: $tracker('template, buttons'),
);
$wa->markRead('wamid.received/php');
