<?php

declare(strict_types=1);

namespace WaCloud;

use WaCloud\Exception\ValidationError;
use WaCloud\Exception\WebhookSignatureError;
use WaCloud\Internal\Extension;
use WaCloud\Internal\Json;

/** What Meta tells by webhook, for any web framework. */
final class Webhooks
{
    private function __construct()
    {
    }

    /**
     * Answers the GET with which Meta makes sure that an address is yours.
     *
     * @param string|array<string, mixed>|null $query The query of the request: its text, or its members by name: `$_GET`,
     *     in which PHP has made `hub_mode` of `hub.mode`.
     * @param string|null $verifyToken The word that you have given Meta together with the address.
     *
     * @return string The whole body of the answer, to be sent as plain text with status 200.
     *
     * @throws WebhookSignatureError It is no such request (its `reason` is `missing`), it has another token (`mismatch`),
     *     or `$verifyToken` is empty (`secret`). Answer 403.
     */
    public static function challenge(string|array|null $query, #[\SensitiveParameter] ?string $verifyToken): string
    {
        $query = is_array($query) ? (object) $query : $query ?? '';

        return self::ask('challenge', ['query' => $query, 'verify_token' => $verifyToken]);
    }

    /**
     * Checks that a delivery comes from Meta.
     *
     * @param string|list<string>|null $appSecret The secret of your app, or several, where one is being exchanged or
     *     several apps deliver to one address.
     * @param string $rawBody The bytes of the body as they arrived: `file_get_contents('php://input')`. JSON that was read
     *     and written again has another signature.
     * @param string|list<string>|null $header The request's `X-Hub-Signature-256`
     *     (`$_SERVER['HTTP_X_HUB_SIGNATURE_256'] ?? null`).
     *
     * @throws WebhookSignatureError There is no header (its `reason` is `missing`), it has another form (`malformed`), it
     *     does not fit secret and body (`mismatch`), or there is no secret (`secret`). Answer 401 or 403.
     * @throws ValidationError `$rawBody` is no text.
     */
    public static function verify(
        #[\SensitiveParameter] string|array|null $appSecret,
        mixed $rawBody,
        string|array|null $header,
    ): void {
        $secrets = is_array($appSecret) ? array_values($appSecret) : $appSecret;
        self::ask('verify', ['app_secrets' => $secrets, 'header' => $header], self::bytes($rawBody));
    }

    /**
     * Makes events of a delivery: one for every message, status, call and change in it, in their order.
     *
     * Nothing is left out. What has no name here is an event of kind `other`, a part that is not as it should be takes
     * nothing else with it, and `raw` has each item as it was received; an empty object in it is a `stdClass`. Check the
     * delivery first, with {@see verify()}.
     *
     * @param string $rawBody The bytes of the body as they arrived: `file_get_contents('php://input')`.
     *
     * @return list<WebhookEvent>
     *
     * @throws ValidationError It is no JSON, neither an object nor a list, nested more than 100 levels deep, or more than
     *     100,000 events.
     */
    public static function parse(mixed $rawBody): array
    {
        $body = self::bytes($rawBody);
        $told = self::ask('parse', null, $body);
        // Where it was not well-formed, what core has made of it.
        $body = array_shift($told) ?? $body;
        $events = [];
        foreach (array_chunk($told, 4) as [$values, $names, $start, $end]) {
            $event = array_combine(explode(' ', $names), $values);
            $event['raw'] = Json::item(substr($body, $start, $end - $start));
            $events[] = WebhookEvent::fromCore($event);
        }

        return $events;
    }

    /** @param array<string, mixed>|null $arguments */
    private static function ask(string $function, #[\SensitiveParameter] ?array $arguments, string $body = ''): mixed
    {
        Extension::require();

        return Json::answer(Native\webhook($function, $arguments === null ? '' : Json::object($arguments), $body));
    }

    private static function bytes(mixed $body): string
    {
        return match (true) {
            is_string($body) => $body,
            $body instanceof \Stringable => (string) $body,
            default => self::ask('refuse', ['got' => get_debug_type($body)]),
        };
    }
}
