<?php

declare(strict_types=1);

namespace WaCloud;

/**
 * An image, a document …: a link that Meta fetches, or the id of an upload.
 *
 * Plain text does as well: `https://…` is a link, digits are a media id. Anything else is refused, because text from
 * outside must never read a file.
 */
final readonly class Media implements \JsonSerializable
{
    /** @param array<string, string> $core */
    private function __construct(private array $core)
    {
    }

    /** A link that Meta fetches when the message is sent. */
    public static function link(string $url): self
    {
        return new self(['link' => $url]);
    }

    /** The id of an upload (valid for 30 days) or of received media (7 days). */
    public static function id(string $mediaId): self
    {
        return new self(['id' => $mediaId]);
    }

    /** @return array<string, string> */
    public function jsonSerialize(): array
    {
        return $this->core;
    }
}
