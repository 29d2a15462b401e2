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
     * @param array<string, mixed>|null $body
     *
     * @return array<string, mixed>
     *
     * @throws \RuntimeException The sandbox refuses, or is gone.
     */
    public function request(string $method, string $path, ?array $body = null): array
    {
        $context = stream_context_create(['http' => [
            'method' => $method,
            'header' => 'Content-Type: application/json',
            'content' => $body === null ? '' : json_encode($body, JSON_THROW_ON_ERROR),
            'ignore_errors' => true,
            'timeout' => 30,
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
