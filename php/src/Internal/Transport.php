<?php

declare(strict_types=1);

namespace WaCloud\Internal;

use WaCloud\BulkResult;
use WaCloud\ClientStats;
use WaCloud\PaceReport;
use WaCloud\Exception\WhatsAppError;
use WaCloud\Message;
use WaCloud\Native;
use Psr\Log\LoggerInterface;

/**
 * Calls through the extension: begins them, and waits for them on the caller's thread.
 *
 * @internal
 */
final class Transport
{
    /** How often PHP gets to run its signal handlers while it waits: it cannot within a call of the extension. */
    public const TICK = 0.1;

    /** How long what was cancelled may take to tell how it ended, so that Ctrl-C returns within 0.3 s, a tick included. */
    public const LAST_WORDS = 0.15;

    private function __construct(
        private readonly Native\Client $native,
        private readonly ?\Closure $tokenFunction,
        private readonly Log $log,
    ) {
    }

    /**
     * @param array<string, mixed> $settings In core's names.
     * @param self|null $original What this one is a copy of, to count together with it.
     *
     * @throws WhatsAppError A setting is wrong, or the extension is not there.
     */
    public static function open(#[\SensitiveParameter] array $settings, ?self $original = null): self
    {
        Extension::require();
        $log = new Log(self::logger($settings['logger'] ?? null));
        unset($settings['logger']);
        if ($original !== null) {
            $settings['copy_of'] = $original->look('family');
        }
        $tokenFunction = null;
        $token = $settings['access_token'] ?? null;
        // A string is a token, even one that happens to be the name of a function.
        if (!is_string($token) && is_callable($token)) {
            $tokenFunction = \Closure::fromCallable($token);
            unset($settings['access_token']);
            $settings['token_callback'] = true;
        }
        $native = new Native\Client(Json::object($settings));
        $error = $native->error();
        if ($error !== null) {
            throw Errors::fromCore(Json::decode($error));
        }

        $transport = new self($native, $tokenFunction, $log);
        $log->tell(['log' => $transport->look('warnings')]);

        return $transport;
    }

    private static function logger(mixed $given): ?LoggerInterface
    {
        return $given === null || $given instanceof LoggerInterface ? $given : throw Errors::setting(
            'logger',
            'must be a logger of PSR-3, an object of Psr\\Log\\LoggerInterface (composer require psr/log), got '
                . get_debug_type($given),
        );
    }

    public function stats(): ClientStats
    {
        return ClientStats::fromCore($this->look('stats'));
    }

    public function pace(): PaceReport
    {
        return PaceReport::fromCore($this->look('pace'));
    }

    /** Core's answer to a local question. */
    private function look(string $what): mixed
    {
        return Json::answer($this->native->look(Json::object(['what' => $what])));
    }

    /**
     * Makes a call and waits for its end.
     *
     * @template T
     *
     * @param array<string, mixed> $params In core's names; those that are null were not given.
     * @param array<string, mixed> $options Likewise.
     * @param callable(mixed): T $make Makes the result of what core answers.
     *
     * @return T
     *
     * @throws WhatsAppError
     */
    public function call(string $operation, array $params, array $options, callable $make): mixed
    {
        $upload = $call = $envelope = $error = $result = null;
        $held = Signals::areAsync();
        try {
            Signals::hold($held);
            if (in_array($operation, Upload::OPERATIONS, true)) {
                $upload = new Upload($params);
                [$params, $options] = [$upload->params, $upload->options($options)];
            }
            $paramsJson = Json::given($params);
            $optionsJson = $this->log->asked(Json::given($options));
            $tokens = new TokenSource($this->tokenFunction);
            $call = $this->native->submit($operation, $paramsJson, $optionsJson);
            $envelope = $this->ended($call, $tokens, $upload, $held);
            // Bytes cross beside the JSON.
            if (isset($envelope['bytes'])) {
                $envelope['ok']['data'] = $call->bytes();
            }
            if (isset($envelope['error'])) {
                $isOfMessage = !str_contains($operation, '.') && $operation !== 'mark_read';
                $names = $isOfMessage ? [] : array_keys($params);
                $error = Errors::fromCore($envelope['error'], $tokens->failure, $names);
            } else {
                $result = $make($envelope['ok']);
            }
            Signals::release($held);

            return $error === null ? $result : throw $error;
        } catch (\Throwable $interruption) {
            // Not its own error: what a handler threw.
            if ($call !== null && $interruption !== $error) {
                if ($envelope === null) {
                    $call->cancel();
                    $envelope = $this->lastWords($call);
                }
                Interruption::ofCall($interruption, $envelope, $make);
            }
            Signals::allow($held);
            throw $interruption;
        }
    }

    /**
     * Sends messages as the caller takes results.
     *
     * @param iterable<mixed, Message> $messages
     * @param array<string, mixed> $options In core's names; those that are null were not given. `progress` may be a function.
     *
     * @return \Generator<int, BulkResult, mixed, void>
     */
    public function bulk(mixed $messages, array $options): \Generator
    {
        if (!is_iterable($messages)) {
            throw Errors::setting(
                'messages',
                'must be iterable, an array or a generator of messages, got ' . get_debug_type($messages),
            );
        }
        $held = Signals::areAsync();
        try {
            Signals::hold($held);
            $hasJournal = isset($options['journal']);
            if ($hasJournal && is_array($messages)) {
                BulkKeys::check($messages);
            }
            $progress = $options['progress'];
            // Only where somebody wants to know: a count may cost a query.
            if ($progress && $options['total'] === null && is_countable($messages)) {
                $options['total'] = count($messages);
            }
            if (is_callable($progress)) {
                $options = ['progress' => null, 'progress_callback' => true] + $options;
            }

            return BulkRun::results(
                $this->native->bulk($this->log->asked(Json::given($options))),
                $messages,
                $hasJournal ? new BulkKeys() : null,
                new TokenSource($this->tokenFunction),
                is_callable($progress) ? $progress(...) : null,
                $this->log,
            );
        } finally {
            Signals::allow($held);
        }
    }

    /** @return array<string, mixed> */
    private function ended(Native\Call $call, TokenSource $tokens, ?Upload $upload, bool $held): array
    {
        while (true) {
            $text = $call->wait(self::TICK);
            if ($text === null) {
                Signals::run($held);
                continue;
            }
            $envelope = Json::decode($text);
            $this->log->tell($envelope);
            if (self::isAnswer($envelope)) {
                return $envelope;
            }
            Signals::within($held, function () use ($envelope, $upload, $call, $tokens): void {
                $upload?->tell($envelope);
                if (isset($envelope['event'])) {
                    $call->answer($tokens->answer());
                }
            });
            Signals::run($held);
        }
    }

    /**
     * How a cancelled call ended, if it tells in time.
     *
     * @return array<string, mixed>|null
     */
    private function lastWords(Native\Call $call): ?array
    {
        $deadline = hrtime(true) + self::LAST_WORDS * 1e9;
        while (($left = ($deadline - hrtime(true)) / 1e9) > 0) {
            $text = $call->wait($left);
            if ($text === null) {
                break;
            }
            $envelope = Json::decode($text);
            $this->log->tell($envelope);
            if (self::isAnswer($envelope)) {
                return $envelope;
            }
            if (isset($envelope['event'])) {
                $call->answer(Json::object(['error' => 'the call was cancelled']));
            }
        }

        return null;
    }

    /**
     * Whether the call has ended with this; else it asks something or has something to log.
     *
     * @param array<string, mixed> $envelope
     */
    private static function isAnswer(array $envelope): bool
    {
        return array_key_exists('ok', $envelope) || isset($envelope['error']);
    }
}
