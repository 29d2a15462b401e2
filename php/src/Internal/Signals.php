<?php

declare(strict_types=1);

namespace WaCloud\Internal;

/**
 * Says when PHP may run its signal handlers during a call: between two looks at it, and in the caller's own code (an iterable,
 * a token function, `progress`), not in ours while there is something to lose.
 *
 * With `pcntl_async_signals(true)` a handler may run between any two steps of a function, and what it throws comes out there:
 * after a call has begun and before anybody holds it, or after its answer has come and before anybody has read it. What
 * became of the message would be lost. PHP 8.2 itself also frees arrays twice now and then when a handler throws in the
 * middle of a function, and crashes; that needs no extension.
 *
 * @internal
 */
final class Signals
{
    /** Whether handlers would run anywhere; for the other functions. */
    public static function areAsync(): bool
    {
        return function_exists('pcntl_async_signals') && pcntl_async_signals();
    }

    /**
     * Holds handlers back, if they would run anywhere. The last one may still run here, when they are held already, and what
     * it throws comes out: whoever calls this sees to it that `allow` follows.
     */
    public static function hold(bool $areAsync): void
    {
        $areAsync && pcntl_async_signals(false);
    }

    /** Runs the handlers of signals that have come. What they throw comes out here. */
    public static function run(bool $held): void
    {
        $held && pcntl_signal_dispatch();
    }

    /** Lets handlers run anywhere again. */
    public static function allow(bool $held): void
    {
        $held && pcntl_async_signals(true);
    }

    /** The same, and runs those of signals that have come. What they throw comes out here. */
    public static function release(bool $held): void
    {
        self::allow($held);
        self::run($held);
    }

    /**
     * Runs the caller's own code, in which handlers may run anywhere, as they do without us.
     *
     * @template T
     *
     * @param callable(): T $code
     *
     * @return T
     */
    public static function within(bool $held, callable $code): mixed
    {
        if (!$held) {
            return $code();
        }
        try {
            pcntl_async_signals(true);

            return $code();
        } finally {
            pcntl_async_signals(false);
        }
    }
}
