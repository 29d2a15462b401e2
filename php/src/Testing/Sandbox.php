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
        ?string $binary = null,
    ): self {
        $binary ??= getenv('WACLOUD_BIN') ?: 'wacloud';
        $command = [$binary, 'sandbox', '--port', '0', '--json', '--exit-with-parent'];
        $options = [
            '--rate' => $rate,
            '--pair-rate' => match ($pairRate) {
                null => null,
                true => 'on',
                false => 'off',
            },
            '--latency-ms' => $latency === null ? null : (int) round($latency * 1000),
            '--jitter-ms' => $jitter === null ? null : (int) round($jitter * 1000),
            '--seed' => $seed,
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
            $said = trim(stream_get_contents($errors, offset: 0)) ?: 'there is no such command. Install wacloud-cli, or '
                . 'say in the environment variable WACLOUD_BIN where it is';
            throw new \RuntimeException("The sandbox (\"{$binary}\") did not start: {$said}.");
        }

        return new self(
            url: $ready['url'],
            token: $ready['token'],
            phoneNumberId: $ready['phone_number_id'],
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
            'accessToken' => $this->token,
            'baseUrl' => $this->url,
            'pace' => 'process',
        ] + ($this->hasPairRate ? [] : ['pairRate' => 0.0])));
    }

    /**
     * What was accepted, in order: `id`, `to`, `wa_id`, `type`, `tracker`, `payload` …
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

    /** Forgets all messages, requests and faults. */
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
