<?php

declare(strict_types=1);

namespace WaCloud\Internal;

use WaCloud\Exception\ValidationError;

/**
 * Which keys of an iterable are the keys of its messages, where there is a journal: texts are, integers are not.
 *
 * PHP makes an integer of a key like '1041', so one may be the number of an order: dropped, it would let a corrected text go
 * to everybody again. Or it is a place in a list, which may be another message's next time: taken for a key, it would pass
 * for sent who never got anything. So integers are refused unless they are those of a list, which begins at 0 and counts,
 * the texts between them or not, and begins again where `yield from` goes on with another one.
 *
 * @internal
 */
final class BulkKeys
{
    /** The highest place in the list. */
    private int $highest = -1;

    /** How many messages had their turn. */
    private int $count = 0;

    /** How many of them have no key. */
    private int $keyless = 0;

    /**
     * The keys of a whole array, before anything of it is sent.
     *
     * @param array<mixed> $messages
     *
     * @throws ValidationError There are integers among them that are not those of a list.
     */
    public static function check(array $messages): void
    {
        $keys = new self();
        foreach ($messages as $key => $message) {
            $keys->of($key, $message, isWhole: true);
        }
    }

    /** Whether it is a pair of a key and a message. */
    public static function isPair(mixed $message): bool
    {
        return is_array($message) && array_is_list($message) && count($message) === 2;
    }

    /**
     * The key that an iterable gives to this message, which is the next one; null if it gives none.
     *
     * @throws ValidationError It is neither a text nor the next place in a list.
     */
    public function of(mixed $key, mixed $message, bool $isWhole = false): ?string
    {
        $this->count++;
        $isPlace = is_int($key) && $key >= 0 && ($key <= $this->highest + 1 || $key === $this->count - 1);
        if ($isPlace) {
            $this->highest = max($this->highest, $key);
        }
        // A pair has a key of its own, whatever stands in front of it.
        if (self::isPair($message)) {
            return null;
        }
        if ($isPlace || $key === null) {
            $this->keyless++;

            return null;
        }

        return is_string($key) ? $key : throw $this->noPlace($key, $isWhole);
    }

    private function noPlace(mixed $key, bool $isWhole): ValidationError
    {
        $shown = is_int($key) ? (string) $key : get_debug_type($key);
        $text = is_int($key) ? "'{$key}'" : '$key';
        $what = $this->highest < 0
            ? "{$shown} may be your key, or the place in a list that does not begin at 0. If it is a place, "
            : "the integers begin at 0 as the places in a list do, and {$shown} comes where {$this->highest} was the highest. If they are "
                . 'places, ';
        $problem = $what . 'as array_filter() leaves them, give array_values($messages). If they are your keys, say so with pairs: '
            . "[{$text}, \$message]";
        $before = match (true) {
            $this->count === 1 => '',
            $this->keyless === 0 => ' Those before it have keys, and a new run goes on behind them.',
            default => " Before it, {$this->keyless} came without keys: a new run that gives them keys sends them again.",
        };
        $sent = $isWhole
            ? 'Nothing was sent.'
            : "This message ({$this->count} of the iterable) was not sent, and none after it.{$before}";

        return new ValidationError([
            'message' => "key: {$problem}. {$sent}",
            'outcome' => 'not_sent',
            'may_have_been_sent' => false,
            'attempts' => 0,
            'violations' => [['path' => 'key', 'rule' => 'list', 'message' => $problem]],
        ]);
    }
}
