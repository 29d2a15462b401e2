<?php

declare(strict_types=1);

namespace WaCloud\Internal;

/**
 * Seconds, as PHP counts, and milliseconds, as core does.
 *
 * @internal
 */
final class Duration
{
    /** What is no number of milliseconds crosses as it is, and core says so. */
    public static function toMilliseconds(mixed $seconds): mixed
    {
        $isCountable = (is_int($seconds) || is_float($seconds)) && abs($seconds) < PHP_INT_MAX / 1000;

        return $isCountable ? (int) round($seconds * 1000) : $seconds;
    }

    public static function toSeconds(int|float $milliseconds): float
    {
        return $milliseconds / 1000;
    }
}
