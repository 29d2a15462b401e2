<?php

declare(strict_types=1);

namespace WaCloud\Internal;

/**
 * Answers core's questions for an access token from the caller's function, on the caller's thread.
 *
 * @internal
 */
final class TokenSource
{
    /** What the function threw last, for the exception that follows from it. */
    public ?\Throwable $failure = null;

    public function __construct(private readonly ?\Closure $function)
    {
    }

    /** The answer as core reads it. */
    public function answer(): string
    {
        if ($this->function === null) {
            return Json::object(['error' => 'there is no token function']);
        }
        try {
            $token = ($this->function)();
        } catch (\Throwable $failure) {
            $this->failure = $failure;

            // Only the class crosses: the text of a stranger's exception may hold secrets, and what crosses is logged.
            return Json::object(['error' => 'the token function threw ' . $failure::class]);
        }

        return is_string($token)
            ? Json::object(['token' => $token])
            : Json::object(['error' => 'the token function returned ' . get_debug_type($token) . ', not a string']);
    }
}
