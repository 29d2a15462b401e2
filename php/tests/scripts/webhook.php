<?php

// A server for `php -S` that takes webhooks: one line of JSON for each in the file that WEBHOOKS names.

declare(strict_types=1);

if ($_SERVER['REQUEST_METHOD'] === 'GET') {
    // PHP makes underscores of the dots.
    http_response_code($_GET['hub_verify_token'] === 'php-token' ? 200 : 403);
    echo $_GET['hub_challenge'];
    exit;
}
$came = ['signature' => $_SERVER['HTTP_X_HUB_SIGNATURE_256'], 'body' => file_get_contents('php://input')];
file_put_contents(getenv('WEBHOOKS'), json_encode($came) . "\n", FILE_APPEND);
