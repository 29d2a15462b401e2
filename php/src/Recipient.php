<?php

declare(strict_types=1);

namespace WaCloud;

/**
 * Who a message goes to, where plain text would leave it to its looks.
 *
 * Plain text does as well: `'+1 555 000 1234'` is a phone number and `'US.1349…'` a business-scoped user id. Groups must
 * be named.
 */
final readonly class Recipient implements \JsonSerializable
{
    /** @param string|array<string, string> $core */
    private function __construct(private string|array $core)
    {
    }

    /** A phone number, `+` or `00` and the country code first. */
    public static function phone(string $number): self
    {
        return new self($number);
    }

    /** A business-scoped user id (`US.1349…`), as webhooks carry it. */
    public static function user(string $userId): self
    {
        return new self(['user' => $userId]);
    }

    /** A group, by the id that Meta gave it. */
    public static function group(string $groupId): self
    {
        return new self(['group' => $groupId]);
    }

    /** @return string|array<string, string> */
    public function jsonSerialize(): string|array
    {
        return $this->core;
    }
}
