<?php

declare(strict_types=1);

namespace WaCloud;

use WaCloud\Exception\ConfigError;
use WaCloud\Exception\ValidationError;
use WaCloud\Exception\WhatsAppError;
use WaCloud\Internal\Errors;
use WaCloud\Internal\Json;
use WaCloud\Internal\Transport;

/**
 * Sends WhatsApp messages from one business phone number through Meta's Cloud API.
 *
 * ```php
 * $wa = new WhatsAppClient(phoneNumberId: '1065…', accessToken: 'EAAG…');
 * $sent = $wa->sendText('+15550001234', 'Hello');
 * ```
 *
 * Clients with the same settings share their connections and their pace within a process, also over the requests that a
 * php-fpm worker serves. While a call is waited for PHP runs its signal handlers; one that throws ends the call.
 */
class WhatsAppClient
{
    use Internal\ClientSettings;
    use Internal\ClientOperations;

    /** In an object that no dump, cast or trace looks into, because the token is among them. */
    private \SensitiveParameterValue $settings;

    private Transport $transport;

    private bool $isClosed = false;

    /**
     * A client with the phone number id of the environment variable `WA_PHONE_ID` and the token of `WA_TOKEN`, and, where
     * they are set, with `WA_BUSINESS_ACCOUNT_ID`, `WA_BASE_URL` and `WA_API_VERSION`.
     *
     * @param mixed ...$settings Further settings, by name, as the constructor takes them; they come before the environment.
     *
     * @throws ConfigError Variables are missing, all of which it tells, or what one says cannot be.
     */
    public static function fromEnv(#[\SensitiveParameter] mixed ...$settings): self
    {
        $variable = static fn (string $name): ?string => getenv($name) ?: null;
        self::refuseUnknown($settings);

        // Where each setting comes from, unless it was given.
        $sources = [
            'phoneNumberId' => isset($settings['phoneNumberId']) ? null : 'WA_PHONE_ID',
            'accessToken' => isset($settings['accessToken']) ? null : 'WA_TOKEN',
            'businessAccountId' => isset($settings['businessAccountId']) ? null : 'WA_BUSINESS_ACCOUNT_ID',
            'baseUrl' => isset($settings['baseUrl']) ? null : 'WA_BASE_URL',
            'apiVersion' => isset($settings['apiVersion']) ? null : 'WA_API_VERSION',
        ];
        $settings['phoneNumberId'] ??= $variable('WA_PHONE_ID');
        $settings['accessToken'] ??= $variable('WA_TOKEN');
        $settings['businessAccountId'] ??= $variable('WA_BUSINESS_ACCOUNT_ID');
        $settings['baseUrl'] ??= $variable('WA_BASE_URL');
        $settings['apiVersion'] ??= $variable('WA_API_VERSION');

        $needed = ['phone_number_id' => $settings['phoneNumberId'], 'access_token' => $settings['accessToken']];
        $missing = array_keys($needed, null, strict: true);
        if ($missing !== []) {
            // The core tells them, and where they are to be had.
            Transport::open(['missing' => $missing]);
        }

        try {
            return new self(...$settings);
        } catch (ConfigError $error) {
            $name = $sources[$error->setting] ?? null;
            throw $name === null ? $error : Errors::from($name, $error);
        }
    }

    /**
     * The same client for another number: it shares connections, token and what it counts, and keeps the pace of that number.
     * As a property, `$wa->phone`, it is what is about the number itself.
     *
     * @param string $phoneNumberId The id of that number, from Meta's dashboard: all digits, not the number itself.
     *
     * @throws ConfigError It is no such id.
     */
    public function phone(mixed $phoneNumberId): static
    {
        return $this->withOptions(phoneNumberId: $phoneNumberId);
    }

    /**
     * Answers a message: the answer is shown with what it answers quoted above.
     *
     * ```php
     * $wa->reply($event, 'We are on it');
     * ```
     *
     * @param WebhookEvent $event The message that came in, as {@see Webhooks::parse()} gives it.
     * @param string|Message $message A text, or any message. Whom that goes to is its own `to`, which may be the event as
     *     well: `Message::image($event, 'https://…')`.
     * @param float|null $timeout As in {@see send()}.
     * @param float|null $maxWait As in {@see send()}.
     * @param 'urgent'|'normal'|'low'|null $priority As in {@see send()}.
     *
     * @throws ValidationError The event is no message of WhatsApp's, or came to another number than this client's.
     * @throws WhatsAppError
     */
    public function reply(
        WebhookEvent $event,
        mixed $message,
        mixed $timeout = null,
        mixed $maxWait = null,
        mixed $priority = null,
    ): SentMessage {
        $message = is_string($message) ? Message::text($event, $message) : self::message($message);

        return $this->transport()->call(
            $message->operation,
            ['reply_to' => $event] + $message->params,
            self::callOptions($timeout, $maxWait, $priority),
            SentMessage::fromCore(...),
        );
    }

    /**
     * Puts an emoji on the message of an event.
     *
     * @param WebhookEvent $event The message that came in.
     * @param string $emoji One emoji. `removeReaction($event, $event)` takes it off again.
     * @param float|null $timeout As in {@see send()}.
     * @param float|null $maxWait As in {@see send()}.
     * @param 'urgent'|'normal'|'low'|null $priority As in {@see send()}.
     *
     * @throws ValidationError As {@see reply()}.
     * @throws WhatsAppError
     */
    public function react(
        WebhookEvent $event,
        mixed $emoji,
        mixed $timeout = null,
        mixed $maxWait = null,
        mixed $priority = null,
    ): SentMessage {
        return $this->sendReaction(
            $event,
            $event,
            $emoji,
            timeout: $timeout,
            maxWait: $maxWait,
            priority: $priority,
        );
    }

    /**
     * Refuses further calls. Not needed for correctness: nothing has to be flushed, and connections that idle are closed
     * by themselves.
     */
    public function close(): void
    {
        $this->isClosed = true;
    }

    /**
     * Uses another access token from now on; a bulk under way ends with the old one. Copies that were made before
     * (`withOptions`, `phone`) keep theirs: where many are to follow, give them a function.
     *
     * @param string|(callable(): string) $accessToken The new token, or a function that returns it.
     *
     * @throws ConfigError It is no token; the old one stays.
     */
    public function setAccessToken(#[\SensitiveParameter] mixed $accessToken): void
    {
        $copy = $this->withOptions(accessToken: $accessToken);
        $this->settings = $copy->settings;
        $this->transport = $copy->transport;
    }

    /**
     * What this client has done since it was made, together with its copies (`withOptions`). Asks nobody and waits for
     * nothing. After a fork the child counts anew.
     */
    public function stats(): ClientStats
    {
        return $this->transport->stats();
    }

    /**
     * What is going on with the pace of the number: how fast it goes, how many wait, and whether Meta has refused. Asks
     * nobody and waits for nothing: of a Redis server it tells what that said last.
     */
    public function pace(): PaceReport
    {
        return $this->transport->pace();
    }

    /** @return array<string, mixed> The settings that were given, in core's names and without what is secret. */
    public function __debugInfo(): array
    {
        $settings = $this->settings->getValue();

        return ['accessToken' => '…']
            + array_diff_key($settings, ['access_token' => true, 'proxy' => true, 'logger' => true]);
    }

    /** @param array<string, mixed> $settings In core's names; those that are null were not given. */
    private function open(#[\SensitiveParameter] array $settings, ?Transport $original = null): void
    {
        $settings = array_filter($settings, static fn (mixed $value): bool => $value !== null);
        $this->settings = new \SensitiveParameterValue($settings);
        $this->transport = Transport::open($settings, $original);
        $this->isClosed = false;
    }

    /** @param array<string, mixed> $changes In core's names; those that are null stay as they are. */
    private function changed(#[\SensitiveParameter] array $changes): static
    {
        $changes = array_filter($changes, static fn (mixed $value): bool => $value !== null);
        $copy = clone $this;
        $copy->open($changes + $this->settings->getValue(), $this->transport);

        return $copy;
    }

    /**
     * What was given, if it is a message; else core's error about something else in its place, the same as in a bulk.
     *
     * @throws ValidationError It is something else.
     */
    private static function message(mixed $given): Message
    {
        return $given instanceof Message
            ? $given
            : Json::answer(Native\payload('', Json::object(['got' => get_debug_type($given)])));
    }

    /** @param array<int|string, mixed> $settings By name, as `fromEnv` was given them. */
    private static function refuseUnknown(#[\SensitiveParameter] array $settings): void
    {
        $parameters = (new \ReflectionMethod(self::class, '__construct'))->getParameters();
        $known = array_map(static fn (\ReflectionParameter $parameter): string => $parameter->getName(), $parameters);
        foreach (array_diff(array_keys($settings), $known) as $name) {
            $problem = is_int($name) ? 'must be given by name' : 'is not known here; known are ' . implode(', ', $known);
            throw Errors::setting((string) $name, $problem);
        }
    }

    private function transport(): Transport
    {
        return $this->isClosed ? throw Errors::closed() : $this->transport;
    }
}
