<?php

declare(strict_types=1);

namespace WaCloud;

use WaCloud\Exception\ConfigError;
use WaCloud\Exception\ValidationError;
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
     * they are set, with `WA_BASE_URL` and `WA_API_VERSION`.
     *
     * @param mixed ...$settings Further settings, by name, as the constructor takes them; they come before the environment.
     *
     * @throws ConfigError A variable is missing, or what it says cannot be.
     */
    public static function fromEnv(#[\SensitiveParameter] mixed ...$settings): self
    {
        $variable = static fn (string $name): ?string => getenv($name) ?: null;
        $required = static fn (string $name): string => $variable($name)
            ?? throw Errors::setting($name, 'the environment variable is not set');
        self::refuseUnknown($settings);

        // Where each setting comes from, unless it was given.
        $sources = [
            'phoneNumberId' => isset($settings['phoneNumberId']) ? null : 'WA_PHONE_ID',
            'accessToken' => isset($settings['accessToken']) ? null : 'WA_TOKEN',
            'baseUrl' => isset($settings['baseUrl']) ? null : 'WA_BASE_URL',
            'apiVersion' => isset($settings['apiVersion']) ? null : 'WA_API_VERSION',
        ];
        $settings['phoneNumberId'] ??= $required('WA_PHONE_ID');
        $settings['accessToken'] ??= $required('WA_TOKEN');
        $settings['baseUrl'] ??= $variable('WA_BASE_URL');
        $settings['apiVersion'] ??= $variable('WA_API_VERSION');

        try {
            return new self(...$settings);
        } catch (ConfigError $error) {
            $name = $sources[$error->setting] ?? null;
            throw $name === null ? $error : Errors::from($name, $error);
        }
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

    private function transport(): Transport
    {
        return $this->isClosed ? throw Errors::closed() : $this->transport;
    }
}
