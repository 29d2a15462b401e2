<?php

declare(strict_types=1);

namespace WaCloud\Testing;

use WaCloud\WhatsAppClient;

/**
 * The Cloud API on this machine, for tests: strict like Meta, with a ledger of what was accepted and faults on demand.
 *
 * ```php
 * $sandbox = Sandbox::start();
 * $sandbox->client()->sendText('+15550001234', 'Hello');
 * $sandbox->messages()[0]['payload']['text']['body']; // 'Hello'
 * ```
 *
 * It is a process of the `wacloud` command, found through the environment variable `WACLOUD_BIN` or in `PATH`, and stops
 * when this object goes or the process that started it ends.
 */
final class Sandbox
{
    /** @param resource $input Its end stops the sandbox. */
    private function __construct(
        /** Where the API is: the setting `baseUrl`. */
        public readonly string $url,
        /** The access token that it lets in. */
        public readonly string $token,
        /** The id of its phone number. */
        public readonly string $phoneNumberId,
        /** The id of the account that its numbers belong to. */
        public readonly string $businessAccountId,
        /** What signs webhooks, as it was at the start. */
        public readonly string $appSecret,
        /** What the handshake asks with, as it was at the start. */
        public readonly string $verifyToken,
        private readonly ControlApi $api,
        private mixed $process,
        private mixed $input,
        private readonly int $owner,
        private readonly bool $hasPairRate,
    ) {
    }

    /**
     * Starts a sandbox on a free port.
     *
     * @param int|null $rate Messages a second that it allows; 0 for no limit. 80 unless given.
     * @param bool|null $pairRate Whether it allows one recipient one message per 6 s only, after a burst of 45. Yes unless
     *     given.
     * @param float|null $latency Seconds that every answer is held back.
     * @param float|null $jitter Up to so many seconds more, by chance.
     * @param int|null $seed Makes chance repeatable.
     * @param bool|null $window Whether free-form messages need the customer to have written within 24 hours (131047). No
     *     unless given.
     * @param string|null $webhookUrl Where your server takes webhooks, `http://127.0.0.1:8000/webhook.php` as an example. One
     *     that is up already must pass the handshake, one that is not is asked again until it answers. {@see webhook()}
     *     subscribes later.
     * @param string|null $appSecret What signs webhooks; the sandbox's own unless given.
     * @param string|null $verifyToken What the handshake asks with; the sandbox's own unless given.
     * @param string|null $binary The `wacloud` command, where it is neither in `WACLOUD_BIN` nor in `PATH`.
     *
     * @throws \RuntimeException It does not start; the message says why.
     */
    public static function start(
        ?int $rate = null,
        ?bool $pairRate = null,
        ?float $latency = null,
        ?float $jitter = null,
        ?int $seed = null,
        ?bool $window = null,
        ?string $webhookUrl = null,
        ?string $appSecret = null,
        ?string $verifyToken = null,
        ?string $binary = null,
    ): self {
        $binary ??= getenv('WACLOUD_BIN') ?: 'wacloud';
        $command = [$binary, 'sandbox', '--port', '0', '--json', '--exit-with-parent'];
        $onOff = static fn (?bool $value): ?string => match ($value) {
            null => null,
            true => 'on',
            false => 'off',
        };
        $options = [
            '--rate' => $rate,
            '--pair-rate' => $onOff($pairRate),
            '--latency-ms' => $latency === null ? null : (int) round($latency * 1000),
            '--jitter-ms' => $jitter === null ? null : (int) round($jitter * 1000),
            '--seed' => $seed,
            '--window' => $onOff($window),
            '--webhook-url' => $webhookUrl,
            '--app-secret' => $appSecret,
            '--verify-token' => $verifyToken,
        ];
        foreach ($options as $option => $value) {
            if ($value !== null) {
                array_push($command, $option, (string) $value);
            }
        }
        $errors = tmpfile();
        // PHP's warning says less than the exception below.
        $process = @proc_open($command, [['pipe', 'r'], ['pipe', 'w'], $errors], $pipes);
        $ready = $process === false ? null : json_decode((string) fgets($pipes[1]), associative: true);
        if (!is_array($ready)) {
            // The offset 0 of stream_get_contents would not do: that is where PHP believes to be already.
            rewind($errors);
            $said = trim(stream_get_contents($errors)) ?: 'there is no such command. Install wacloud-cli, or '
                . 'say in the environment variable WACLOUD_BIN where it is';
            throw new \RuntimeException("The sandbox (\"{$binary}\") did not start: {$said}.");
        }

        return new self(
            url: $ready['url'],
            token: $ready['token'],
            phoneNumberId: $ready['phone_number_id'],
            businessAccountId: $ready['business_account_id'],
            appSecret: $ready['app_secret'],
            verifyToken: $ready['verify_token'],
            api: new ControlApi($ready['url']),
            process: $process,
            input: $pipes[0],
            owner: getmypid(),
            hasPairRate: $pairRate ?? true,
        );
    }

    /**
     * A client of this sandbox, which keeps to one recipient's limit where the sandbox has it. Its pace is its process's
     * own unless `pace` says otherwise: ports come again, and another sandbox on the same one must not find what was sent
     * to this one.
     *
     * @param mixed ...$settings Further settings, by name, as {@see WhatsAppClient} takes them.
     */
    public function client(mixed ...$settings): WhatsAppClient
    {
        return new WhatsAppClient(...($settings + [
            'phoneNumberId' => $this->phoneNumberId,
            'businessAccountId' => $this->businessAccountId,
            'accessToken' => $this->token,
            'baseUrl' => $this->url,
            'pace' => 'process',
        ] + ($this->hasPairRate ? [] : ['pairRate' => 0.0])));
    }

    /**
     * What was accepted, in order: `id`, `to`, `wa_id`, `type`, `tracker`, `status`, `payload` …
     *
     * @return list<array<string, mixed>>
     */
    public function messages(): array
    {
        return $this->api->request('GET', 'messages')['messages'];
    }

    /**
     * All requests that reached the API, in order: `method`, `path`, `headers`, `body`, `status`, `fault`.
     *
     * @return list<array<string, mixed>>
     */
    public function requests(): array
    {
        return $this->api->request('GET', 'requests')['requests'];
    }

    /**
     * Settings and counters.
     *
     * @return array<string, mixed>
     */
    public function state(): array
    {
        return $this->api->request('GET', 'state');
    }

    /**
     * Makes coming requests fail: `['kind' => 'graph_error', 'code' => 131056]`, `['kind' => 'reset_after', 'times' => 2]`.
     *
     * @param array<string, mixed> $fault As the sandbox's documentation names its members.
     */
    public function fault(array $fault): void
    {
        $this->api->request('POST', 'faults', $fault);
    }

    /**
     * Subscribes your server to webhooks, which makes the handshake with it.
     *
     * @param string $url Where your server takes webhooks; plain `http` only. It has to run in another process.
     * @param mixed ...$settings How they are sent, by the sandbox's own names: `app_secret`, `verify_token`, `statuses`
     *     (`['sent', 'delivered', 'read']` unless given), `status_delay_ms`, `first_retry_ms`, `batch`, `repeat`, `shuffle`,
     *     `wrong_signature` …
     *
     * @return array<string, mixed> All of them, and whether it is `subscribed`.
     *
     * @throws \RuntimeException The handshake failed, or a setting makes no sense. Nothing is changed.
     */
    public function webhook(string $url, mixed ...$settings): array
    {
        return $this->api->request('PUT', 'webhook', ['url' => $url] + $settings);
    }

    /**
     * Writes a message as a customer: your webhook is told, and the customer's service window opens.
     *
     * ```php
     * $sandbox->customer('+15550001234', text: 'Hello', name: 'Ana');
     * ```
     *
     * @param string $from The customer's number, or user id (`US.13491208655302741918`) if the number is hidden.
     * @param mixed ...$message The content by its kind, `text: 'Hello'`, `image: ['caption' => 'Look']`, `button_reply: 'yes'` …,
     *     or `type: 'sticker'` for one as the sandbox makes it; and as far as wanted `name`, `username`, `reply_to` (a message
     *     id), `context`, `referral`.
     *
     * @return array<string, mixed> What was written, with its `id`.
     *
     * @throws \RuntimeException The sandbox does not understand the message.
     */
    public function customer(string $from, mixed ...$message): array
    {
        return $this->api->request('POST', 'customer', ['from' => $from] + $message);
    }

    /**
     * Signs any payload and sends it to your webhook.
     *
     * @param string|array<string, mixed> $payload A string is sent as it is, an array as JSON.
     *
     * @return int The index of the POST.
     */
    public function postWebhook(string|array $payload): int
    {
        return $this->api->request('POST', 'webhooks', $payload)['index'];
    }

    /**
     * The POSTs to your webhook, in order: `payload`, `state`, `sent`, `attempts` …
     *
     * @param string|null $state Only those that are `pending`, `delivered` or `given_up`.
     *
     * @return list<array<string, mixed>>
     */
    public function webhooks(?string $state = null): array
    {
        return $this->api->request('GET', 'webhooks' . ($state === null ? '' : "?state={$state}"))['webhooks'];
    }

    /**
     * Has everything sent that waits (statuses that would come later, held batches, repeats), and waits until your server has
     * answered all with 200.
     *
     * @param float $timeout Seconds to wait.
     *
     * @throws \RuntimeException Something is not answered with 200 yet. It stays, and is repeated.
     */
    public function flushWebhooks(float $timeout = 10.0): void
    {
        $body = ['timeout_ms' => (int) round($timeout * 1000)];
        $pending = $this->api->request('POST', 'webhooks/flush', $body, patience: $timeout)['pending'];
        if ($pending > 0) {
            throw new \RuntimeException("{$pending} webhooks were not answered with 200 within {$timeout} s.");
        }
    }

    /** Moves its clock forward by so many seconds: windows close, limits recover, what waits becomes due. */
    public function advanceClock(float $seconds): void
    {
        $this->api->request('POST', 'clock', ['advance_ms' => (int) round($seconds * 1000)]);
    }

    /** Forgets all messages, requests, faults and webhooks. */
    public function reset(): void
    {
        $this->api->request('POST', 'reset');
    }

    /**
     * Changes settings while it runs, and returns all of them.
     *
     * @param array<string, mixed> $changes As the sandbox's documentation names them, times in milliseconds (`latency_ms`).
     *
     * @return array<string, mixed>
     */
    public function settings(array $changes = []): array
    {
        return $changes === []
            ? $this->api->request('GET', 'settings')
            : $this->api->request('PUT', 'settings', $changes);
    }

    /** Stops it and waits for its end. */
    public function stop(): void
    {
        // A forked child has copies of these, and the sandbox is its parent's.
        if ($this->process === null || getmypid() !== $this->owner) {
            return;
        }
        fclose($this->input);
        proc_terminate($this->process);
        proc_close($this->process);
        $this->process = null;
    }

    public function __destruct()
    {
        $this->stop();
    }
}
