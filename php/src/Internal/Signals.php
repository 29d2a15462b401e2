<?php

declare(strict_types=1);

namespace WaCloud\Internal;

/**
 * Says when PHP may run its signal handlers during a call: between two looks at it, and in the caller's own code (an iterable,
 * a token function, `progress`), never in ours.
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
    /**
     * Holds handlers back, if they would run anywhere.
     *
     * @return bool Whether they would; for the other functions.
     */
    public static function hold(): bool
    {
        if (!function_exists('pcntl_async_signals') || !pcntl_async_signals()) {
            return false;
        }
        pcntl_async_signals(false);

        return true;
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
