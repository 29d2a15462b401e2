<?php

declare(strict_types=1);

namespace WaCloud\Internal;

use WaCloud\BulkProgress;
use WaCloud\BulkResult;
use WaCloud\Message;
use WaCloud\Native;

/**
 * A bulk on the caller's thread: asks the iterable only for as many messages as core has room for, and between two of its
 * answers tells the results that are there, so that a slow iterable delays no result by more than one step.
 *
 * @internal
 */
final class BulkRun
{
    /**
     * How long messages are gathered before they are handed over together, in nanoseconds: a message should cost a share
     * of a crossing, and none should wait for the next.
     */
    private const GATHER_NS = 5_000_000;

    /** How long the messages in flight are waited for when the loop is left: the default time-out of an attempt. */
    private const LEAVE = 30.0;

    private bool $isStarted = false;

    private bool $isOpen = true;

    private int $room = 1;

    /** Whether nothing is left to be done about it: it has ended, or was interrupted. */
    private bool $isOver = false;

    /** @var list<BulkResult> */
    private array $untold = [];

    /** Whether signal handlers are held back. */
    private bool $held = false;

    /** @var array<string, mixed>|null */
    private ?array $untoldProgress = null;

    /** What the caller's iterable threw. */
    private ?\Throwable $failure = null;

    private function __construct(
        private readonly Native\Bulk $native,
        private readonly \Iterator $messages,
        /** Null without a journal. */
        private readonly ?BulkKeys $keys,
        private readonly TokenSource $tokens,
        /** The caller's function for progress. */
        private readonly ?\Closure $progress,
        private readonly Log $log,
    ) {
    }

    /**
     * @param iterable<mixed, Message|array{string, Message}> $messages
     *
     * @return \Generator<int, BulkResult, mixed, void>
     */
    public static function results(
        Native\Bulk $native,
        iterable $messages,
        ?BulkKeys $keys,
        TokenSource $tokens,
        ?\Closure $progress,
        Log $log,
    ): \Generator {
        return (new self($native, self::iterator($messages), $keys, $tokens, $progress, $log))->run();
    }

    /** @return \Generator<int, BulkResult, mixed, void> */
    private function run(): \Generator
    {
        $result = null;
        $isTold = false;
        try {
            while (($result = $this->take()) !== null) {
                $isTold = true;
                yield $result->index => $result;
                $result = null;
                $isTold = false;
            }
        } catch (\Throwable $interruption) {
            // A signal's handler may also have thrown it here, on the way from one result to the next.
            $this->isOver || $this->interrupted($interruption, $isTold ? null : $result);
            throw $interruption;
        } finally {
            // Neither over nor interrupted: the loop over the results was left.
            $this->isOver || $this->leave();
        }
        if ($this->failure !== null) {
            throw $this->failure;
        }
    }

    /** The next result, or null at the end. */
    private function take(): ?BulkResult
    {
        $result = null;
        try {
            $this->held = Signals::areAsync();
            Signals::hold($this->held);
            while ($this->untold === [] && !$this->isOver) {
                $told = $this->next();
                $this->isOver = $told === null;
                $this->untold = $told ?? [];
                $this->tellProgress();
                Signals::run($this->held);
            }
            $result = array_shift($this->untold);
            Signals::release($this->held);

            return $result;
        } catch (\Throwable $interruption) {
            $this->interrupted($interruption, $result);
            throw $interruption;
        }
    }

    /** Ends the bulk, and adds to what ended it the results that nobody has been told. */
    private function interrupted(\Throwable $interruption, ?BulkResult $taken): void
    {
        $this->isOver = true;
        // The first time what has not started, the second time what is in flight.
        $this->native->cancel();
        $this->native->cancel();
        [$rest, $isAll] = $this->rest(Transport::LAST_WORDS);
        $untold = $taken === null ? $this->untold : [$taken, ...$this->untold];
        Interruption::ofBulk($interruption, [...$untold, ...$rest], $isAll);
        Signals::allow($this->held);
    }

    /**
     * Results as they come, none if there was only something to do, and null at the end.
     *
     * @return list<BulkResult>|null
     */
    private function next(): ?array
    {
        $wantsMore = $this->isOpen && $this->room > 0;
        $text = $this->native->next($wantsMore ? 0.0 : Transport::TICK);
        if ($text === null) {
            $wantsMore && $this->fill();

            return [];
        }
        $told = Json::decode($text);
        $this->log->tell($told);
        if (isset($told['error'])) {
            // The bulk could not begin, or stopped by itself.
            throw Errors::fromCore($told['error'], $this->tokens->failure ?? $this->failure);
        }
        if (isset($told['event'])) {
            $this->native->answer(Signals::within($this->held, $this->tokens->answer(...)));

            return [];
        }
        if (!isset($told['results'])) {
            return isset($told['done']) ? null : [];
        }
        $this->room = $told['room'] ?? 0;
        if (isset($told['stopped'])) {
            $this->isOpen = false;
            $this->native->finish();
        }
        $this->untoldProgress = $told['progress'] ?? null;

        return self::made($told);
    }

    private function tellProgress(): void
    {
        $told = $this->untoldProgress;
        $this->untoldProgress = null;
        if ($told !== null && $this->progress !== null) {
            Signals::within($this->held, fn () => ($this->progress)(BulkProgress::fromCore($told)));
        }
    }

    /** Takes messages for as long as there is room and none has waited too long, and hands them over. */
    private function fill(): void
    {
        $items = [];
        // Files and bytes in them are there for as long as they are, or core has them.
        $messages = [];
        $began = hrtime(true);
        while ($this->isOpen && count($items) < $this->room && hrtime(true) - $began < self::GATHER_NS) {
            try {
                $taken = $this->held ? Signals::within(true, $this->taken(...)) : $this->taken();
                if ($taken !== null) {
                    [$key, $message] = $taken;
                    $messages[] = $message;
                    $items[] = $this->item($key, $message);
                } else {
                    $this->isOpen = false;
                }
            } catch (\Throwable $failure) {
                // Thrown when what was taken before has been told.
                $this->isOpen = false;
                $this->failure = $failure;
            }
        }
        if ($items !== []) {
            $this->room = Json::answer($this->native->push('[' . implode(',', $items) . ']'));
        }
        if (!$this->isOpen) {
            $this->native->finish();
        }
    }

    /**
     * The next message with its key, not before there is room for it: what makes messages should run no further ahead.
     *
     * @return array{mixed, mixed}|null
     */
    private function taken(): ?array
    {
        if ($this->isStarted) {
            $this->messages->next();
        } else {
            $this->isStarted = true;
            $this->messages->rewind();
        }

        return $this->messages->valid() ? [$this->messages->key(), $this->messages->current()] : null;
    }

    /** A message with its key as core's bulk takes it. What is no message ends as a result of its own. */
    private function item(mixed $key, mixed $message): string
    {
        $key = $this->keys === null ? (is_string($key) ? $key : null) : $this->keys->of($key, $message);
        if (BulkKeys::isPair($message)) {
            [$key, $message] = $message;
        }
        if (!$message instanceof Message) {
            return Json::encode(['', ['got' => get_debug_type($message)]]);
        }
        $item = [$message->operation, (object) $message->params];

        return Json::encode($key === null ? $item : [...$item, $key]);
    }

    /** What has not started never will; what is in flight may end. */
    private function leave(): void
    {
        $isAll = false;
        try {
            $this->native->cancel();
            [, $isAll] = $this->rest(self::LEAVE);
        } finally {
            $isAll || $this->native->cancel();
        }
    }

    /**
     * What a cancelled bulk still tells within that time, and whether that is all.
     *
     * @return array{list<BulkResult>, bool}
     */
    private function rest(float $seconds): array
    {
        $rest = [];
        $deadline = hrtime(true) + $seconds * 1e9;
        while (($left = ($deadline - hrtime(true)) / 1e9) > 0) {
            $text = $this->native->next(min($left, Transport::TICK));
            if ($text === null) {
                continue;
            }
            $told = Json::decode($text);
            $this->log->tell($told);
            if (isset($told['results'])) {
                array_push($rest, ...self::made($told));
            } elseif (isset($told['event'])) {
                $this->native->answer(Json::object(['error' => 'the bulk was left']));
            } elseif (isset($told['done']) || isset($told['error'])) {
                return [$rest, true];
            }
        }

        return [$rest, false];
    }

    /**
     * @param array<string, mixed> $told
     *
     * @return list<BulkResult>
     */
    private static function made(array $told): array
    {
        return array_map(BulkResult::fromCore(...), $told['results']);
    }

    private static function iterator(iterable $messages): \Iterator
    {
        return match (true) {
            is_array($messages) => new \ArrayIterator($messages),
            $messages instanceof \Iterator => $messages,
            default => new \IteratorIterator($messages),
        };
    }
}
