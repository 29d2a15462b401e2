<?php

declare(strict_types=1);

namespace WaCloud\Testing;

/**
 * The sandbox's own API, over PHP's streams.
 *
 * @internal
 */
final readonly class ControlApi
{
    public function __construct(private string $url)
    {
    }

    /**
     * @param array<string, mixed>|string|null $body A string goes as it is, an array as JSON.
     * @param float $patience Seconds that the sandbox may take in addition to the usual ones.
     *
     * @return array<string, mixed>
     *
     * @throws \RuntimeException The sandbox refuses, or is gone.
     */
    public function request(string $method, string $path, array|string|null $body = null, float $patience = 0.0): array
    {
        $context = stream_context_create(['http' => [
            'method' => $method,
            'header' => 'Content-Type: application/json',
            'content' => is_array($body) ? json_encode($body, JSON_THROW_ON_ERROR) : (string) $body,
            'ignore_errors' => true,
            'timeout' => 30 + $patience,
        ]]);
        $answer = @file_get_contents("{$this->url}/_sandbox/{$path}", context: $context);
        if ($answer === false) {
            throw new \RuntimeException("The sandbox at {$this->url} does not answer: " . error_get_last()['message']);
        }
        $answer = json_decode($answer, associative: true, flags: JSON_THROW_ON_ERROR);
        if (isset($answer['error'])) {
            throw new \RuntimeException("The sandbox refuses {$method} {$path}: {$answer['error']}");
        }

        return $answer;
    }
}
